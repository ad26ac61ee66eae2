//! `--hosts`: devices named on the command line, in a file or on standard input.
//!
//! ```text
//! --hosts sw1,ops@sw2:2222,[2001:db8::1]:22,@more.txt,-
//! ```
//!
//! With an inventory the entries choose from it, by name or address, and bring in what it does not hold; nobody else is
//! contacted. `more.txt` holds one entry a line, or several with commas; `#` starts a comment.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::csv::{decode, endpoint, read as read_file};
use super::{Device, Inventory, InventoryErrors, Loaded, Problem, Target, TargetError};

/// The devices that `hosts` names. `stdin` is read where an entry is `-`.
///
/// Every wrong entry is an error of its own, with the file's line where it stands in a file. The same device named twice is
/// one device, and a warning.
pub fn read(hosts: &str, stdin: &mut dyn Read, inventory: Option<&Inventory>) -> Result<Loaded, InventoryErrors> {
    let mut list = List::default();
    let source: Arc<str> = "--hosts".into();
    for text in hosts.split(',').map(str::trim).filter(|text| !text.is_empty()) {
        match text.strip_prefix('@') {
            Some(path) => list.add_file(Path::new(path)),
            None if text == "-" => list.add_stdin(stdin),
            None => list.entries.push(Entry { text: text.to_owned(), source: Arc::clone(&source), row: None }),
        }
    }
    if list.entries.is_empty() && list.errors.is_empty() {
        list.errors.push(Problem::of(&source, "names no host; write name, name:port, user@name:port or @FILE"));
    }
    let extra_columns = inventory.map(|inventory| inventory.extra_columns.clone()).unwrap_or_default();
    let mut chosen = Inventory { devices: Vec::new(), extra_columns };
    let mut seen: HashMap<_, Device> = HashMap::new();
    let mut warnings = Vec::new();
    for entry in &list.entries {
        let device = match entry.device(inventory) {
            Ok(device) => device,
            Err(problem) => {
                list.errors.push(problem);
                continue;
            }
        };
        match seen.get(&endpoint(&device)) {
            None => {
                seen.insert(endpoint(&device), device.clone());
                chosen.devices.push(device);
            }
            Some(first) if first.user == device.user => {
                warnings.push(entry.problem("is named twice; it is asked once".to_owned()));
            }
            Some(_) => {
                list.errors.push(entry.problem("is named twice, with different accounts; choose one".to_owned()));
            }
        }
    }
    if list.errors.is_empty() {
        Ok(Loaded { inventory: chosen, warnings })
    } else {
        Err(InventoryErrors { problems: list.errors })
    }
}

/// One name, and where it stands.
struct Entry {
    text: String,
    source: Arc<str>,
    row: Option<u64>,
}

impl Entry {
    fn problem(&self, what: String) -> Problem {
        Problem { row: self.row, ..Problem::of(&self.source, what).value(&self.text) }
    }

    /// The inventory's row, with the entry's account and port over it, or a device of its own.
    fn device(&self, inventory: Option<&Inventory>) -> Result<Device, Problem> {
        // A name may hold what no target may, a blank for example.
        if let Some(device) = inventory.and_then(|inventory| inventory.find(&self.text)) {
            return Ok(device.clone());
        }
        if self.text.starts_with('@') || self.text == "-" {
            return Err(self.problem("a list of hosts names no other list; write it into --hosts".to_owned()));
        }
        let target = self.text.parse::<Target>().map_err(|error| match error {
            TargetError::Password => Problem { value: None, ..self.problem(error.to_string()) },
            error => self.problem(error.to_string()),
        })?;
        let mut device = match inventory {
            Some(inventory) => self.find(&target, inventory)?.cloned(),
            None => None,
        }
        .unwrap_or_else(|| on_its_own(&target, inventory));
        device.port = target.port.unwrap_or(device.port);
        device.user = target.user.or(device.user);
        Ok(device)
    }

    fn find<'i>(&self, target: &Target, inventory: &'i Inventory) -> Result<Option<&'i Device>, Problem> {
        if let Some(device) = inventory.find(&target.host) {
            return Ok(Some(device));
        }
        let has_address = |device: &&Device| {
            device.address.eq_ignore_ascii_case(&target.host) && target.port.is_none_or(|port| port == device.port)
        };
        let mut found = inventory.devices.iter().filter(has_address);
        match (found.next(), found.next()) {
            (Some(one), Some(other)) => {
                let what = format!("is the address of {} and of {}; name one of them", one.name, other.name);
                Err(self.problem(what))
            }
            (one, _) => Ok(one),
        }
    }
}

/// A device no inventory knows. The port is part of its name where it is not 22: two ports of one host are two devices.
fn on_its_own(target: &Target, inventory: Option<&Inventory>) -> Device {
    let port = target.port.filter(|port| *port != 22);
    let mut device = Device::named(&target.host);
    device.name = Target { user: None, host: target.host.clone(), port }.to_string();
    device.extra = vec![String::new(); inventory.map_or(0, |inventory| inventory.extra_columns.len())];
    device
}

