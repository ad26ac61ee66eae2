//! Names of devices and commands as names of folders and files, safe on every file system.
//!
//! | name | on disk |
//! | --- | --- |
//! | `lon1-core-1` | `lon1-core-1` |
//! | `[2001:db8::1]:22` | `[2001%3Adb8%3A%3A1]%3A22` |
//! | `../etc` | `%2E.%2Fetc` |
//! | (empty) | `%` |
//!
//! Two names never meet on disk, and the name can be read back, but for very long ones, which end in a digest.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, percent_encode_byte, utf8_percent_encode};
use sha2::{Digest, Sha256};

/// What some file system forbids or gives a meaning; `%` because it marks the encoding.
const UNSAFE: &AsciiSet =
    &CONTROLS.add(b'/').add(b'\\').add(b':').add(b'*').add(b'?').add(b'"').add(b'<').add(b'>').add(b'|').add(b'%');

/// File systems take 255 bytes; a suffix and the name of a temporary file need room.
const LONGEST: usize = 200;
/// Of a longer name so much is kept before the digest.
const KEPT: usize = 160;
/// Stands before the digest; no encoded name holds it.
const DIGEST_MARK: &str = "%~";

/// Names that are devices on Windows, with any extension.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

/// The path name of a device or command name.
pub fn path_name(name: &str) -> String {
    if name.is_empty() {
        return "%".to_owned();
    }
    let mut encoded = utf8_percent_encode(name, UNSAFE).to_string();
    if encoded.starts_with('.') || is_reserved(&encoded) {
        encoded.replace_range(..1, percent_encode_byte(encoded.as_bytes()[0]));
    }
    // Windows drops a dot or blank at the end.
    if let Some(last @ (b'.' | b' ')) = encoded.bytes().last() {
        encoded.truncate(encoded.len() - 1);
        encoded.push_str(percent_encode_byte(last));
    }
    if encoded.len() > LONGEST {
        let digest = Sha256::digest(name.as_bytes());
        encoded.truncate(KEPT);
        encoded.push_str(DIGEST_MARK);
        encoded.extend(digest.iter().take(8).map(|byte| format!("{byte:02x}")));
    }
    encoded
}

/// The name behind a path name; `None` where the path name was shortened or is none of ours.
pub fn original_name(path_name: &str) -> Option<String> {
    if path_name == "%" {
        return Some(String::new());
    }
    if path_name.contains(DIGEST_MARK) {
        return None;
    }
    percent_decode_str(path_name).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_lowercase();
    let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    RESERVED.contains(&stem.as_str()) || port.is_some_and(|number| number.len() == 1 && number != "0")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_names_stay_and_odd_ones_are_encoded() {
        let cases = [
            ("lon1-core-1.example.com", "lon1-core-1.example.com"),
            ("[2001:db8::1]:22", "[2001%3Adb8%3A%3A1]%3A22"),
            ("../etc", "%2E.%2Fetc"),
            (".", "%2E"),
            ("..", "%2E%2E"),
            ("sw 1 ", "sw 1%20"),
            ("100%", "100%25"),
            ("Con.log", "%43on.log"),
            ("com1", "%63om1"),
            ("a\u{7}b\nc", "a%07b%0Ac"),
            ("", "%"),
        ];
        for (name, expected) in cases {
            assert_eq!(path_name(name), expected);
            assert_eq!(original_name(expected).as_deref(), Some(name));
        }
    }

    #[test]
    fn long_names_stay_apart() {
        let (one, other) = (path_name(&"x".repeat(300)), path_name(&"x".repeat(301)));
        assert_ne!(one, other);
        assert!(one.len() <= LONGEST);
        assert_eq!(original_name(&one), None);
    }

    proptest! {
        #[test]
        fn names_come_back_and_are_safe(name in "\\PC{0,80}|[./\\\\:%\\x00-\\x1f ~]{0,8}|(con|COM1|nul)[.a]?") {
            let encoded = path_name(&name);
            prop_assert!(!encoded.is_empty() && encoded.len() <= 255);
            prop_assert!(!encoded.starts_with('.') && !encoded.contains(['/', '\\', ':']));
            if !encoded.contains(DIGEST_MARK) {
                prop_assert_eq!(original_name(&encoded), Some(name));
            }
        }
    }
}
