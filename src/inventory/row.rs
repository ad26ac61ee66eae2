//! One row of an inventory: its values are checked, all of them, and become a [`Device`].

use std::sync::Arc;

use super::header::{Column, Header};
use super::problem::nearest;
use super::target::{check_host, parse_port};
use super::{Device, Expectations, ExpectedTransport, Platform, Problem, SshProfile, Target, TargetError, Topology};

/// A row while it is read.
pub(super) struct Row<'a> {
    pub(super) header: &'a Header,
    pub(super) record: &'a ::csv::StringRecord,
    /// Line of the file.
    pub(super) number: u64,
    pub(super) source: &'a Arc<str>,
    pub(super) errors: &'a mut Vec<Problem>,
    pub(super) warnings: &'a mut Vec<Problem>,
}

impl Row<'_> {
    /// The device of this row. Where it is wrong the errors say why, and the device holds what was right.
    pub(super) fn read(mut self) -> Device {
        self.check_shape();
        let (name, address) = self.name_and_address();
        let mut device = Device::named(&name);
        device.address = address;
        device.port = self.checked(Column::Port, parse_port).unwrap_or(device.port);
        device.site = self.text(Column::Site).unwrap_or_default();
        device.role = self.text(Column::Role).unwrap_or_default();
        device.platform = self.choice(Column::Platform, Platform::ALL, Platform::as_str).unwrap_or(device.platform);
        device.credential = self.text(Column::Credential).unwrap_or(device.credential);
        device.ssh_profile =
            self.choice(Column::SshProfile, SshProfile::ALL, SshProfile::as_str).unwrap_or(device.ssh_profile);
        device.jump = self.jump();
        device.expect = self.expectations();
        device.extra = self.header.extra.iter().map(|(_, at)| self.record.get(*at).unwrap_or("").to_owned()).collect();
        device
    }

    /// Missing fields shift no value silently; trailing delimiters of a spreadsheet are harmless.
    fn check_shape(&mut self) {
        let (width, fields) = (self.header.width, self.record.len());
        if fields < width {
            self.error(None, None, &format!("{fields} fields where the header has {width}; fill up with delimiters"));
        } else if let Some(more) = self.record.iter().skip(width).find(|value| !value.trim().is_empty()) {
            let advice =
                format!("{fields} fields where the header has {width}; quote a value that holds the delimiter");
            self.error(None, Some(more), &advice);
        }
        for at in &self.header.unnamed {
            let value = self.record.get(*at).unwrap_or("").trim();
            if !value.is_empty() {
                let problem = Problem::of(self.source, "stands under no column name; name it in the header");
                self.errors.push(problem.row(self.number).column(&format!("number {}", at + 1)).value(value));
            }
        }
    }

    fn name_and_address(&mut self) -> (String, String) {
        let name = self.text(Column::Name);
        let address = self.text(Column::Address);
        let address_given = address.is_some();
        let Some(address) = address.or_else(|| name.clone()) else {
            self.error(None, None, "neither a name nor an address");
            return (String::new(), String::new());
        };
        let checked = match check_host(&address) {
            Ok(host) => host,
            Err(_) if !address_given => {
                self.error(Some(Column::Name), Some(&address), "is not a host name, and there is no address; give one");
                address
            }
            Err(error) => {
                self.error(Some(Column::Address), Some(&address), &address_advice(&address, &error));
                address
            }
        };
        (name.unwrap_or_else(|| checked.clone()), checked)
    }

    fn jump(&mut self) -> Vec<String> {
        let Some(path) = self.text(Column::Jump) else { return Vec::new() };
        let mut hops = Vec::new();
        for hop in path.split('>').map(str::trim) {
            match hop.parse::<Target>() {
                Ok(target) => hops.push(target.to_string()),
                Err(TargetError::Password) => self.error(Some(Column::Jump), None, &TargetError::Password.to_string()),
                Err(error) => self.error(Some(Column::Jump), Some(hop), &error.to_string()),
            }
        }
        hops
    }

    fn expectations(&mut self) -> Expectations {
        let transport = self.choice(Column::ExpectTransport, ExpectedTransport::ALL, ExpectedTransport::as_str);
        let serial = self.text(Column::Serial);
        if let Some(serial) = serial.as_deref().filter(|serial| is_mangled(serial)) {
            let what = "looks like a number that a spreadsheet shortened; format the column as text";
            let problem = Problem::of(self.source, what).row(self.number).column(Column::Serial.as_str()).value(serial);
            self.warnings.push(problem);
        }
        Expectations {
            transport,
            url: self.url(),
            smart_account: self.text(Column::SmartAccount),
            virtual_account: self.text(Column::VirtualAccount),
            topology: self.choice(Column::Topology, Topology::ALL, Topology::as_str),
            serial,
            policy: self.text(Column::ExpectPolicy),
            ..Expectations::default()
        }
    }

    fn url(&mut self) -> Option<String> {
        let url = self.text(Column::ExpectUrl)?;
        let host =
            url.split_once("://").filter(|(scheme, _)| ["http", "https"].contains(&scheme.to_lowercase().as_str()));
        let host = host.map(|(_, rest)| rest.split('/').next().unwrap_or(""));
        match host {
            Some(host) if host.contains('@') => {
                self.error(
                    Some(Column::ExpectUrl),
                    None,
                    "a URL in an inventory holds no account; remove user:password@",
                );
            }
            Some(host) if !host.is_empty() && !url.contains(char::is_whitespace) => {}
            _ => self.error(
                Some(Column::ExpectUrl),
                Some(&url),
                "not a URL; write http://HOST/PATH or https://HOST/PATH",
            ),
        }
        Some(url)
    }

    /// A known column's value without surrounding blanks; `None` where it is empty or the column is not there.
    fn text(&mut self, column: Column) -> Option<String> {
        let raw = self.record.get(self.header.position(column)?)?.trim();
        // A blank before the opening quote makes the quotes part of the value.
        let value = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(raw).trim();
        if let Some(wrong) = value.chars().find(|c| c.is_control()) {
            let what = match wrong {
                '\n' => "holds a line break; is a quote not closed?".to_owned(),
                wrong => format!("holds the control character {}; remove it", wrong.escape_unicode()),
            };
            self.error(Some(column), Some(value), &what);
        }
        (!value.is_empty()).then(|| value.to_owned())
    }

    fn checked<T>(&mut self, column: Column, parse: fn(&str) -> Result<T, TargetError>) -> Option<T> {
        let text = self.text(column)?;
        parse(&text).map_err(|error| self.error(Some(column), Some(&text), &error.to_string())).ok()
    }

    /// A value of a closed list.
    fn choice<T: Copy>(&mut self, column: Column, all: &[T], spelling: fn(T) -> &'static str) -> Option<T> {
        let text = self.text(column)?;
        let found = all.iter().copied().find(|value| spelling(*value).eq_ignore_ascii_case(&text));
        if found.is_none() {
            let allowed: Vec<_> = all.iter().map(|value| spelling(*value)).collect();
            let guess = nearest(&text, allowed.iter().copied()).map(|near| format!("; did you mean {near}?"));
            let advice = format!("not one of {}{}", allowed.join(", "), guess.unwrap_or_default());
            self.error(Some(column), Some(&text), &advice);
        }
        found
    }

    fn error(&mut self, column: Option<Column>, value: Option<&str>, what: &str) {
        let mut problem = Problem::of(self.source, what).row(self.number);
        problem.column = column.map(|column| column.to_string());
        problem.value = value.map(str::to_owned);
        self.errors.push(problem);
    }
}

/// For what belongs to another column, the column.
fn address_advice(address: &str, error: &TargetError) -> String {
    match address.parse::<Target>() {
        Ok(Target { user: Some(_), .. }) => "an address holds no account; it comes from the credential set".to_owned(),
        Ok(Target { port: Some(_), .. }) => "an address holds no port; write it into the column port".to_owned(),
        _ => error.to_string(),
    }
}

/// True for `1.23E+10`, which a spreadsheet makes of an all-digit serial number.
fn is_mangled(serial: &str) -> bool {
    serial
        .split_once("E+")
        .is_some_and(|(digits, exponent)| digits.parse::<f64>().is_ok() && exponent.parse::<u8>().is_ok())
}
