//! Chains that are right but for nothing, one or two things, as they would be made on purpose or by mistake.

use std::io::Write;

use aws_lc_rs::rand::SystemRandom;
use jiff::SignedDuration;
use jiff::Timestamp;
use meshsec::pki::Certificate;
use meshsec::pki::Crl;
use meshsec::pki::KeyEncryption;
use meshsec::pki::KeyType;
use meshsec::pki::PrivateKey;
use meshsec::pki::verify::Question;
use meshsec::pki::verify::RevocationScope;
use meshsec::pki::verify::TlsRole;
use meshsec::pki::verify::TrustBundles;
use meshsec::pki::verify::verify;

#[path = "../../src/pki/testing/mint.rs"]
pub(crate) mod mint;
#[path = "../../src/pki/testing/party.rs"]
pub(crate) mod party;

use crate::material::SystemEntropy;
use mint::Mint;
use mint::Name;
use party::Party;

pub(crate) const ID: &str = "spiffe://td/ns/a/sa/b";

/// Says something past the test runner's capture.
pub(crate) fn say(text: &str) {
    std::io::stderr().write_all(format!("{text}\n").as_bytes()).unwrap();
}

/// Numbers that look random and are the same each time.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// Which certificate of a chain is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Leaf,
    Middle,
    Root,
}

