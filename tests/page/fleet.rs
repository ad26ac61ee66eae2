//! Made-up runs as the page's data block, with all columns, rules and facts of the real one.

use std::collections::HashMap;
use std::io::Write as _;

use base64ct::{Base64, Encoding as _};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::{Map, Value, json};
use slaudit::facts::Facts;
use slaudit::reports::row::{DEVICES, FINDINGS};
use slaudit::rules;

/// Names that would do harm where they were taken for more than text.
pub(crate) const HOSTILE: [&str; 6] = [
    "<img src=x onerror=\"window.owned=1\">",
    "</script><script>window.owned=1</script>",
    "=cmd|'/c calc'!A1",
    "sw\u{202e}cod.exe\u{202c}",
    "\"><svg onload=window.owned=1>/../?&#x27;%00",
    "<!-- {{script}} $& -->",
];

const SEVERITIES: [&str; 5] = ["critical", "high", "medium", "low", "info"];
const SITES: [&str; 12] =
    ["BER1", "FRA1", "LON1", "LON2", "MAD1", "NYC1", "OSL1", "PAR1", "SIN1", "SYD1", "TYO1", "WAW1"];
const DEVICES_IN_BLOCK: usize = 16;

/// How large a run is, and how it is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) devices: usize,
    pub(crate) findings: usize,
    /// Repeated texts in a table of their own, details in blocks: as a large run is written.
    pub(crate) is_packed: bool,
}

/// A few devices, in plain data.
pub(crate) const SMALL: Size = Size { devices: 30, findings: 90, is_packed: false };
/// A large fleet.
pub(crate) const LARGE: Size = Size { devices: 2_000, findings: 10_000, is_packed: true };

/// Numbers that look like chance and are the same every time.
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }
}

/// A run of devices in twelve sites, the first of them with hostile names. A third is without findings, and every tenth was not
/// reached.
pub(crate) fn fleet(size: Size) -> Value {
    let mut dice = Dice(7);
    let names: Vec<String> = (0..size.devices)
        .map(|at| {
            HOSTILE.get(at).map_or_else(|| format!("{}-sw-{at:04}", site(at).to_lowercase()), |name| (*name).to_owned())
        })
        .collect();
    let bad: Vec<usize> = (0..size.devices).filter(|at| !matches!(at % 7, 4 | 6) && at % 10 != 9).collect();
    let mut findings: Vec<Value> =
        (0..size.findings).map(|number| finding(number, bad[number % bad.len()], &names, &mut dice)).collect();
    let column = |name: &str| FINDINGS.iter().position(|column| column.name == name).expect("a column");
    let (severity, site_at, device_at) = (column("severity"), column("site"), column("device"));
    findings.sort_by_key(|row| {
        let rank = SEVERITIES.iter().position(|word| row[severity] == *word);
        (rank, row[site_at].to_string(), row[device_at].to_string())
    });
    let places: HashMap<&str, usize> = names.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    let mut counted = vec![[0; 5]; size.devices];
    for row in &findings {
        let rank = SEVERITIES.iter().position(|word| row[severity] == *word).expect("a severity");
        counted[places[row[device_at].as_str().expect("a name")]][rank] += 1;
    }
    let devices: Vec<Value> = (0..size.devices).map(|at| device(at, &names[at], counted[at], &mut dice)).collect();
    let details: Vec<Value> = (0..size.devices)
        .map(|at| if at % 10 == 9 { Value::Null } else { detail(at, counted[at].iter().sum()) })
        .collect();
    let mut data = json!({
        "run": run(&devices, &counted),
        "sentence": format!("{} of {} devices have problems; <b>{}</b> could not be judged.", bad.len(), size.devices, size.devices / 10),
        "finding_columns": FINDINGS.iter().map(|column| column.name).collect::<Vec<_>>(),
        "findings": findings,
        "device_columns": DEVICES.iter().map(|column| column.name).chain(["rack"]).collect::<Vec<_>>(),
        "took": "4m 12s",
        "blocks": blocks(&devices, &details, if size.is_packed { DEVICES_IN_BLOCK } else { 1 }),
        "problems": problems(&names),
        "not_judged": [{"status": "unreachable", "reason": "no answer",
            "devices": names.iter().skip(9).step_by(10).collect::<Vec<_>>()}],
        "rules": rules::ALL.iter().map(|rule| json!({"id": rule.id, "category": rule.category.as_str(),
            "severity": rule.severity.as_str(), "title": rule.title, "why": rule.why, "next_step": rule.next_step(),
            "source": rule.source})).collect::<Vec<_>>(),
        "next_steps": {rules::ALL[2].next_step(): [{"id": "renew-authorization", "text": "renew the authorization",
            "commands": ["license smart renew auth", "show license status"]}]},
        "history": (1..=9).map(|day| json!({"run_id": format!("202611{:02}T020000Z-0000", 15 + day),
            "started_utc": format!("2026-11-{:02}T02:00:00Z", 15 + day), "critical": 9 - day, "high": 90 - 4 * day,
            "medium": 120, "low": 8, "info": 30})).collect::<Vec<_>>(),
    });
    if size.is_packed {
        encode(&mut data);
    }
    data
}

