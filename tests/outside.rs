//! Tests against what is not part of the project: other people's captures, and OpenSSH's server and agent.

mod captures;
mod corpus;
mod openssh;
mod trial;

use std::process::ExitCode;

use libtest_mimic::Arguments;

fn main() -> ExitCode {
    let mut trials = corpus::trials();
    trials.extend(openssh::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
