//! Inventory files as people write them, in `tests/inventory/`: each is read, or refused with all that is wrong.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use slaudit::inventory::{Expectations, ExpectedTransport, Inventory, Platform, SshProfile, Topology};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inventory").join(name)
}

/// The messages of a file that is refused, without the folder.
fn errors(name: &str) -> String {
    let errors = Inventory::load(&fixture(name)).expect_err(name);
    errors.to_string().replace(&format!("{}/", fixture("").display().to_string().trim_end_matches('/')), "")
}

fn refused(content: &str) -> String {
    Inventory::parse(content.as_bytes(), "f").expect_err(content).to_string()
}

#[test]
fn the_example_is_valid_and_means_what_it_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("inventory.example.csv");
    let loaded = Inventory::load(&path).expect("the example");
    assert_eq!(loaded.warnings, []);
    let inventory = loaded.inventory;
    assert_eq!(inventory.extra_columns, ["rack"]);
    let [core, access, wan, lab] = inventory.devices.as_slice() else { panic!("four devices") };
    assert_eq!((core.name.as_str(), core.port, core.ssh_profile), ("lon1-core-1", 22, SshProfile::Modern));
    assert_eq!((core.expect.serial.as_deref(), core.extra.as_slice()), (Some("FOC0000A001"), &["12".to_owned()][..]));
    assert_eq!((access.platform, access.expect.transport), (Platform::Auto, Some(ExpectedTransport::Cslu)));
    assert_eq!((wan.address.as_str(), wan.port, wan.credential.as_str()), ("2001:db8:20::1", 2222, "branch"));
    assert_eq!(wan.expect.topology, Some(Topology::OnPremPush));
    assert_eq!(lab.jump, ["bastion.example.com", "198.51.100.7"]);
}

#[test]
fn every_error_of_a_file_is_told_at_once() {
    insta::assert_snapshot!(errors("many_errors.csv"));
}

#[test]
fn spreadsheets_write_semicolons_marks_and_empty_columns() {
    let content = "\u{feff}sep=;\r\nName;Site;Address;\r\nsw1;\"LON;1\";192.0.2.1;\r\n;;;\r\nsw2;;[2001:db8::1];\r\n";
    let inventory = Inventory::parse(content.as_bytes(), "f").expect("readable").inventory;
    let seen: Vec<_> =
        inventory.devices.iter().map(|d| (d.name.as_str(), d.site.as_str(), d.address.as_str())).collect();
    assert_eq!(seen, [("sw1", "LON;1", "192.0.2.1"), ("sw2", "", "2001:db8::1")]);
}

#[test]
fn tabs_and_comments_and_old_line_ends_are_read() {
    let content = "# fleet\rname\tsite\r# core\r  # more\rsw1\tLON1\r\rsw2\tFRA1";
    let inventory = Inventory::parse(content.as_bytes(), "f").expect("readable").inventory;
    assert_eq!(inventory.devices.iter().map(|d| d.site.as_str()).collect::<Vec<_>>(), ["LON1", "FRA1"]);
}

#[test]
fn rows_are_numbered_as_an_editor_does() {
    let text = refused("# one\n\nname,port,note\nsw1,x,\"two\nlines\"\n# six\n\nsw2,y,\nsw3,22\n");
    for row in ["row 4, column port", "row 8, column port", "row 9: 2 fields where the header has 3"] {
        assert!(text.contains(row), "{row} in {text}");
    }
    let text = refused("name,port\r\nsw1,22\r\n\r\nsw2,x");
    assert!(text.contains("row 4, column port"), "{text}");
}

#[test]
fn other_encodings_are_read() {
    let utf16: Vec<u8> = "\u{feff}name,site\r\nsw1,Zürich\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let loaded = Inventory::parse(&utf16, "f").expect("UTF-16 with a mark");
    assert_eq!((loaded.inventory.devices[0].site.as_str(), loaded.warnings.len()), ("Zürich", 0));
    let loaded = Inventory::parse(b"name,site\nsw1,Z\xfcrich\n", "f").expect("Windows-1252");
    assert_eq!((loaded.inventory.devices[0].site.as_str(), loaded.warnings.len()), ("Zürich", 1));
}