/// Replaces repeated texts of findings by places in `strings`.
fn encode(data: &mut Value) {
    const CODED: [&str; 8] = ["change", "severity", "device", "site", "rule", "title", "next_step", "run_id"];
    let mut strings = Vec::<String>::new();
    let mut places = HashMap::<String, usize>::new();
    for row in data["findings"].as_array_mut().expect("rows") {
        for (at, column) in FINDINGS.iter().enumerate() {
            if let (true, Some(text)) = (CODED.contains(&column.name), row[at].as_str().map(str::to_owned)) {
                let place = *places.entry(text.clone()).or_insert_with(|| {
                    strings.push(text);
                    strings.len() - 1
                });
                row[at] = json!(place);
            }
        }
    }
    data["coded"] = json!(CODED);
    data["strings"] = json!(strings);
}

/// Devices as the page has them: blocks of rows with their details. One without details has a block of its own.
fn blocks(devices: &[Value], details: &[Value], size: usize) -> Vec<Value> {
    let block = |(rows, details): (&[Value], &[Value])| {
        let is_empty = details.iter().all(Value::is_null);
        json!({"rows": rows, "details": if is_empty { String::new() } else { packed(&json!(details)) }})
    };
    devices.chunks(size).zip(details.chunks(size)).map(block).collect()
}

fn packed(value: &Value) -> String {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(value.to_string().as_bytes()).expect("memory");
    Base64::encode_string(&encoder.finish().expect("memory"))
}

/// The site of a device.
pub(crate) fn site(device: usize) -> &'static str {
    SITES[device % SITES.len()]
}

fn run(devices: &[Value], counts: &[[usize; 5]]) -> Value {
    let sum = |at: usize| counts.iter().map(|row| row[at]).sum::<usize>();
    let column = |name: &str| DEVICES.iter().position(|column| column.name == name).expect("a column");
    let (health, days) = (column("health"), column("days_to_ack_deadline"));
    let with_health = |word: &str| devices.iter().filter(|row| row[health] == word).count();
    let days: Vec<i64> = devices.iter().filter_map(|row| row[days].as_i64()).collect();
    let open: usize = (0..5).map(sum).sum();
    json!({"id": "20261124T020000Z-7f3a", "label": "november", "command": "audit inventory.csv --user netaudit",
        "started_utc": "2026-11-24T02:00:00Z", "finished_utc": "2026-11-24T02:04:12Z", "version": "0.1.0",
        "rules_version": "51-fe9d0c73", "inventory": "inventory.csv",
        "counts": {"devices": devices.len(), "status": {}, "not_audited": devices.len() / 10,
            "health": {"ok": with_health("ok"), "problem": with_health("problem"), "unknown": with_health("unknown")},
            "change": {"new": open.div_ceil(4), "persisting": open - open.div_ceil(4), "resolved": 0},
            "ack_deadlines": {"past": days.iter().filter(|days| **days < 0).count(),
                "next_days": days.iter().filter(|days| **days >= 0).min()},
            "findings": {"critical": sum(0), "high": sum(1), "medium": sum(2), "low": sum(3), "info": sum(4)}}})
}

fn finding(number: usize, device: usize, names: &[String], dice: &mut Dice) -> Value {
    let rule = rules::ALL[dice.roll(rules::ALL.len())];
    let severity = SEVERITIES[[0, 1, 1, 1, 1, 2, 2, 2, 3, 4][dice.roll(10)]];
    let cell = |name: &str| match name {
        "change" => json!(["new", "persisting", "persisting", "persisting"][number % 4]),
        "severity" => json!(severity),
        "device" => json!(names[device]),
        "site" => json!(site(device)),
        "rule" => json!(rule.id),
        "title" => json!(rule.title),
        "subject" => json!(if number.is_multiple_of(5) { "usage_reporting" } else { "" }),
        "observed" => json!(format!("observation {number}")),
        "expected" => json!("something else"),
        "cause" => json!(if number.is_multiple_of(7) { "dns-server-missing" } else { "" }),
        "next_step" => json!(rule.next_step()),
        "days_left" => {
            if number.is_multiple_of(9) {
                json!(number % 40)
            } else {
                Value::Null
            }
        }
        "category" => json!(rule.category.as_str()),
        "state" => json!("open"),
        "waiver_reason" => json!(""),
        "first_seen_utc" | "last_seen_utc" => json!("2026-11-20T02:00:00Z"),
        "runs_seen" => json!(1 + number % 9),
        "evidence_command" => json!("show license tech support"),
        "evidence" => json!(format!("  evidence of {number} <b>as printed</b>")),
        "evidence_line" => json!(100 + number % 500),
        "fingerprint" => json!(format!("sf1-{number:016x}")),
        "run_id" => json!("20261124T020000Z-7f3a"),
        _ => Value::Null,
    };
    FINDINGS.iter().map(|column| cell(column.name)).collect()
}

