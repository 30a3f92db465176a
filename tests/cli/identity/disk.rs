//! Disks that are full or cannot be written. They are mounted in a namespace of our own; where that is not allowed the test says so.

use std::fs;
use std::process::Command;

use meshsec::store::Home;

use super::Ended;
use super::Site;
use super::certificates;
use super::names;

/// Runs a shell script that may mount; none when namespaces cannot be had.
fn in_namespace(test: &str, site: &Site, script: &str) -> Option<Ended> {
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command
            .args(["--user", "--map-root-user", "--mount", "sh", "-euc", script])
            .current_dir(site.path(""))
            .env("M", env!("CARGO_BIN_EXE_meshsec"))
            .env_remove("MESHSEC_PASSWORD")
            .env_remove("MESHSEC_HOME");
        command.output()
    };
    match unshare("mount -t tmpfs -o size=64k none .") {
        Ok(tried) if tried.status.success() => Some(Ended::of(&unshare(script).unwrap(), &[test])),
        _ => {
            eprintln!("skipped: {test}: no program may mount in a namespace of its own here");
            None
        }
    }
}

#[test]
fn a_full_disk_stops_issuing_with_a_clear_word_and_the_ledger_stays_whole() {
    let site = Site::empty();
    site.write_accounts("accounts.yaml", 2500);
    fs::create_dir(site.path("disk")).unwrap();
    // The ballast stands for what a user removes to make room.
    let script = r#"
        mount -t tmpfs -o size=2m none disk
        head -c 400000 /dev/zero > disk/ballast
        "$M" ca init --home disk/home --insecure-no-password -q
        status=0
        "$M" svid issue --home disk/home -f accounts.yaml --all -o k8s -q > printed 2> complaint || status=$?
        echo "many $status"
        status=0; count=0
        while [ $status = 0 ] && [ $count -lt 3000 ]; do
            "$M" svid issue --home disk/home --service-account a/b -o k8s > one 2> last || status=$?
            if [ $status = 0 ]; then cat one >> single; fi
            count=$((count + 1))
        done
        echo "one $status"
        cat /dev/zero > disk/ballast2 2> /dev/null || true
        status=0; "$M" svid issue --home disk/home --service-account a/b --out disk/out > one 2> unwritten || status=$?
        echo "files $status $(ls -A disk | tr '\n' ' ')"
        status=0; "$M" ca init --home disk/second --insecure-no-password 2> uninitialized || status=$?
        echo "init $status $(ls -A disk | tr '\n' ' ')"
        status=0; "$M" ca backup --home disk/home -o disk/b.age --password-file passphrase 2> unsaved || status=$?
        echo "backup $status $(ls -A disk | tr '\n' ' ')"
        rm disk/ballast disk/ballast2
        "$M" svid issue --home disk/home --service-account a/b -o k8s >> single
        cp -a disk/home copy
    "#;
    fs::write(site.path("passphrase"), "secret").unwrap();
    let name = "a_full_disk_stops_issuing_with_a_clear_word_and_the_ledger_stays_whole";
    let Some(ended) = in_namespace(name, &site, script) else { return };
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let lines: Vec<&str> = ended.out.lines().map(str::trim_end).collect();
    assert_eq!(
        lines,
        ["many 3", "one 3", "files 3 ballast ballast2 home", "init 3 ballast ballast2 home", "backup 3 ballast ballast2 home"],
        "{ended:?}"
    );
    for file in ["complaint", "last", "unwritten", "uninitialized", "unsaved"] {
        let text = fs::read_to_string(site.path(file)).unwrap();
        assert!(text.starts_with("error: no space left for `disk/"), "{file}: {text}");
        assert!(text.contains("help: make room"), "{file}: {text}");
    }
    let home = Home::open(&site.path("copy")).unwrap();
    let recorded: Vec<String> = super::rows(&home).iter().map(|row| row.serial.to_string()).collect();
    let read = |name: &str| fs::read_to_string(site.path(name)).unwrap_or_default();
    let printed = super::concurrency::secrets(&(read("printed") + &read("single")));
    assert!(!printed.is_empty());
    for certificate in printed {
        assert!(recorded.contains(&certificate.serial().to_string()), "printed and not recorded");
    }
    let hidden: Vec<String> = names(&site.path("copy")).into_iter().filter(|name| name.starts_with('.')).collect();
    assert!(hidden.is_empty(), "{hidden:?}");
}

#[test]
fn a_home_that_cannot_be_written_is_refused_and_stays_as_it_is() {
    let site = Site::new();
    let before = listing(&site);
    let script = r#"
        mount --bind home home
        mount -o remount,ro,bind home
        for run in "ca show" "svid list" "svid issue --service-account a/b -o k8s" "ca intermediate --name east" "ca crl"; do
            status=0; "$M" $run --home home 2>> complaints || status=$?
            echo "$run: $status"
        done
        status=0; "$M" ca init --home home/below --insecure-no-password 2>> complaints || status=$?
        echo "init: $status"
    "#;
    let Some(ended) = in_namespace("a_home_that_cannot_be_written_is_refused_and_stays_as_it_is", &site, script) else { return };
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.out.lines().count(), 6, "{ended:?}");
    assert!(ended.out.lines().all(|line| line.ends_with(": 3")), "{ended:?}");
    let complaints = fs::read_to_string(site.path("complaints")).unwrap();
    let errors: Vec<&str> = complaints.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 6, "{complaints}");
    assert!(errors.iter().all(|line| line.contains("read-only")), "{complaints}");
    assert_eq!(listing(&site), before);
    assert!(certificates(&ended.out).is_empty());
}

/// Names, sizes and times of what is in the home.
fn listing(site: &Site) -> Vec<String> {
    let home = site.path("home");
    let facts = |folder: &std::path::Path| {
        names(folder)
            .into_iter()
            .map(|name| {
                let metadata = fs::symlink_metadata(folder.join(&name)).unwrap();
                format!("{name} {} {:?}", metadata.len(), metadata.modified().unwrap())
            })
            .collect::<Vec<_>>()
    };
    [facts(&home), facts(&home.join("keys"))].concat()
}
