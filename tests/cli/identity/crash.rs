//! Every system call that touches the disk, one after another: the process dies there, or the call fails there.
//!
//! `strace` counts the calls and injects the signal or the error. Each run begins from the same authority.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use meshsec::store::Home;

use super::Ended;
use super::Site;
use super::check_identity;
use super::concurrency::secrets;
use super::identity_directories;
use super::names;
use super::rows;

/// Calls that change the disk, or decide what is there. A question mark lets `strace` skip what a machine does not have.
const CALLS: &str = "?open,openat,write,pwrite64,?pwritev,fsync,fdatasync,?rename,renameat,renameat2,?link,linkat,?symlink,symlinkat,\
                     ?mkdir,mkdirat,?unlink,unlinkat,?rmdir,ftruncate,?chmod,fchmod,fchmodat,flock";

/// As above without opening, which the loader does before the program begins.
const FAILING: &str = "write,pwrite64,?pwritev,fsync,fdatasync,?rename,renameat,renameat2,?link,linkat,?symlink,symlinkat,\
                       ?mkdir,mkdirat,ftruncate,?chmod,fchmod,fchmodat";

/// More calls than any run makes.
const MOST: usize = 1000;

/// An authority with an identity in `out`, to begin every run from.
fn base() -> Site {
    let site = Site::new();
    site.yes(&["svid", "issue", "--service-account", "shop/web", "--out", "out", "-q"]);
    site
}

fn copy_of(base: &Site) -> Site {
    let site = Site::empty();
    let status = Command::new("cp").arg("-a").arg(base.path("home")).arg(base.path("out")).arg(site.path("")).status();
    assert!(status.unwrap().success());
    site
}

fn traced(site: &Site, calls: &str, injected: &str, place: usize, arguments: &[&str]) -> (Ended, bool) {
    let mut command = Command::new("strace");
    let inject = format!("inject={calls}:{injected}:when={place}");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}"), "-e", &inject]);
    command.arg(env!("CARGO_BIN_EXE_meshsec")).args(arguments);
    let untraced = site.command(&[]);
    command.current_dir(site.path("")).envs(untraced.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.env_remove("MESHSEC_PASSWORD").output().unwrap();
    let was_killed = output.status.signal() == Some(9);
    (Ended::of(&output, arguments), was_killed)
}

fn can_trace(test: &str) -> bool {
    let tried = Command::new("strace").args(["-qq", "-o", "/dev/null", "-e", "inject=write:error=EIO:when=100", "true"]).output();
    let can = tried.is_ok_and(|tried| tried.status.success());
    if !can {
        eprintln!("skipped: {test}: no strace, or it may not trace here");
    }
    can
}

/// The home is whole, what left is recorded, and what was recorded before still is.
fn check(site: &Site, earlier: &BTreeSet<String>, printed: &str, what: &str) {
    let home = Home::open(&site.path("home")).unwrap_or_else(|error| panic!("{what}: {error}"));
    let recorded: BTreeSet<String> = rows(&home).iter().map(|row| row.serial.to_string()).collect();
    assert!(earlier.is_subset(&recorded), "{what}: a row is gone");
    for certificate in secrets(printed) {
        assert!(recorded.contains(&certificate.serial().to_string()), "{what}: printed and not recorded");
    }
    let identities: usize =
        identity_directories(&site.path("out")).iter().map(|directory| check_identity(directory, &recorded)).sum();
    assert_eq!(identities, 1, "{what}: the identity is gone");
    for authority in home.ledger().authorities().unwrap() {
        assert!(home.load_signer(&authority, None).is_ok(), "{what}: `{}` lost its key", authority.name);
    }
    check_second(site, what);
}

/// A second home is there whole, or not at all.
fn check_second(site: &Site, what: &str) {
    let path = site.path("second");
    if path.exists() {
        let home = Home::open(&path).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!(home.ledger().authorities().unwrap().len() >= 2, "{what}");
    }
}

/// Lets every call be the last one, until there are no more; then the run has succeeded.
fn kill_everywhere(test: &str, run: &str, step: usize) {
    if !can_trace(test) {
        return;
    }
    let base = base();
    let earlier: BTreeSet<String> = rows(&base.home()).iter().map(|row| row.serial.to_string()).collect();
    let arguments: Vec<&str> = run.split(' ').collect();
    let mut killed = 0;
    for place in (1..MOST).step_by(step) {
        let site = copy_of(&base);
        let (ended, was_killed) = traced(&site, CALLS, "signal=KILL", place, &arguments);
        let what = format!("{run}, killed at call {place}");
        check(&site, &earlier, &ended.out, &what);
        if !was_killed {
            assert_eq!(ended.code, Some(0), "{what}: {ended:?}");
            assert!(killed * step > 20, "{what}: only {killed} calls");
            println!("{run}: killed at {killed} calls");
            return;
        }
        killed += 1;
        // Whoever tries again succeeds, or learns that it was done.
        let again = site.run(&arguments);
        assert!(matches!(again.code, Some(0 | 2)), "{what}: {again:?}");
        check(&site, &earlier, &again.out, &what);
    }
    panic!("{run} makes more than {MOST} calls");
}

