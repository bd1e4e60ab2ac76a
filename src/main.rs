//! The `driftband` command: everything is in the library.
use std::process::ExitCode;

fn main() -> ExitCode {
    driftband::cli::main()
}
