//! The `meshsec` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(meshsec::cli::main(std::env::args_os()))
}
