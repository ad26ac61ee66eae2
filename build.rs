//! Notes in the version what the binary is made of, and warns where libssh2 will lack the algorithms of old devices.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=.git/HEAD");
    println!("cargo:rerun-if-env-changed=CFLAGS");
    let commit = Command::new("git").args(["rev-parse", "--short=9", "HEAD"]).output().ok();
    let commit =
        commit.filter(|output| output.status.success()).and_then(|output| String::from_utf8(output.stdout).ok());
    let commit = commit.map(|text| format!(" ({})", text.trim())).unwrap_or_default();
    println!("cargo:rustc-env=SLAUDIT_BUILD={commit}");
    if !std::env::var("CFLAGS").unwrap_or_default().contains("LIBSSH2_KEX_SHA1_ENABLE") {
        println!(
            "cargo:warning=CFLAGS lacks the defines of .cargo/config.toml: devices that need SHA-1 cannot be reached. \
             Build inside the checkout, and add the defines to CFLAGS where you set it yourself."
        );
    }
}
