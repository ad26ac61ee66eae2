//! The inventory of a fleet, in the columns that slaudit reads.

use crate::fleet::{Fleet, Running};

const HEADER: &str = "name,address,port,site,role,platform,expect_transport,expect_url,topology,serial,scenario\n";

impl Fleet {
    /// The inventory that matches the devices, with the expectations that are right for each scenario.
    pub fn inventory_csv(&self) -> String {
        csv(self.devices())
    }
}

/// One row per device.
fn csv(devices: &[Running]) -> String {
    devices.iter().fold(HEADER.to_owned(), |mut text, device| {
        let right = &device.inventory;
        let fields = [
            device.name.as_str(),
            &device.address.ip().to_string(),
            &device.address.port().to_string(),
            &device.site,
            &device.role,
            &right.platform,
            &right.transport,
            &right.url,
            &right.topology,
            // What is no Cisco device has no serial number to be recognised by.
            if right.platform == "iosxe" { &device.serial } else { "" },
            &device.scenario,
        ];
        text += &fields.map(field).join(",");
        text.push('\n');
        text
    })
}

fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_would_break_a_row() {
        assert_eq!(field("sw01"), "sw01");
        assert_eq!(field("a,\"b\""), "\"a,\"\"b\"\"\"");
    }
}
