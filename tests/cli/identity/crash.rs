//! Every system call that touches the disk, one after another: the process dies there, or the call fails there.
//!
//! `strace` counts the calls and injects the signal or the error. Each run begins from the same authority. With `MESHSEC_EVERY_CALL=1` every
//! call has its turn, which takes minutes; without it a sample does, another one each time.

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

/// Calls that change the disk, or decide what is there. `strace` skips those that a machine does not have.
const CALLS: &[&str] = &[
    "openat",
    "write",
    "writev",
    "pwrite64",
    "pwritev",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "mkdir",
    "mkdirat",
    "unlink",
    "unlinkat",
    "rmdir",
    "ftruncate",
    "chmod",
    "fchmod",
    "fchmodat",
];

/// Calls that change the disk, and fail when it is full or broken. Opening is not among them: the loader opens files before the program begins.
const FAILING: &[&str] = &[
    "write",
    "writev",
    "pwrite64",
    "pwritev",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "mkdir",
    "mkdirat",
    "ftruncate",
];

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

/// Runs the program with something injected at the given occurrence of one call. Whether that came about.
fn traced(site: &Site, call: &str, injected: &str, place: usize, arguments: &[&str]) -> (Ended, bool) {
    let log = site.path(".calls");
    let mut command = Command::new("strace");
    let (trace, inject) = (format!("trace=?{call}"), format!("inject=?{call}:{injected}:when={place}"));
    command.args(["-f", "-qq", "-o"]).arg(&log).args(["-e", &trace, "-e", &inject]);
    command.arg(env!("CARGO_BIN_EXE_meshsec")).args(arguments);
    let untraced = site.command(&[]);
    command.current_dir(site.path("")).envs(untraced.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.env_remove("MESHSEC_PASSWORD").output().unwrap();
    let was_killed = output.status.signal() == Some(9);
    let was_injected = was_killed || fs::read_to_string(&log).unwrap_or_default().contains("(INJECTED)");
    let _ = fs::remove_file(log);
    (Ended::of(&output, arguments), was_injected)
}

/// Which occurrences of a call have their turn: the first and the step between them.
fn places() -> (usize, usize) {
    const SAMPLE: usize = 6;
    if std::env::var_os("MESHSEC_EVERY_CALL").is_some() {
        return (1, 1);
    }
    let now = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap();
    (1 + usize::try_from(now.subsec_micros()).unwrap() % SAMPLE, SAMPLE)
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

/// Lets every call be the last one.
fn kill_everywhere(test: &str, run: &str) {
    if !can_trace(test) {
        return;
    }
    let base = base();
    let earlier: BTreeSet<String> = rows(&base.home()).iter().map(|row| row.serial.to_string()).collect();
    let arguments: Vec<&str> = run.split(' ').collect();
    let mut killed = 0;
    for call in CALLS {
        let (first, step) = places();
        for place in (first..).step_by(step) {
            assert!(place < MOST, "{run} makes more than {MOST} calls");
            let site = copy_of(&base);
            let (ended, was_killed) = traced(&site, call, "signal=KILL", place, &arguments);
            let what = format!("{run}, killed at {call} {place}");
            check(&site, &earlier, &ended.out, &what);
            if !was_killed {
                assert_eq!(ended.code, Some(0), "{what}: {ended:?}");
                break;
            }
            killed += 1;
            // Whoever tries again succeeds, or learns that it was done.
            let again = site.run(&arguments);
            assert!(matches!(again.code, Some(0 | 2)), "{what}: {again:?}");
            check(&site, &earlier, &again.out, &what);
        }
    }
    println!("{run}: killed at {killed} calls");
    // A sample has as many of them as it happens to meet.
    let least = if places().1 == 1 { 10 } else { 1 };
    assert!(killed >= least, "{run}: killed at {killed} calls only");
}

#[test]
fn issuing_may_die_at_every_call() {
    kill_everywhere("issuing_may_die_at_every_call", "svid issue --service-account shop/web --out out -o k8s");
}

#[test]
fn making_an_authority_may_die_at_every_call() {
    kill_everywhere("making_an_authority_may_die_at_every_call", "ca init --insecure-no-password --home second -q");
}

#[test]
fn making_an_intermediate_may_die_at_every_call() {
    kill_everywhere("making_an_intermediate_may_die_at_every_call", "ca intermediate --name east");
}

#[test]
fn rotating_may_die_at_every_call() {
    kill_everywhere("rotating_may_die_at_every_call", "ca rotate prepare");
}

#[test]
fn revoking_may_die_at_every_call() {
    let run = "svid revoke --spiffe-id spiffe://cluster.local/ns/shop/sa/web";
    kill_everywhere("revoking_may_die_at_every_call", run);
}

#[test]
fn a_revocation_list_may_die_at_every_call() {
    kill_everywhere("a_revocation_list_may_die_at_every_call", "ca crl");
}

/// Lets every call fail.
fn fail_everywhere(test: &str, run: &str, error: &str) {
    if !can_trace(test) {
        return;
    }
    let base = base();
    let earlier: BTreeSet<String> = rows(&base.home()).iter().map(|row| row.serial.to_string()).collect();
    let arguments: Vec<&str> = run.split(' ').collect();
    let (mut refused, mut tolerated) = (0, 0);
    for call in FAILING {
        let (first, step) = places();
        for place in (first..).step_by(step) {
            assert!(place < MOST, "{run} makes more than {MOST} calls");
            let site = copy_of(&base);
            let before = names(&site.path(""));
            let (ended, has_failed) = traced(&site, call, &format!("error={error}"), place, &arguments);
            let what = format!("{run}, {error} at {call} {place}");
            check(&site, &earlier, &ended.out, &what);
            if !has_failed {
                assert_eq!(ended.code, Some(0), "{what}: {ended:?}");
                break;
            }
            match ended.code {
                Some(3) => {
                    assert!(ended.err.contains("error: "), "{what}: {ended:?}");
                    refused += 1;
                    let left: Vec<String> =
                        names(&site.path("")).into_iter().filter(|name| !before.contains(name) && name != "second").collect();
                    assert!(left.is_empty(), "{what}: {left:?}");
                }
                // What SQLite does after a commit may fail, and so may clearing away.
                Some(0) => tolerated += 1,
                _ => panic!("{what}: {ended:?}"),
            }
            let again = site.run(&arguments);
            assert!(matches!(again.code, Some(0 | 2)), "{what}: {again:?}");
            check(&site, &earlier, &again.out, &what);
        }
    }
    println!("{run}: {refused} failing calls refused, {tolerated} tolerated");
    assert!(refused >= 2, "{run}: only {refused} calls were refused");
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
    // The fourth time that something is brought to the disk lies in the middle of making it.
    let (_, was_killed) = traced(&site, "fsync", "signal=KILL", 4, &run);
    assert!(was_killed);
    let left = site.names();
    assert!(left.len() == 1 && left[0].starts_with(".home."), "{left:?}");
    let minutes_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(120);
    fs::File::open(site.path(&left[0])).unwrap().set_modified(minutes_ago).unwrap();
    site.yes(&run);
    assert_eq!(site.names(), ["home"]);
    assert!(!Path::new(&site.path(&left[0])).exists());
}
