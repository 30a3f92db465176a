//! The `meshsec` command.

use std::process::ExitCode;

/// Reading manifests makes many small values on every core, and frees them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(meshsec::cli::main(std::env::args_os()))
}