#[test]
fn what_is_no_inventory_is_refused_with_advice() {
    let cases: [(&[u8], &str); 7] = [
        (b"", "holds no device"),
        (b"\n# nothing\n", "holds no device"),
        (b"name,address\n", "holds no device"),
        (b"PK\x03\x04rest", "is a workbook, not CSV"),
        (b"a\0b\0", "is not text"),
        (b"192.0.2.1\n192.0.2.2\n", "--hosts @FILE"),
        (b"name,site\nsw1,\"LON1\nsw2,FRA1\n", "row 2: a quote is opened and never closed"),
    ];
    for (bytes, expected) in cases {
        let text = Inventory::parse(bytes, "f").expect_err(expected).to_string();
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(errors("").ends_with("is a directory; name the file in it"));
    assert!(errors("missing.csv").ends_with("no such file"));
}

#[test]
fn rows_before_an_open_quote_are_still_checked() {
    let text = refused("name,port\nsw1,x\n# it's \"quoted\nsw2,\"22\nsw3,y\n");
    assert!(text.contains("2 errors") && text.contains("row 2") && text.contains("row 4"), "{text}");
}

#[test]
fn secrets_are_refused_and_never_repeated() {
    let text = refused("name,enable_password,jump,expect_url\nsw1,hunter2,ops:hunter2@b1,https://a:hunter2@x/\n");
    assert!(text.contains("3 errors") && text.contains("column enable_password"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn one_device_stands_once() {
    let text = refused("name,address,port\nsw1,192.0.2.1,\nSW1,192.0.2.2,\nsw3,192.0.2.1,22\n");
    assert!(text.contains("row 3, column name, value \"SW1\": stands in row 2 already"), "{text}");
    assert!(text.contains("row 4, column address"), "{text}");
    let text = refused("address\n2001:db8::1\n[2001:DB8:0::1]\n");
    assert!(text.contains("row 3"), "{text}");
    // One private address behind two jump hosts is two devices; two ports are two devices.
    let rows = "name,address,port,jump\na,10.0.0.1,,b1\nb,10.0.0.1,,b2\nc,10.0.0.1,23,b1\n";
    assert_eq!(Inventory::parse(rows.as_bytes(), "f").expect("three devices").inventory.devices.len(), 3);
}

#[test]
fn the_fleets_expectations_stand_under_the_rows() {
    let content = b"name,expect_transport,smart_account,expect_policy\na,cslu,,\nb,,OWN,SLE Policy\n";
    let mut inventory = Inventory::parse(content, "f").expect("readable").inventory;
    let fleet = Expectations {
        transport: Some(ExpectedTransport::Smart),
        smart_account: Some("FLEET".to_owned()),
        policy: Some("custom".to_owned()),
        urls: vec!["https://ssm.example.com/cslu/v1/pi/x".to_owned()],
        ..Expectations::default()
    };
    inventory.expect(&fleet);
    inventory.expect(&fleet);
    let [a, b] = inventory.devices.as_slice() else { panic!("two devices") };
    assert_eq!((a.expect.transport, a.expect.smart_account.as_deref()), (Some(ExpectedTransport::Cslu), Some("FLEET")));
    assert_eq!((b.expect.transport, b.expect.smart_account.as_deref()), (Some(ExpectedTransport::Smart), Some("OWN")));
    assert_eq!((a.expect.policy.as_deref(), b.expect.policy.as_deref()), (Some("custom"), Some("SLE Policy")));
    assert_eq!(b.expect.urls, fleet.urls);
}

#[test]
fn a_large_file_is_read_quickly() {
    let row = |n: u32| format!("sw{n},{},LON1,\"a, \"\"quoted\"\" note\"\n", std::net::Ipv4Addr::from(0x0a00_0000 + n));
    let content: String =
        std::iter::once("name,address,site,note\n".to_owned()).chain((1..=100_000).map(row)).collect();
    let started = std::time::Instant::now();
    assert_eq!(Inventory::parse(content.as_bytes(), "f").expect("readable").inventory.devices.len(), 100_000);
    assert!(started.elapsed().as_secs() < 20);
}

proptest! {
    /// Whatever stands in a file, it is read or refused, and every row is accounted for.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Inventory::parse(&bytes, "f").map_err(|errors| errors.to_string());
    }

    #[test]
    fn any_text_under_a_header_is_read_or_refused(text in "[a-z\",;\t\n#'0-9: ]{0,80}") {
        let content = format!("name,port,note\n{text}");
        match Inventory::parse(content.as_bytes(), "f") {
            Ok(loaded) => prop_assert!(!loaded.inventory.devices.is_empty()),
            Err(errors) => prop_assert!(!errors.problems.is_empty()),
        }
    }
}
