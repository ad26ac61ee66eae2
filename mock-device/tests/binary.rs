//! The binary writes the inventory once the devices listen, and ends when it is told to.

use std::io::Read;
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn wait_for(path: &std::path::Path) -> String {
    let begun = Instant::now();
    loop {
        if let Ok(text) = std::fs::read_to_string(path) {
            return text;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "no inventory");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn serves_until_standard_input_closes() {
    let path = std::env::temp_dir().join(format!("mock-device-{}.csv", std::process::id()));
    let mut child = Command::new(env!("CARGO_BIN_EXE_mock-device"))
        .args(["--devices", "24", "--for", "20", "--until-stdin-closes", "--inventory"])
        .arg(&path)
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    let text = wait_for(&path);
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 24);
    let mut refused = 0;
    for row in &rows {
        let address = format!("{}:{}", row[1], row[2]);
        let Ok(mut stream) = TcpStream::connect(&address) else {
            refused += 1;
            continue;
        };
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a limit");
        let mut banner = [0; 8];
        stream.read_exact(&mut banner).expect("a banner");
        assert_eq!(&banner, b"SSH-2.0-");
    }
    assert_eq!(refused, 1);
    drop(child.stdin.take());
    let ended = child.wait().expect("ended");
    assert!(ended.success());
    std::fs::remove_file(&path).expect("removed");
}

#[test]
fn says_what_it_does_not_know() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_mock-device")).args(arguments).output().expect("run");
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(run(&["--inventory", "x.csv", "--scenario-mix", "nobody:1"]).contains("the built-in ones are"));
    assert!(run(&["--inventory", "x.csv", "--delay", "3"]).contains("write 300ms or 2s"));
    assert!(run(&[]).contains("--inventory"));
}
