use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

/// The program with an authority of its own.
pub(crate) struct Program {
    home: PathBuf,
}

impl Program {
    /// Makes the authority `cluster.local` in a folder.
    pub(crate) fn init(folder: &Path, options: &[&str]) -> Self {
        let program = Self { home: folder.join("home") };
        program.run(&[&["ca", "init"], options].concat());
        program
    }

    /// Runs a command that must succeed; what it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_meshsec"))
            .args(arguments)
            .env("MESHSEC_HOME", &self.home)
            .env("MESHSEC_PASSWORD", "open sesame")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "meshsec {}: {said}", arguments.join(" "));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Issues to a service account of the namespace `shop`, into a directory.
    pub(crate) fn issue(&self, account: &str, directory: &Path) {
        self.run(&["svid", "issue", "--service-account", &format!("shop/{account}"), "--out", directory.to_str().unwrap()]);
    }
}
