//! `findings.jsonl`: a finding a line, for programs that read line by line: log shippers, `jq`, data bases.
//!
//! ```text
//! {"change":"new","severity":"critical","device":"fra1-acc-sw07","site":"FRA1","rule":"ack-overdue",...}
//! ```
//!
//! The keys are the columns of `findings.csv`, in the same order, and so are the rows. Text is whole.

use std::io::{self, Write};

use super::row::FindingObject;
use super::{Options, Report, write_json};
use crate::run::Run;

/// One line a finding.
pub(super) static REPORT: Report =
    Report { format: "jsonl", name: "findings", extension: "jsonl", by_default: false, write };

fn write(run: &Run, _: Options, out: &mut dyn Write) -> io::Result<()> {
    run.each_finding(&mut |finding| {
        write_json(&FindingObject(&run.head, &finding), out)?;
        out.write_all(b"\n")
    })
}
