use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;

use meshsec::store::Home;

use super::Ended;
use super::Site;
use super::check_identity;
use super::concurrency::secrets;
use super::identity_directories;
use super::names;
use super::next_random;
use super::rows;

/// How many runs have to die by the signal.
const KILLS: usize = 80;

/// What is started and killed, with how often it is chosen.
const RUNS: &[(usize, &str)] = &[
    (6, "svid issue -f many.yaml --all -o k8s"),
    (4, "svid issue -f few.yaml --all --out out"),
    (4, "svid issue --service-account shop/solo --out solo"),
    (2, "ca intermediate --name NEW"),
    (2, "ca init --insecure-no-password --home other"),
    (2, "ca crl"),
    (1, "svid revoke --spiffe-id spiffe://cluster.local/ns/shop/sa/a1"),
    (1, "ca backup -o NEW.age --password-file passphrase"),
];

struct Loop {
    site: Site,
    /// How long each run takes when it is left alone.
    durations: Vec<Duration>,
    random: u64,
    count: usize,
    /// What was seen to be recorded stays recorded.
    seen: BTreeSet<String>,
}

impl Loop {
    fn new() -> Self {
        let site = Site::new();
        site.write_accounts("many.yaml", 700);
        site.write_accounts("few.yaml", 25);
        fs::write(site.path("passphrase"), "secret\n").unwrap();
        let random = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        Self { site, durations: Vec::new(), random, count: 0, seen: BTreeSet::new() }
    }

    fn arguments(&mut self, run: &str) -> Vec<String> {
        self.count += 1;
        run.replace("NEW", &format!("new{}", self.count)).split(' ').map(str::to_owned).collect()
    }

    /// Runs it to its end, to learn how long that takes.
    fn measure(&mut self) {
        for (_, run) in RUNS {
            let arguments = self.arguments(run);
            let started = Instant::now();
            self.site.yes(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
            self.durations.push(started.elapsed());
        }
        fs::remove_dir_all(self.site.path("other")).unwrap();
    }

    /// Starts one run and kills it at a random moment of its life. Whether it was still alive then.
    fn kill_one(&mut self) -> bool {
        let total: usize = RUNS.iter().map(|(weight, _)| weight).sum();
        let mut place = usize::try_from(next_random(&mut self.random, total as u64)).unwrap();
        let index = RUNS.iter().position(|(weight, _)| place.checked_sub(*weight).map(|rest| place = rest).is_none()).unwrap();
        let arguments = self.arguments(RUNS[index].1);
        let micros = u64::try_from(self.durations[index].as_micros()).unwrap();
        let delay = Duration::from_micros(next_random(&mut self.random, micros.max(1)));
        let mut command = self.site.command(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let printed = self.site.path("printed");
        command.stdout(fs::File::create(&printed).unwrap()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let survivor = self.site.command(&["svid", "issue", "--service-account", "shop/alive", "-o", "k8s"]).spawn().unwrap();
        std::thread::sleep(delay);
        child.kill().unwrap();
        let was_killed = child.wait().unwrap().signal() == Some(9);
        let what = format!("{} after {delay:?}", arguments.join(" "));
        let survived = Ended::of(&survivor.wait_with_output().unwrap(), &["survivor"]);
        assert_eq!(survived.code, Some(0), "{what}: {survived:?}");
        self.check(&what, &(fs::read_to_string(&printed).unwrap() + "\n" + &survived.out));
        was_killed
    }

    fn check(&mut self, what: &str, printed: &str) {
        let home = Home::open(&self.site.path("home")).unwrap_or_else(|error| panic!("{what}: {error}"));
        let rows = rows(&home);
        let recorded: BTreeSet<String> = rows.iter().map(|row| row.serial.to_string()).collect();
        assert_eq!(recorded.len(), rows.len(), "{what}: a serial number comes twice");
        assert!(self.seen.is_subset(&recorded), "{what}: a row is gone");
        let printed = secrets(printed);
        assert!(!printed.is_empty(), "{what}: the survivor printed nothing");
        for certificate in printed {
            assert!(recorded.contains(&certificate.serial().to_string()), "{what}: printed and not recorded");
        }
        for folder in ["out", "solo"] {
            for directory in identity_directories(&self.site.path(folder)) {
                check_identity(&directory, &recorded);
            }
        }
        for authority in home.ledger().authorities().unwrap() {
            assert!(home.load_signer(&authority, None).is_ok(), "{what}: `{}` lost its key", authority.name);
        }
        self.check_other(what);
        self.seen = recorded;
    }

    /// A home is there whole, or not at all.
    fn check_other(&self, what: &str) {
        let other = self.site.path("other");
        if other.exists() {
            let home = Home::open(&other).unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(home.ledger().authorities().unwrap().len(), 2, "{what}");
            drop(home);
            fs::remove_dir_all(&other).unwrap();
        }
    }

    /// Everything can be run again, and nothing of the dead is left then.
    fn recover(&mut self) {
        let hour_ago = SystemTime::now() - Duration::from_secs(3700);
        let keys = self.site.path("home").join("keys");
        for folder in [keys.clone(), self.site.path("home"), self.site.path("")] {
            for name in names(&folder).iter().filter(|name| name.starts_with('.') || name.strip_suffix(".pem").is_some()) {
                fs::File::open(folder.join(name)).unwrap().set_modified(hour_ago).unwrap();
            }
        }
        for (_, run) in RUNS {
            let arguments = self.arguments(run);
            self.site.yes(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        }
        let home = self.site.home();
        let mut expected: Vec<String> =
            home.ledger().authorities().unwrap().iter().map(|authority| format!("{}.pem", authority.id)).collect();
        expected.sort();
        assert_eq!(names(&keys), expected, "keys that no row names");
        drop(home);
        for folder in ["home", ""] {
            let hidden: Vec<String> = names(&self.site.path(folder)).into_iter().filter(|name| name.starts_with('.')).collect();
            assert!(hidden.iter().all(|name| is_of_a_dead_backup(name)), "{folder}: {hidden:?}");
        }
        for folder in ["out", "solo"] {
            let directories = identity_directories(&self.site.path(folder));
            assert!(!directories.is_empty());
            for directory in directories {
                let (versions, others): (Vec<_>, Vec<_>) =
                    names(&directory).into_iter().partition(|name| name.starts_with("..") && name != "..data");
                assert_eq!(others, ["..data", "cert-chain.pem", "key.pem", "root-cert.pem"], "{}", directory.display());
                assert_eq!(versions.len(), 1, "{}: {versions:?}", directory.display());
            }
        }
        assert_eq!(identity_directories(&self.site.path("out")).len(), 25);
    }
}

/// A backup that died left a file beside its own name, which only a backup under the same name removes.
fn is_of_a_dead_backup(name: &str) -> bool {
    name.starts_with(".new") && Path::new(name).extension().is_some_and(|extension| extension == "tmp")
}

#[test]
fn whenever_a_process_is_killed_the_ledger_is_whole_and_nothing_left_it_unrecorded() {
    let mut state = Loop::new();
    state.measure();
    println!("seed {}; {:?}", state.random, state.durations);
    let started = Instant::now();
    let mut killed = 0;
    let mut runs = 0;
    while killed < KILLS {
        runs += 1;
        killed += usize::from(state.kill_one());
        assert!(started.elapsed() < Duration::from_secs(300), "{killed} of {runs} runs killed in {:?}", started.elapsed());
    }
    state.recover();
    println!("{killed} of {runs} runs killed, {} certificates, {:?}", state.seen.len(), started.elapsed());
}