fn device(at: usize, name: &str, counts: [usize; 5], dice: &mut Dice) -> Value {
    let is_lost = at % 10 == 9;
    let worst = counts.iter().position(|count| *count > 0).map(|rank| SEVERITIES[rank]);
    let days = i64::try_from(dice.roll(100)).expect("small") - 8;
    let cell = |column: &str| match column {
        "device" => json!(name),
        "site" => json!(site(at)),
        "role" => json!(["access", "core"][at % 2]),
        "address" => json!(format!("192.0.2.{}", at % 250)),
        "status" => json!(if is_lost { "unreachable" } else { "audited" }),
        "status_detail" => json!(if is_lost { "check that SSH is enabled: connection refused" } else { "" }),
        "health" => json!(if is_lost {
            "unknown"
        } else if worst.is_some() {
            "problem"
        } else {
            "ok"
        }),
        "worst_severity" => json!(worst),
        "n_critical" => json!(counts[0]),
        "n_high" => json!(counts[1]),
        "n_medium" => json!(counts[2]),
        "n_low" => json!(counts[3]),
        "n_info" => json!(counts[4]),
        "n_new" | "n_resolved" | "n_unknown" | "unparsed_lines" => json!(0),
        "transport" if !is_lost => json!("smart"),
        "trust" if !is_lost => json!("installed"),
        "clock_synchronized" if !is_lost => json!(!at.is_multiple_of(4)),
        "days_to_ack_deadline" if !is_lost => json!(days),
        "model" if !is_lost => json!("C9300-48P"),
        "os_version" if !is_lost => json!("17.12.4"),
        "commands_refused" => json!(if at == 0 { "show call-home; show logging | include SMART_LIC" } else { "" }),
        "coverage" if !is_lost => json!(0.97),
        "run_id" => json!("20261124T020000Z-7f3a"),
        "rack" => json!(format!("row {}", at % 7)),
        _ => Value::Null,
    };
    DEVICES.iter().map(|column| column.name).chain(["rack"]).map(cell).collect()
}

fn detail(at: usize, findings: usize) -> Value {
    let (mut facts, mut unknown, mut evidence) = (Map::new(), Map::new(), Map::new());
    for key in Facts::KEYS {
        let value = match *key {
            "transport.type" => json!("smart"),
            "transport.url" => json!("https://smartreceiver.cisco.com/licservice/license"),
            "trust_codes" => {
                json!([{"role": "active", "pid": "C9300-48P", "serial": format!("FOC{at:08}"), "expires": null}])
            }
            "clock.ntp_synchronized" => json!(true),
            "reporting.next_ack_deadline" => json!({"text": "Feb 14 02:00:00 2027 UTC", "utc": "2027-02-14T02:00:00Z"}),
            "communication" => {
                json!([{"channel": "usage_reporting", "total": 9, "success": 4, "fail": 5, "ongoing_overall": 5,
                "ongoing_communication": 5, "last_response": "NO REPLY", "failure_reason": "<i>reason</i>", "last_success": null}])
            }
            "device.hostname" => json!(HOSTILE[at % HOSTILE.len()]),
            _ => Value::Null,
        };
        if value.is_null() {
            let reason = if key.starts_with("http") { "not permitted: % Authorization failed" } else { "not printed" };
            unknown.insert((*key).to_owned(), json!(reason));
        } else {
            let text = format!("{key}: <u>line</u>");
            evidence.insert((*key).to_owned(), json!({"command": "show license all", "line": 12, "text": text}));
        }
        facts.insert((*key).to_owned(), value);
    }
    let verdict = |(place, rule): (usize, &&rules::Rule)| {
        let verdict = if place < findings { "fail" } else { ["pass", "not_applicable", "unknown"][place % 3] };
        json!({"rule": rule.id, "verdict": verdict, "reason": if verdict == "unknown" { "not printed" } else { "" }})
    };
    json!({"facts": facts, "unknown": unknown, "evidence": evidence,
        "verdicts": rules::ALL.iter().enumerate().map(verdict).collect::<Vec<_>>(),
        "unparsed": [{"command": "show license all", "line": 77, "text": "Brand New Field: 1"}]})
}

fn problems(names: &[String]) -> Vec<Value> {
    rules::ALL.iter().take(12).enumerate().map(|(at, rule)| {
        let devices: Vec<&String> = names.iter().skip(at).step_by(3).collect();
        json!({"rule": rule.id, "severity": SEVERITIES[(at / 3).min(4)], "cause": "dns", "target": "ssm.example.com",
            "n_devices": devices.len(), "n_worst": 1, "next_step": rule.next_step(),
            "failure": if at == 0 { "ssm.example.com cannot be resolved" } else { "" },
            "symptoms": [{"rule": "ack-overdue", "severity": "critical", "n_devices": 1}], "devices": devices})
    }).collect()
}
