//! Notes in the version what the binary is made of, and warns where libssh2 will lack the algorithms of old devices.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=CFLAGS");
    println!("cargo:rerun-if-changed=build.rs");
    // Written at every commit, wherever the git directory is; a file that is not there would make every build a new one.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]).filter(|log| Path::new(log).is_file()) {
        println!("cargo:rerun-if-changed={log}");
    }
    let commit = git(&["rev-parse", "--short=9", "HEAD"]).map(|id| format!(" ({id})")).unwrap_or_default();
    println!("cargo:rustc-env=SLAUDIT_BUILD={commit}");
    let libraries = [("libssh2", libssh2()), ("OpenSSL", openssl())];
    let libraries = libraries.iter().filter_map(|(name, version)| Some(format!("{name} {}", version.as_ref()?)));
    println!("cargo:rustc-env=SLAUDIT_LIBRARIES={}", libraries.collect::<Vec<_>>().join(", "));
    if !std::env::var("CFLAGS").unwrap_or_default().contains("LIBSSH2_KEX_SHA1_ENABLE") {
        println!(
            "cargo:warning=CFLAGS lacks the defines of .cargo/config.toml: devices that need SHA-1 cannot be reached. \
             Build inside the checkout, and add the defines to CFLAGS where you set it yourself."
        );
    }
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

/// The version of the libssh2 that is compiled in: it stands in its header, whose folder libssh2-sys tells.
fn libssh2() -> Option<String> {
    let folder = std::env::var_os("DEP_SSH2_INCLUDE")?;
    let header = std::fs::read_to_string(Path::new(&folder).join("libssh2.h")).ok()?;
    let line = header.lines().find(|line| line.starts_with("#define LIBSSH2_VERSION "))?;
    Some(line.split('"').nth(1)?.to_owned())
}

/// The version of OpenSSL whose headers the binary is built with, and whether it is part of the binary or found on the system.
/// openssl-sys reads the number of these headers, `0xMNN00PP0` since version 3.
fn openssl() -> Option<String> {
    let number = u64::from_str_radix(&std::env::var("DEP_OPENSSL_VERSION_NUMBER").ok()?, 16).ok()?;
    let version = format!("{}.{}.{}", number >> 28, (number >> 20) & 0xff, (number >> 4) & 0xff);
    let is_bundled = std::env::var_os("CARGO_FEATURE_BUNDLED_OPENSSL").is_some();
    Some(if is_bundled { version } else { format!("{version} (system)") })
}