/// One thing that is changed.
pub(crate) type Change = (&'static str, Place, fn(&mut Mint));

/// A time relative to now as certificates write it.
pub(crate) fn time(now: Timestamp, hours: i64) -> String {
    (now + SignedDuration::from_hours(hours)).strftime("%Y%m%d%H%M%SZ").to_string()
}

fn replace(mint: &mut Mint, oid: &[u8], extension: Vec<u8>) {
    remove(mint, oid);
    mint.extensions.push(extension);
}

fn remove(mint: &mut Mint, oid: &[u8]) {
    let oid = mint::element(6, oid);
    mint.extensions.retain(|extension| !extension.windows(oid.len()).any(|window| window == oid));
}

/// Adds an extension in place of another of its kind.
fn put(mint: &mut Mint, extension: Vec<u8>) {
    let oid = extension[4..4 + usize::from(extension[3])].to_vec();
    replace(mint, &oid, extension);
}

const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const NAMES: &[u8] = &[0x55, 0x1d, 0x11];
const BASIC: &[u8] = &[0x55, 0x1d, 0x13];
const PURPOSES: &[u8] = &[0x55, 0x1d, 0x25];
const SUBJECT_KEY: &[u8] = &[0x55, 0x1d, 0x0e];
const AUTHORITY_KEY: &[u8] = &[0x55, 0x1d, 0x23];

/// Years before now, or after, that fit into a `fn` without surroundings.
const PAST: &str = "20200101000000Z";
const FAR: &str = "20990101000000Z";

/// Everything that may be changed.
pub(crate) const CHANGES: &[Change] = &[
    ("leaf: two URIs", Place::Leaf, |m| {
        replace(m, NAMES, mint::alternative_names(true, &[Name::Uri(ID), Name::Uri("spiffe://td/x")]));
    }),
    ("leaf: DNS only", Place::Leaf, |m| replace(m, NAMES, mint::alternative_names(true, &[Name::Dns("a.b")]))),
    ("leaf: no path", Place::Leaf, |m| replace(m, NAMES, mint::alternative_names(true, &[Name::Uri("spiffe://td")]))),
    ("leaf: names not critical", Place::Leaf, |m| replace(m, NAMES, mint::alternative_names(false, &[Name::Uri(ID)]))),
    ("leaf: URI and more", Place::Leaf, |m| {
        replace(
            m,
            NAMES,
            mint::alternative_names(true, &[Name::Dns("a.b"), Name::Uri(ID), Name::Ip(&[10, 0, 0, 1]), Name::Email("a@b.c")]),
        );
    }),
    ("leaf: another domain", Place::Leaf, |m| replace(m, NAMES, mint::alternative_names(true, &[Name::Uri("spiffe://tb/a")]))),
    ("leaf: cA", Place::Leaf, |m| replace(m, BASIC, mint::basic_constraints(true, true, None))),
    ("leaf: no basicConstraints", Place::Leaf, |m| remove(m, BASIC)),
    ("leaf: no keyUsage", Place::Leaf, |m| remove(m, KEY_USAGE)),
    ("leaf: keyUsage not critical", Place::Leaf, |m| replace(m, KEY_USAGE, mint::key_usage(false, mint::DIGITAL_SIGNATURE))),
    ("leaf: keyEncipherment only", Place::Leaf, |m| replace(m, KEY_USAGE, mint::key_usage(true, mint::KEY_ENCIPHERMENT))),
    ("leaf: keyCertSign", Place::Leaf, |m| {
        replace(m, KEY_USAGE, mint::key_usage(true, mint::DIGITAL_SIGNATURE | mint::KEY_CERT_SIGN));
    }),
    ("leaf: cRLSign", Place::Leaf, |m| replace(m, KEY_USAGE, mint::key_usage(true, mint::DIGITAL_SIGNATURE | mint::CRL_SIGN))),
    ("leaf: no purposes", Place::Leaf, |m| remove(m, PURPOSES)),
    ("leaf: serverAuth", Place::Leaf, |m| replace(m, PURPOSES, mint::extended_key_usage(false, &[mint::SERVER_AUTH]))),
    ("leaf: clientAuth", Place::Leaf, |m| replace(m, PURPOSES, mint::extended_key_usage(true, &[mint::CLIENT_AUTH]))),
    ("leaf: any purpose", Place::Leaf, |m| replace(m, PURPOSES, mint::extended_key_usage(false, &[mint::ANY_PURPOSE]))),
    ("leaf: expired", Place::Leaf, |m| (m.not_before, m.not_after) = ("20190101000000Z".to_owned(), PAST.to_owned())),
    ("leaf: not yet valid", Place::Leaf, |m| (m.not_before, m.not_after) = (FAR.to_owned(), "20990201000000Z".to_owned())),
    ("leaf: begins after its end", Place::Leaf, |m| (m.not_before, m.not_after) = (FAR.to_owned(), PAST.to_owned())),
    ("leaf: unknown critical extension", Place::Leaf, |m| put(m, mint::unknown_extension(true))),
    ("leaf: unknown extension", Place::Leaf, |m| put(m, mint::unknown_extension(false))),
    ("leaf: serial zero", Place::Leaf, |m| m.serial = vec![0]),
    ("leaf: serial negative", Place::Leaf, |m| m.serial = vec![0xff, 0x01]),
    ("leaf: serial too long", Place::Leaf, |m| m.serial = vec![0x11; 25]),
    ("leaf: version 1", Place::Leaf, |m| m.version.clear()),
    ("leaf: no authority key", Place::Leaf, |m| remove(m, AUTHORITY_KEY)),
    ("leaf: another authority key", Place::Leaf, |m| replace(m, AUTHORITY_KEY, mint::authority_key_identifier(&[1; 20]))),
    ("leaf: another issuer", Place::Leaf, |m| m.issuer = mint::distinguished("td", "nobody")),
    ("leaf: other key usage bits", Place::Leaf, |m| {
        replace(m, KEY_USAGE, mint::key_usage(true, mint::DIGITAL_SIGNATURE | mint::KEY_ENCIPHERMENT));
    }),
    ("middle: no cA", Place::Middle, |m| replace(m, BASIC, mint::basic_constraints(true, false, None))),
    ("middle: no basicConstraints", Place::Middle, |m| remove(m, BASIC)),
    ("middle: basicConstraints not critical", Place::Middle, |m| replace(m, BASIC, mint::basic_constraints(false, true, None))),
    ("middle: path length 0", Place::Middle, |m| replace(m, BASIC, mint::basic_constraints(true, true, Some(0)))),
    ("middle: no keyUsage", Place::Middle, |m| remove(m, KEY_USAGE)),
    ("middle: no keyCertSign", Place::Middle, |m| replace(m, KEY_USAGE, mint::key_usage(true, mint::CRL_SIGN))),
    ("middle: no cRLSign", Place::Middle, |m| replace(m, KEY_USAGE, mint::key_usage(true, mint::KEY_CERT_SIGN))),
    ("middle: serverAuth", Place::Middle, |m| put(m, mint::extended_key_usage(false, &[mint::SERVER_AUTH]))),
    ("middle: clientAuth", Place::Middle, |m| put(m, mint::extended_key_usage(false, &[mint::CLIENT_AUTH]))),
    ("middle: any purpose", Place::Middle, |m| put(m, mint::extended_key_usage(false, &[mint::ANY_PURPOSE]))),
    ("middle: expired", Place::Middle, |m| (m.not_before, m.not_after) = ("20190101000000Z".to_owned(), PAST.to_owned())),
    ("middle: not yet valid", Place::Middle, |m| (m.not_before, m.not_after) = (FAR.to_owned(), "20990201000000Z".to_owned())),
    ("middle: unknown critical extension", Place::Middle, |m| put(m, mint::unknown_extension(true))),
    ("middle: constrained to the domain", Place::Middle, |m| put(m, mint::name_constraints(true, &[Name::Uri("td")], &[]))),
    ("middle: constrained to another", Place::Middle, |m| put(m, mint::name_constraints(true, &[Name::Uri("tb")], &[]))),
    ("middle: constrained to what is above", Place::Middle, |m| put(m, mint::name_constraints(true, &[Name::Uri(".td")], &[]))),
    ("middle: the domain excluded", Place::Middle, |m| put(m, mint::name_constraints(false, &[], &[Name::Uri("td")]))),
    ("middle: constrained DNS names", Place::Middle, |m| put(m, mint::name_constraints(true, &[Name::Dns("b")], &[]))),
    ("middle: other DNS names", Place::Middle, |m| put(m, mint::name_constraints(true, &[Name::Dns("c")], &[]))),
    ("middle: other addresses", Place::Middle, |m| {
        put(m, mint::name_constraints(true, &[Name::Ip(&[11, 0, 0, 0, 255, 0, 0, 0])], &[]));
    }),
    ("middle: constrained mailboxes", Place::Middle, |m| put(m, mint::name_constraints(true, &[Name::Email("b.c")], &[]))),
    ("middle: no subject key", Place::Middle, |m| remove(m, SUBJECT_KEY)),
    ("middle: version 1", Place::Middle, |m| m.version.clear()),
    ("middle: URI of its domain", Place::Middle, |m| put(m, mint::alternative_names(false, &[Name::Uri("spiffe://td")]))),
    ("root: no cA", Place::Root, |m| replace(m, BASIC, mint::basic_constraints(true, false, None))),
    ("root: path length 0", Place::Root, |m| replace(m, BASIC, mint::basic_constraints(true, true, Some(0)))),
    ("root: path length 1", Place::Root, |m| replace(m, BASIC, mint::basic_constraints(true, true, Some(1)))),
    ("root: no keyUsage", Place::Root, |m| remove(m, KEY_USAGE)),
    ("root: no keyCertSign", Place::Root, |m| replace(m, KEY_USAGE, mint::key_usage(true, mint::CRL_SIGN))),
    ("root: no cRLSign", Place::Root, |m| replace(m, KEY_USAGE, mint::key_usage(true, mint::KEY_CERT_SIGN))),
    ("root: expired", Place::Root, |m| (m.not_before, m.not_after) = ("20190101000000Z".to_owned(), PAST.to_owned())),
    ("root: unknown critical extension", Place::Root, |m| put(m, mint::unknown_extension(true))),
    ("root: constrained to the domain", Place::Root, |m| put(m, mint::name_constraints(true, &[Name::Uri("td")], &[]))),
    ("root: constrained to another", Place::Root, |m| put(m, mint::name_constraints(true, &[Name::Uri("tb")], &[]))),
    ("root: clientAuth", Place::Root, |m| put(m, mint::extended_key_usage(false, &[mint::CLIENT_AUTH]))),
    ("root: any purpose", Place::Root, |m| put(m, mint::extended_key_usage(false, &[mint::ANY_PURPOSE]))),
    ("root: no subject key", Place::Root, |m| remove(m, SUBJECT_KEY)),
];

/// How the chain is presented.
pub(crate) const SHAPES: [&str; 5] =
    ["leaf and intermediate", "with the root", "out of order", "without the intermediate", "straight under the root"];

/// Which revocation lists are given.
pub(crate) const LISTS: [&str; 9] = [
    "none",
    "all",
    "the root's alone",
    "the intermediate's alone",
    "the leaf revoked",
    "the intermediate revoked",
    "one expired",
    "two, the second revoking",
    "by a stranger",
];

/// A chain and what it is verified with.
pub(crate) struct Case {
    pub(crate) changes: Vec<&'static str>,
    pub(crate) shape: &'static str,
    pub(crate) lists: &'static str,
    pub(crate) role: TlsRole,
    pub(crate) chain: Vec<Certificate>,
    /// The leaf's private key in PEM.
    pub(crate) key: String,
    pub(crate) root: Certificate,
    pub(crate) crls: Vec<Crl>,
    pub(crate) at: Timestamp,
}

impl Case {
    /// A case of at most `most` changes.
    pub(crate) fn roll(dice: &mut Dice, now: Timestamp, most: usize, has_lists: bool) -> Self {
        let picked: Vec<&Change> = (0..dice.below(most + 1)).map(|_| &CHANGES[dice.below(CHANGES.len())]).collect();
        let shape = if dice.below(3) == 0 { SHAPES[dice.below(SHAPES.len())] } else { SHAPES[0] };
        let lists = if has_lists && dice.below(3) == 0 { LISTS[dice.below(LISTS.len())] } else { LISTS[0] };
        let role = [TlsRole::Any, TlsRole::Client, TlsRole::Server][dice.below(3)];
        Self::make(&picked, shape, lists, role, now)
    }

    /// A case of exactly these changes.
    pub(crate) fn make(picked: &[&Change], shape: &'static str, lists: &'static str, role: TlsRole, now: Timestamp) -> Self {
        let apply = |place: Place, m: &mut Mint| {
            (m.not_before, m.not_after) = (time(now, -12), time(now, 12));
            picked.iter().filter(|(_, of, _)| *of == place).for_each(|(_, _, change)| change(m));
        };
        let root = Party::root("root", |m| apply(Place::Root, m));
        let middle = root.authority("middle", |m| apply(Place::Middle, m));
        let signer = if shape == "straight under the root" { &root } else { &middle };
        let leaf = signer.leaf(ID, |m| apply(Place::Leaf, m));
        let stranger = Party::root("root", |_| {});
        let current = |list: &mut mint::MintCrl| (list.this_update, list.next_update) = (time(now, -12), time(now, 12));
        let of_root = || root.revokes(&[], current);
        let of_middle = || middle.revokes(&[], current);
        let crls = match lists {
            "none" => vec![],
            "all" => vec![of_root(), of_middle()],
            "the root's alone" => vec![of_root()],
            "the intermediate's alone" => vec![of_middle()],
            "the leaf revoked" => vec![root.revokes(&[&leaf], current), middle.revokes(&[&leaf], current)],
            "the intermediate revoked" => vec![root.revokes(&[&middle], current), of_middle()],
            "one expired" => {
                let ended = |list: &mut mint::MintCrl| (list.this_update, list.next_update) = (time(now, -12), time(now, -1));
                vec![root.revokes(&[], ended), of_middle()]
            }
            "two, the second revoking" => vec![of_root(), of_middle(), middle.revokes(&[&leaf], current)],
            _ => vec![stranger.revokes(&[], current), of_middle()],
        };
        let parties: &[&Party] = match shape {
            "leaf and intermediate" => &[&leaf, &middle],
            "with the root" => &[&leaf, &middle, &root],
            "out of order" => &[&leaf, &root, &middle],
            _ => &[&leaf],
        };
        Self {
            changes: picked.iter().map(|(name, _, _)| *name).collect(),
            shape,
            lists,
            role,
            chain: parties.iter().map(|party| party.certificate.clone()).collect(),
            key: leaf.key.to_pem(&KeyEncryption::Plain, &mut SystemEntropy).unwrap().to_string(),
            root: root.certificate.clone(),
            crls,
            at: now,
        }
    }

    pub(crate) fn describe(&self) -> String {
        format!("{:?}, {}, lists: {}, {:?}", self.changes, self.shape, self.lists, self.role)
    }

    /// Ours: the name of the check that does not hold; `None` when it is verified. The bundle is that of both trust domains.
    pub(crate) fn ours(&self) -> Option<&'static str> {
        let bundles: TrustBundles =
            ["td", "tb"].into_iter().map(|domain| (domain.parse().unwrap(), vec![self.root.clone()])).collect();
        let question = Question {
            chain: &self.chain,
            bundles: &bundles,
            crls: &self.crls,
            revocation: RevocationScope::WholePath,
            at: self.at,
            role: self.role,
            expected: None,
        };
        verify(&question).err().map(|error| error.0.check.name)
    }
}