/// The entries found so far.
#[derive(Default)]
struct List {
    entries: Vec<Entry>,
    errors: Vec<Problem>,
}

impl List {
    fn add_file(&mut self, path: &Path) {
        let source = path.display().to_string().into();
        match read_file(path) {
            Ok(bytes) => self.add_text(&bytes, &source),
            Err(what) => self.errors.push(Problem::of(&source, what)),
        }
    }

    fn add_stdin(&mut self, stdin: &mut dyn Read) {
        let source = "standard input".into();
        let mut bytes = Vec::new();
        match stdin.read_to_end(&mut bytes) {
            Ok(_) => self.add_text(&bytes, &source),
            Err(error) => self.errors.push(Problem::of(&source, format!("cannot be read: {error}"))),
        }
    }

    fn add_text(&mut self, bytes: &[u8], source: &Arc<str>) {
        let text = match decode(bytes) {
            Ok((text, _)) => text,
            Err(what) => return self.errors.push(Problem::of(source, what)),
        };
        let before = self.entries.len();
        for (row, line) in (1..).zip(text.lines()) {
            let line = line.split_once('#').map_or(line, |(before, _)| before);
            for text in line.split(',').map(str::trim).filter(|text| !text.is_empty()) {
                self.entries.push(Entry { text: text.to_owned(), source: Arc::clone(source), row: Some(row) });
            }
        }
        if self.entries.len() == before {
            self.errors.push(Problem::of(source, "holds no host"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(hosts: &str, stdin: &str, inventory: Option<&Inventory>) -> Result<Vec<String>, String> {
        let loaded = read(hosts, &mut stdin.as_bytes(), inventory).map_err(|errors| errors.to_string())?;
        Ok(loaded.inventory.devices.iter().map(|device| device.name.clone()).collect())
    }

    #[test]
    fn entries_of_every_form_are_devices() {
        let loaded =
            read("sw1, ops@sw2:2222,[2001:db8::1]:23,2001:db8::2", &mut std::io::empty(), None).expect("accepted");
        let seen: Vec<_> =
            loaded.inventory.devices.iter().map(|d| (d.name.as_str(), d.address.as_str(), d.port)).collect();
        let expected = [
            ("sw1", "sw1", 22),
            ("sw2:2222", "sw2", 2222),
            ("[2001:db8::1]:23", "2001:db8::1", 23),
            ("2001:db8::2", "2001:db8::2", 22),
        ];
        assert_eq!(seen, expected);
        assert_eq!(loaded.inventory.devices[1].user.as_deref(), Some("ops"));
    }

    #[test]
    fn lists_have_comments_and_commas() {
        let list = "# core\nsw1, sw2 # both\r\n\nsw3\n";
        assert_eq!(names("a,-", list, None).expect("accepted"), ["a", "sw1", "sw2", "sw3"]);
    }

    #[test]
    fn every_wrong_entry_is_named() {
        let message = names("sw1:0,a b,ops:pw@sw1,-", "sw4\n10.0.0.256\n@x\n", None).expect_err("refused");
        assert!(message.contains("standard input: 2 errors\n  row 2, value \"10.0.0.256\""), "{message}");
        assert!(message.contains("\n  row 3, value \"@x\""), "{message}");
        assert_eq!(message.matches("\n  ").count(), 5, "{message}");
        assert!(!message.contains("pw@"), "{message}");
        assert!(names("@/no/such/file", "", None).expect_err("refused").ends_with("no such file"));
        assert!(names(" , ", "", None).expect_err("refused").contains("names no host"));
        assert!(names("-", "# nobody\n", None).expect_err("refused").contains("holds no host"));
    }

    #[test]
    fn a_device_named_twice_is_one() {
        let loaded = read("sw1,SW1:22", &mut std::io::empty(), None).expect("accepted");
        assert_eq!((loaded.inventory.devices.len(), loaded.warnings.len()), (1, 1));
        assert!(names("sw1,ops@sw1", "", None).expect_err("refused").contains("different accounts"));
        assert_eq!(names("sw1:22,sw1:23", "", None).expect("accepted"), ["sw1", "sw1:23"]);
    }

    #[test]
    fn an_inventory_lends_its_rows() {
        let csv = b"name,address,port,site,rack\ncore 1,192.0.2.1,22,LON1,7\nsw2,192.0.2.2,2222,LON1,8\nsw3,192.0.2.2,23,LON1,9\n";
        let inventory = Inventory::parse(csv, "f").expect("accepted").inventory;
        let loaded = read("CORE 1,ops@192.0.2.2:2222,new", &mut std::io::empty(), Some(&inventory)).expect("accepted");
        let devices = &loaded.inventory.devices;
        assert_eq!((devices[0].site.as_str(), devices[0].extra.as_slice()), ("LON1", &["7".to_owned()][..]));
        assert_eq!((devices[1].name.as_str(), devices[1].user.as_deref()), ("sw2", Some("ops")));
        assert_eq!((devices[2].name.as_str(), devices[2].extra.len()), ("new", 1));
        assert!(names("192.0.2.2", "", Some(&inventory)).expect_err("refused").contains("sw2 and of sw3"));
    }
}
