//! The comparison on a terminal: the verdict, then what is worse, then what is better.

use std::fmt::Write as _;

use super::super::table::table;
use super::{Compared, lists, name};
use crate::reports::text::{fit, one_line};

/// Rows of one list; all of them are in the JSON.
const MOST: usize = 40;

pub(super) fn write(compared: &Compared, width: usize) -> String {
    let (old, new) = (name(&compared.old), name(&compared.new));
    let mut out = format!("{}\n  from {}\n  to   {}\n", compared.sentence(), one_line(&old), one_line(&new));
    for list in lists(&compared.diff, ("observed", |finding| &finding.observed)) {
        let all = list.rows.len();
        let header: Vec<_> = list.header.iter().map(|name| name.to_uppercase()).collect();
        let header: Vec<_> = header.iter().map(String::as_str).collect();
        let _ = writeln!(out, "\n{}: {}", list.title, list.count);
        for line in table(&header, &list.rows[..all.min(MOST)]).lines() {
            let _ = writeln!(out, "  {line}");
        }
        if all > MOST {
            let _ = writeln!(out, "  and {} more, see --format json", all - MOST);
        }
    }
    if !compared.diff.gained.is_empty() {
        let gained = compared.diff.gained.join(", ");
        let _ = writeln!(out, "\nNot in the older run, or not audited there: {}", one_line(&gained));
    }
    out.lines().flat_map(|line| [fit(line, width), "\n".into()]).collect()
}
