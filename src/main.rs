//! The `meshsec` command.

fn main() {}
