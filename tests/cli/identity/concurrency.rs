use std::collections::BTreeSet;
use std::process::Child;

use serde_json::Value;

use super::Ended;
use super::Site;
use super::certificates;
use super::check_identity;
use super::identity_directories;
use super::rows;

/// Starts all of them before waiting for any.
fn at_once(site: &Site, runs: &[Vec<String>]) -> Vec<Ended> {
    let start =
        |arguments: &Vec<String>| site.command(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).spawn().unwrap();
    let children: Vec<Child> = runs.iter().map(start).collect();
    // A child that fills its pipe waits to be read, so each has a reader of its own.
    let readers: Vec<_> =
        children.into_iter().map(|child| std::thread::spawn(move || child.wait_with_output().unwrap())).collect();
    let outputs = readers.into_iter().map(|reader| reader.join().unwrap());
    outputs.zip(runs).map(|(output, run)| Ended::of(&output, &[&run.join(" ")])).collect()
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

#[test]
fn fifty_processes_that_issue_at_once_all_succeed_and_no_serial_number_comes_twice() {
    let site = Site::new();
    site.write_accounts("accounts.yaml", 600);
    let mut runs: Vec<Vec<String>> = (0..40)
        .map(|number| words(&format!("svid issue --service-account ns/s{number} --out single/s{number} -o json")))
        .collect();
    runs.extend((0..10).map(|_| words("svid issue -f accounts.yaml --all -o k8s")));
    let ended = at_once(&site, &runs);
    for ended in &ended {
        assert_eq!(ended.code, Some(0), "{}: {}", ended.arguments, ended.err);
    }
    let mut printed: Vec<String> = Vec::new();
    for ended in &ended[..40] {
        let answer: Value = serde_json::from_str(&ended.out).unwrap();
        let chain = certificates(answer["chain"].as_str().unwrap_or(&ended.out.replace("\\n", "\n")));
        printed.push(chain[0].serial().to_string());
    }
    for ended in &ended[40..] {
        printed.extend(secrets(&ended.out).iter().map(|certificate| certificate.serial().to_string()));
    }
    assert_eq!(printed.len(), 40 + 10 * 600);
    let recorded: Vec<String> = rows(&site.home()).iter().map(|row| row.serial.to_string()).collect();
    let (unique, printed): (BTreeSet<_>, BTreeSet<_>) = (recorded.iter().cloned().collect(), printed.into_iter().collect());
    assert_eq!(unique.len(), recorded.len(), "a serial number comes twice");
    assert_eq!(printed, unique, "what was printed is what was recorded");
    let directories = identity_directories(&site.path("single"));
    assert_eq!(directories.iter().map(|directory| check_identity(directory, &unique)).sum::<usize>(), 40);
}

/// The leaf of every Secret in a stream.
pub(super) fn secrets(text: &str) -> Vec<meshsec::pki::Certificate> {
    use base64::Engine as _;
    let chains = text.lines().filter_map(|line| line.trim().strip_prefix("cert-chain.pem: "));
    // The last line of a stream that was cut off may be half of one.
    let decoded = chains.filter_map(|base64| base64::engine::general_purpose::STANDARD.decode(base64.trim_matches('"')).ok());
    decoded.filter_map(|chain| certificates(&String::from_utf8_lossy(&chain)).into_iter().next()).collect()
}

#[test]
fn of_many_that_make_an_authority_one_succeeds_and_the_others_say_why() {
    let site = Site::empty();
    let ended = at_once(&site, &vec![words("ca init --insecure-no-password -o json"); 12]);
    let made: Vec<&Ended> = ended.iter().filter(|ended| ended.code == Some(0)).collect();
    assert_eq!(made.len(), 1, "{ended:?}");
    for ended in ended.iter().filter(|ended| ended.code != Some(0)) {
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.err.contains("exists and is not empty"), "{ended:?}");
    }
    assert_eq!(site.names(), ["home"]);
    let shown: Value = serde_json::from_str(&made[0].out).unwrap();
    let authorities = site.home().ledger().authorities().unwrap();
    let ids: Vec<&str> = authorities.iter().map(|authority| authority.id.as_str()).collect();
    assert_eq!(shown["authorities"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect::<Vec<_>>(), ids);
}

#[test]
fn revocation_lists_made_at_once_all_have_numbers_of_their_own() {
    let site = Site::new();
    let ended = at_once(&site, &vec![words("ca crl --name default -o pem"); 10]);
    assert!(ended.iter().all(|ended| ended.code == Some(0)), "{ended:?}");
    let home = site.home();
    let id = home.ledger().authority("default").unwrap().id;
    assert_eq!(home.ledger().latest_crl(&id).unwrap().unwrap().number, 10);
    let lists: BTreeSet<&str> = ended.iter().map(|ended| ended.out.as_str()).collect();
    assert_eq!(lists.len(), 10);
}

#[test]
fn intermediates_of_one_name_made_at_once_leave_one_of_them() {
    let site = Site::new();
    let ended = at_once(&site, &vec![words("ca intermediate --name east"); 8]);
    let made = ended.iter().filter(|ended| ended.code == Some(0)).count();
    assert_eq!(made, 1, "{ended:?}");
    assert!(ended.iter().all(|ended| matches!(ended.code, Some(0 | 2))), "{ended:?}");
    let home = site.home();
    assert_eq!(home.ledger().authorities().unwrap().len(), 3);
    home.ledger().verify().unwrap();
}