#[test]
fn issuing_may_die_at_every_call() {
    kill_everywhere("issuing_may_die_at_every_call", "svid issue --service-account shop/web --out out -o k8s", 1);
}

#[test]
fn making_an_authority_may_die_at_every_call() {
    kill_everywhere("making_an_authority_may_die_at_every_call", "ca init --insecure-no-password --home second -q", 1);
}

#[test]
fn making_an_intermediate_may_die_at_every_call() {
    kill_everywhere("making_an_intermediate_may_die_at_every_call", "ca intermediate --name east", 1);
}

#[test]
fn rotating_may_die_at_every_call() {
    kill_everywhere("rotating_may_die_at_every_call", "ca rotate prepare", 1);
}

#[test]
fn revoking_may_die_at_every_call() {
    let run = "svid revoke --spiffe-id spiffe://cluster.local/ns/shop/sa/web";
    kill_everywhere("revoking_may_die_at_every_call", run, 1);
}

#[test]
fn a_revocation_list_may_die_at_every_call() {
    kill_everywhere("a_revocation_list_may_die_at_every_call", "ca crl", 1);
}

/// Lets every call fail, until there are no more.
fn fail_everywhere(test: &str, run: &str, error: &str) {
    if !can_trace(test) {
        return;
    }
    let base = base();
    let earlier: BTreeSet<String> = rows(&base.home()).iter().map(|row| row.serial.to_string()).collect();
    let arguments: Vec<&str> = run.split(' ').collect();
    let mut refused = 0;
    let mut untouched = 0;
    for place in 1..MOST {
        let site = copy_of(&base);
        let before = names(&site.path(""));
        let (ended, was_killed) = traced(&site, FAILING, &format!("error={error}"), place, &arguments);
        let what = format!("{run}, {error} at call {place}");
        assert!(!was_killed, "{what}: {ended:?}");
        check(&site, &earlier, &ended.out, &what);
        match ended.code {
            Some(3) => {
                assert!(ended.err.starts_with("error: "), "{what}: {ended:?}");
                refused += 1;
                untouched = 0;
                let leftovers: Vec<String> =
                    names(&site.path("")).into_iter().filter(|name| !before.contains(name) && name != "second").collect();
                assert!(leftovers.is_empty(), "{what}: {leftovers:?}");
                let again = site.run(&arguments);
                assert!(matches!(again.code, Some(0 | 2)), "{what}: {again:?}");
                check(&site, &earlier, &again.out, &what);
            }
            // Clearing away may fail, and so may what SQLite does after a commit: then the run succeeds nevertheless.
            Some(0) => untouched += 1,
            _ => panic!("{what}: {ended:?}"),
        }
        if untouched == 25 {
            println!("{run}: refused at {refused} calls");
            assert!(refused >= 10, "{run}: only {refused} calls were refused");
            return;
        }
    }
    panic!("{run} makes more than {MOST} calls");
}

#[test]
fn issuing_says_when_any_call_finds_no_space() {
    let run = "svid issue --service-account shop/web --out out -o k8s";
    fail_everywhere("issuing_says_when_any_call_finds_no_space", run, "ENOSPC");
}

#[test]
fn making_an_authority_says_when_any_call_fails() {
    let run = "ca init --insecure-no-password --home second -q";
    fail_everywhere("making_an_authority_says_when_any_call_fails", run, "EIO");
}

#[test]
fn making_an_intermediate_says_when_any_call_finds_no_space() {
    fail_everywhere("making_an_intermediate_says_when_any_call_finds_no_space", "ca intermediate --name east", "ENOSPC");
}

/// What a home that died in the making left beside its place is removed by the next one, a minute later.
#[test]
fn what_is_left_of_a_half_made_authority_goes_with_the_next_one() {
    if !can_trace("what_is_left_of_a_half_made_authority_goes_with_the_next_one") {
        return;
    }
    let site = Site::empty();
    let run = ["ca", "init", "--insecure-no-password", "-q"];
    let mut place = 1;
    while site.names().is_empty() {
        traced(&site, CALLS, "signal=KILL", place, &run);
        place += 1;
    }
    let left = site.names();
    assert!(left.len() == 1 && left[0].starts_with(".home."), "{left:?}");
    let minutes_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(120);
    fs::File::open(site.path(&left[0])).unwrap().set_modified(minutes_ago).unwrap();
    site.yes(&run);
    assert_eq!(site.names(), ["home"]);
    assert!(!Path::new(&site.path(&left[0])).exists());
}
