//! What tokens cost: `cargo bench --bench jose`.
//!
//! Prints tokens minted and verified per second beside the bare signatures of the cryptographic library in the same run, what `openssl speed`
//! says, and `jwt inspect` from process start to exit. Both sides of a ratio are measured in turns, so that whatever else runs on the
//! machine disturbs both, and the median turn counts. Sizes: `MESHSEC_BENCH_TURNS` (21), `MESHSEC_BENCH_STARTS` (50). Names of algorithms
//! (`cargo bench --bench jose -- RS256`) measure these rows alone.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    reason = "a measurement prints its figures and gives up when it cannot measure"
)]

mod bare;
#[path = "../simulate/process.rs"]
mod process;

use std::hint::black_box;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use aws_lc_rs::rand::SystemRandom;
use jiff::Timestamp;
use meshsec::jose::Algorithm;
use meshsec::jose::ExactJson;
use meshsec::jose::KeySpec;
use meshsec::jose::Rules;
use meshsec::jose::SigningKey;
use meshsec::jose::TokenDraft;
use meshsec::jose::VerificationKeys;

/// One turn of one side.
const TURN: Duration = Duration::from_millis(60);
const NOW: i64 = 1_795_694_400;

fn size(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    if wanted.is_empty() {
        starts();
    }
    println!("\n{:<8} {:>12} {:>12} {:>7}   {:>12} {:>12} {:>7}", "", "mint/s", "bare/s", "ratio", "verify/s", "bare/s", "ratio");
    for (algorithm, has_budget) in
        [(Algorithm::Es256, true), (Algorithm::Rs256, true), (Algorithm::EdDsa, false), (Algorithm::Hs256, false)]
    {
        if wanted.is_empty() || wanted.iter().any(|name| name == algorithm.name()) {
            tokens(algorithm, has_budget);
        }
    }
    if wanted.is_empty() {
        openssl();
    }
}

fn starts() {
    let token = draft(Algorithm::Es256, 0).sign(&key(Algorithm::Es256)).expect("a token");
    let padding = ("note".to_owned(), ExactJson::from("x".repeat(1024 - token.len().min(1000))));
    let mut long = draft(Algorithm::Es256, 0);
    long.claims.push(padding);
    let token = long.sign(&key(Algorithm::Es256)).expect("a token");
    let runs = size("MESHSEC_BENCH_STARTS", 50);
    for (what, arguments) in [("--version", &["--version"][..]), ("jwt inspect", &["jwt", "inspect", &token])] {
        let cost = process::run(arguments, runs);
        let verdict = if cost.milliseconds <= 5.0 && cost.megabytes <= 15.0 { "within" } else { "MISSED" };
        println!(
            "{what}: {:.2} ms from start to exit ({:.2} ms processor time), {:.1} MB (budget 5 ms, 15 MB: {verdict})",
            cost.milliseconds, cost.processor, cost.megabytes
        );
    }
    println!("the token of `jwt inspect` has {} bytes", token.len());
}

fn key(algorithm: Algorithm) -> SigningKey {
    let key = SigningKey::generate(KeySpec::for_algorithm(algorithm), &SystemRandom::new()).expect("a key");
    key.with_identity(Some("2026-11".to_owned()), None).expect("a name")
}

/// A token as an issuer writes it; each has claims of its own.
fn draft(algorithm: Algorithm, number: u64) -> TokenDraft {
    let claim = |name: &str, value: ExactJson| (name.to_owned(), value);
    TokenDraft {
        algorithm,
        key_id: Some("2026-11".to_owned()),
        header: vec![claim("typ", "JWT".into())],
        claims: vec![
            claim("iss", "https://idp.example/realms/shop".into()),
            claim("sub", "6f1c3e0a-8f0e-4e0b-9d0c-2f6f2b0d5c11".into()),
            claim("aud", "shop".into()),
            claim("iat", NOW.into()),
            claim("exp", (NOW + 3600).into()),
            claim("jti", format!("{number:032x}").into()),
            claim("scope", "openid profile email".into()),
            claim("groups", ["admin", "staff"].into_iter().collect()),
        ],
    }
}

fn tokens(algorithm: Algorithm, has_budget: bool) {
    let key = key(algorithm);
    let keys = VerificationKeys::of_keys([key.jwk().clone()]);
    let text = draft(algorithm, 0).sign(&key).expect("a token");
    let (message, _) = text.rsplit_once('.').expect("a signature");
    let rules = Rules {
        issuers: vec!["https://idp.example/realms/shop".to_owned()],
        audiences: vec!["shop".to_owned()],
        ..Rules::default()
    };
    let now = Timestamp::from_second(NOW + 60).expect("a time");
    let bare = bare::Bare::new(algorithm, message.as_bytes());
    let mut number = 0;
    let (mint, bare_sign) = compare(
        || {
            number += 1;
            black_box(draft(algorithm, number).sign(&key).expect("a token"));
        },
        || bare.sign(),
    );
    let (verify, bare_verify) =
        compare(|| assert!(black_box(keys.verify(&text, &rules, now)).is_verified(), "the token is good"), || bare.verify());
    let (minting, verifying) = (bare_sign / mint, bare_verify / verify);
    let verdict = match (has_budget, minting.max(verifying) <= 1.25) {
        (false, _) => "",
        (true, true) => "within 25 %",
        (true, false) => "MISSED: more than 25 %",
    };
    println!(
        "{:<8} {mint:>12.0} {bare_sign:>12.0} {minting:>7.2}   {verify:>12.0} {bare_verify:>12.0} {verifying:>7.2}  {verdict}",
        algorithm.name()
    );
}

/// Rates of two things done in turns: the medians.
fn compare(mut ours: impl FnMut(), mut theirs: impl FnMut()) -> (f64, f64) {
    let turns = size("MESHSEC_BENCH_TURNS", 21).max(1);
    let (mut our_rates, mut their_rates) = (Vec::new(), Vec::new());
    for _ in 0..turns {
        our_rates.push(rate(&mut ours));
        their_rates.push(rate(&mut theirs));
    }
    (median(our_rates), median(their_rates))
}

fn rate(work: &mut dyn FnMut()) -> f64 {
    let start = Instant::now();
    let mut count = 0_u32;
    loop {
        for _ in 0..8 {
            work();
        }
        count += 8;
        let took = start.elapsed();
        if took >= TURN {
            return f64::from(count) / took.as_secs_f64();
        }
    }
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

/// Another library on the same machine, for comparison.
fn openssl() {
    let output = Command::new("openssl").args(["speed", "-seconds", "1", "ecdsap256", "rsa2048", "ed25519"]).output();
    match output {
        Ok(output) if output.status.success() => {
            println!("\nopenssl speed, signatures per second:");
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            for line in text.lines().filter(|line| line.contains("sign/s") || line.contains("bits")) {
                println!("  {line}");
            }
        }
        _ => println!("\nopenssl speed: skipped, no openssl"),
    }
}
