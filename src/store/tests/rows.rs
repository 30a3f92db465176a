use super::*;
use crate::pki::PkiError;
use crate::pki::PrivateKey;
use crate::pki::RevocationReason;
use crate::pki::SerialNumber;
use crate::store::AuthorityKind;
use crate::store::CertificateFilter;
use crate::store::CertificateState;
use crate::store::JwtKeyRecord;
use crate::store::Order;
use crate::store::Revocation;
use crate::store::StoredCrl;
use crate::store::issue;
use crate::store::issue_batch;

fn issue_one(home: &mut Home, signer: &Signer, account: &str, ttl: SignedDuration) -> SerialNumber {
    let sign = |serial, _: &mut dyn Entropy| Ok::<_, StoreError>(signed(signer, account, ttl, serial));
    issue(home.ledger_mut(), &mut TestEntropy, sign).unwrap().0.serial().clone()
}

#[test]
fn settings_come_back_and_change() {
    let (_folder, mut home) = make_home();
    assert_eq!(home.ledger().settings().unwrap(), settings());
    let sequence = home.ledger_mut().transaction(|transaction| {
        transaction.set_max_svid_ttl(DAY)?;
        transaction.set_keys_encrypted(true)?;
        transaction.advance_bundle()
    });
    assert_eq!(sequence.map_err(|error: StoreError| error).unwrap(), 2);
    let path = home.path().to_owned();
    drop(home);
    let changed = Settings { max_svid_ttl: DAY, are_keys_encrypted: true, bundle_sequence: 2, ..settings() };
    assert_eq!(Home::open(&path).unwrap().ledger().settings().unwrap(), changed);
}

#[test]
fn a_transaction_that_fails_changes_nothing() {
    let (_folder, mut home) = make_home();
    let failed: Result<(), StoreError> = home.ledger_mut().transaction(|transaction| {
        transaction.set_max_svid_ttl(DAY)?;
        assert_eq!(transaction.settings()?.max_svid_ttl, DAY, "inside, the change is seen");
        Err(StoreError::NotRecorded)
    });
    assert!(matches!(failed, Err(StoreError::NotRecorded)));
    assert_eq!(home.ledger().settings().unwrap(), settings());
}

#[test]
fn of_several_jwt_keys_the_one_that_retires_first_signs() {
    let (_folder, mut home) = make_home();
    let at = |hours: i64| now() + SignedDuration::from_hours(hours);
    for (kid, hours, retires) in [("b", 0, 1), ("a", 0, 3), ("c", 2, 4)] {
        let key = JwtKeyRecord { key_id: kid.to_owned(), public_jwk: "{}".to_owned(), created_at: at(hours), retired_at: None };
        home.ledger_mut()
            .transaction(|transaction| {
                transaction.insert_jwt_key(&key)?;
                if kid == "c" { Ok(()) } else { transaction.retire_jwt_keys(at(retires)) }
            })
            .unwrap_or_else(|error: StoreError| panic!("{kid}: {error}"));
    }
    for (hours, kid) in [(0, "b"), (1, "a"), (2, "a"), (3, "c"), (99, "c")] {
        let signing = home.ledger().signing_jwt_key(at(hours)).unwrap().unwrap();
        assert_eq!(signing.key_id, kid, "after {hours} h");
    }
    let published = |home: &Home, hours| {
        let keys = home.ledger().jwt_keys().unwrap().into_iter().filter(|key| key.is_published(at(hours), DAY));
        keys.map(|key| key.key_id).collect::<String>()
    };
    for (hours, kids) in [(0, "bac"), (24, "bac"), (25, "ac"), (26, "ac"), (27, "c"), (999, "c")] {
        assert_eq!(published(&home, hours), kids, "after {hours} h");
    }
    let deleted: Result<(), StoreError> = home.ledger_mut().transaction(|transaction| transaction.delete_jwt_key("b"));
    deleted.unwrap();
    assert_eq!(published(&home, 0), "ac");
}

#[test]
fn an_intermediate_follows_its_root_through_a_rotation() {
    let (_folder, mut home) = make_home();
    let (first, below) = {
        let all = home.ledger().authorities().unwrap();
        assert_eq!(
            all.iter().map(|one| (one.name.as_str(), one.kind)).collect::<Vec<_>>(),
            [("root", AuthorityKind::Root), ("default", AuthorityKind::Intermediate)]
        );
        (all[0].id.clone(), all[1].id.clone())
    };
    let second = root("second");
    let its = intermediate(&second, "second intermediate");
    let (second_id, its_id) = home
        .ledger_mut()
        .transaction(|transaction| {
            let id = transaction.insert_authority(&new_authority("root-2", &second, None, AuthorityState::Prepared))?;
            let below = transaction.insert_authority(&new_authority("default", &its, Some(&id), AuthorityState::Prepared))?;
            Ok::<_, StoreError>((id, below))
        })
        .unwrap();
    let states = |home: &Home| {
        let all = home.ledger().authorities().unwrap();
        all.into_iter().map(|one| format!("{} {}", one.name, one.state)).collect::<Vec<_>>()
    };
    assert_eq!(states(&home), ["root active", "default active", "root-2 prepared", "default prepared"]);
    assert_eq!(default_authority(&home).id, below);
    let set = |home: &mut Home, changes: &[(&AuthorityId, AuthorityState)]| {
        home.ledger_mut()
            .transaction(|transaction| changes.iter().try_for_each(|(id, state)| transaction.set_state(id, *state, now())))
    };
    assert!(set(&mut home, &[(&second_id, AuthorityState::Active)]).is_err(), "two roots are never active at once");
    set(&mut home, &[(&first, AuthorityState::Old), (&second_id, AuthorityState::Active)])
        .map_err(|error: StoreError| error)
        .unwrap();
    assert_eq!(states(&home), ["root old", "default old", "root-2 active", "default active"]);
    assert_eq!(default_authority(&home).id, its_id);
    assert_eq!(home.ledger().authority("default").unwrap().id, its_id);
    assert_eq!(home.ledger().authority(below.as_str()).unwrap().state, AuthorityState::Old);
    assert_eq!(home.ledger().active_root().unwrap().unwrap().id, second_id);
    assert!(
        matches!(set(&mut home, &[(&below, AuthorityState::Active)]), Err(StoreError::NoAuthority(_))),
        "only roots have a state"
    );
    assert!(matches!(home.ledger().authority("nobody"), Err(StoreError::NoAuthority(_))));
    assert!(matches!(home.ledger().signing_authority(&"nobody".parse().unwrap()), Err(StoreError::NoSigner(_))));
}

#[test]
fn an_authority_that_signs_no_more_gets_no_rows() {
    let (_folder, mut home) = make_home();
    let authority = default_authority(&home);
    let signer = home.load_signer(&authority, None).unwrap();
    let parent = authority.parent.clone().unwrap();
    let record = |home: &mut Home| {
        let row = signed(&signer, "web", DAY, TestEntropy.serial().unwrap()).row;
        home.ledger_mut().transaction(|transaction| transaction.record_certificate(&row))
    };
    record(&mut home).unwrap();
    let revocation = Revocation { reason: RevocationReason::CaCompromise, revoked_at: now() };
    let serial = authority.certificate.serial();
    home.ledger_mut()
        .transaction(|transaction| {
            transaction.revoke(&parent, serial, revocation)?;
            assert!(matches!(
                transaction.record_certificate(&signed(&signer, "web", DAY, TestEntropy.serial().unwrap()).row),
                Err(StoreError::Retired { state: AuthorityState::Revoked, .. })
            ));
            let error = transaction.signing_authority(&authority.name).unwrap_err();
            assert!(matches!(error, StoreError::Retired { state: AuthorityState::Revoked, .. }));
            Err::<(), _>(StoreError::NotRecorded)
        })
        .unwrap_err();
    record(&mut home).unwrap();
    for state in [AuthorityState::Old, AuthorityState::Tainted, AuthorityState::Revoked] {
        home.ledger_mut().transaction(|transaction| transaction.set_state(&parent, state, now())).unwrap();
        assert!(matches!(record(&mut home), Err(StoreError::Retired { state: found, .. }) if found == state), "{state}");
    }
    let back = home.ledger_mut().transaction(|transaction| transaction.set_state(&parent, AuthorityState::Active, now()));
    assert!(matches!(back, Err(StoreError::Moved { state: AuthorityState::Revoked, .. })), "a life goes one way");
}

#[test]
fn a_name_is_free_again_once_its_intermediate_is_retired() {
    let (_folder, mut home) = make_home();
    let first = default_authority(&home);
    let parent = home.ledger().active_root().unwrap().unwrap();
    let root = home.load_signer(&parent, None).unwrap();
    let second = new_authority("default", &intermediate(&root, "another"), Some(&parent.id), AuthorityState::Active);
    let taken = home.ledger_mut().transaction(|transaction| transaction.insert_authority(&second));
    assert!(matches!(taken, Err(StoreError::NameTaken(_))));
    let id = home
        .ledger_mut()
        .transaction(|transaction| {
            transaction.retire(&first.id, now())?;
            transaction.insert_authority(&second)
        })
        .unwrap();
    assert_eq!(default_authority(&home).id, id);
    assert_eq!(home.ledger().authority_by_id(&first.id).unwrap().unwrap().state, AuthorityState::Old);
    let again = home.ledger_mut().transaction(|transaction| transaction.retire(&first.id, now()));
    assert!(matches!(again, Err(StoreError::NoAuthority(_))));
}

#[test]
fn a_certificate_comes_back_as_it_was_recorded() {
    let (_folder, mut home) = make_home();
    let signer = home.load_signer(&default_authority(&home), None).unwrap();
    let first = signed(&signer, "web", DAY, TestEntropy.serial().unwrap()).row;
    let mut second = signed(&signer, "web", DAY * 2, TestEntropy.serial().unwrap()).row;
    second.origin = Origin::Renew;
    second.renewed_from = Some((first.issuer.clone(), first.certificate.serial().clone()));
    home.ledger_mut()
        .transaction(|transaction| {
            transaction.record_certificate(&first)?;
            transaction.record_certificate(&second)
        })
        .unwrap();
    let filter =
        CertificateFilter { spiffe_id: "spiffe://cluster.local/ns/shop/sa/web".parse().ok(), ..CertificateFilter::default() };
    let found = home.ledger().certificates(&filter, Order::Recorded).unwrap();
    assert_eq!(found.len(), 2);
    for (record, new) in found.iter().zip([&first, &second]) {
        assert_eq!(&record.issuer, &new.issuer);
        assert_eq!(&record.serial, new.certificate.serial());
        assert_eq!(record.origin, new.origin);
        assert_eq!(record.spiffe_id.as_ref().unwrap().as_str(), "spiffe://cluster.local/ns/shop/sa/web");
        assert_eq!(record.dns_names, ["web.shop.svc", "web.shop"]);
        assert_eq!((record.not_before, record.not_after), (new.certificate.not_before(), new.certificate.not_after()));
        assert_eq!(record.issued_at, now());
        assert_eq!(record.fingerprint, new.certificate.fingerprint());
        assert_eq!(record.output.as_deref(), Some(Path::new("certs")));
        assert_eq!(record.renewed_from, new.renewed_from);
        assert_eq!(record.revocation, None);
        assert_eq!(home.ledger().certificate(&record.issuer, &record.serial).unwrap().as_ref(), Some(&new.certificate));
    }
    let latest = home.ledger().certificates(&CertificateFilter { is_latest: true, ..filter }, Order::Recorded).unwrap();
    assert_eq!(latest.iter().map(|record| &record.serial).collect::<Vec<_>>(), [second.certificate.serial()]);
    let mut stranger = signed(&signer, "web", DAY, TestEntropy.serial().unwrap()).row;
    stranger.renewed_from = Some((first.issuer.clone(), TestEntropy.serial().unwrap()));
    let refused = home.ledger_mut().transaction(|transaction| transaction.record_certificate(&stranger));
    assert!(matches!(refused, Err(StoreError::NotRecorded)));
}

#[test]
fn filters_find_what_they_say() {
    let (_folder, mut home) = make_home();
    let authority = default_authority(&home);
    let signer = home.load_signer(&authority, None).unwrap();
    let serials: Vec<SerialNumber> = [("a", DAY), ("b", DAY * 3), ("c", DAY * 2), ("d", DAY * 4)]
        .into_iter()
        .map(|(account, ttl)| issue_one(&mut home, &signer, account, ttl))
        .collect();
    let revoked_at = now() + DAY / 2;
    let revocation = Revocation { reason: RevocationReason::KeyCompromise, revoked_at };
    home.ledger_mut().transaction(|transaction| transaction.revoke(&authority.id, &serials[3], revocation)).unwrap();
    let all = CertificateFilter::default;
    let state = |state, at| CertificateFilter { state: Some((state, at)), ..all() };
    let (before, later) = (now(), now() + DAY * 2 + SignedDuration::from_secs(1));
    for (what, filter, expected) in [
        ("all", all(), "abcd"),
        ("serial", CertificateFilter { serial: Some(serials[2].clone()), ..all() }, "c"),
        ("identity", CertificateFilter { spiffe_id: "spiffe://cluster.local/ns/shop/sa/b".parse().ok(), ..all() }, "b"),
        ("no identity", CertificateFilter { spiffe_id: "spiffe://cluster.local/ns/shop/sa/x".parse().ok(), ..all() }, ""),
        ("namespace", CertificateFilter { namespace: Some("shop".to_owned()), ..all() }, "abcd"),
        ("other namespace", CertificateFilter { namespace: Some("web".to_owned()), ..all() }, ""),
        ("issuer", CertificateFilter { issuer: Some(authority.id.clone()), ..all() }, "abcd"),
        ("root as issuer", CertificateFilter { issuer: authority.parent.clone(), ..all() }, ""),
        ("root", CertificateFilter { root: authority.parent.clone(), ..all() }, "abcd"),
        ("expiring, last second", CertificateFilter { expires_by: Some(now() + DAY * 2), ..all() }, "ac"),
        (
            "expiring, a second less",
            CertificateFilter { expires_by: Some(now() + DAY * 2 - SignedDuration::from_secs(1)), ..all() },
            "a",
        ),
        ("valid", state(CertificateState::Valid, before), "abcd"),
        ("valid, once revoked", state(CertificateState::Valid, revoked_at), "abc"),
        ("revoked", state(CertificateState::Revoked, revoked_at), "d"),
        ("revoked, a second before", state(CertificateState::Revoked, revoked_at - SignedDuration::from_secs(1)), ""),
        ("expired", state(CertificateState::Expired, later), "ac"),
        ("valid later", state(CertificateState::Valid, later), "b"),
        ("expired, the last second", state(CertificateState::Expired, now() + DAY), ""),
        ("revoked stays revoked", state(CertificateState::Revoked, now() + DAY * 30), "d"),
    ] {
        let found = home.ledger().certificates(&filter, Order::Recorded).unwrap();
        let names: String =
            found.iter().map(|record| record.spiffe_id.as_ref().unwrap().as_str().chars().last().unwrap()).collect();
        assert_eq!(names, expected, "{what}");
        assert_eq!(home.ledger().count_certificates(&filter).unwrap(), found.len() as u64, "{what}");
        if let Some((state, at)) = filter.state {
            assert!(found.iter().all(|record| record.state_at(at) == state), "{what}");
        }
    }
    let by_expiry = home.ledger().certificates(&all(), Order::Expiry).unwrap();
    assert!(by_expiry.is_sorted_by_key(|record| record.not_after) && by_expiry.len() == 4);
    let with_authorities = CertificateFilter { with_authorities: true, ..all() };
    assert_eq!(home.ledger().count_certificates(&with_authorities).unwrap(), 6);
}

#[test]
fn pages_show_every_row_once_in_either_order() {
    let (_folder, mut home) = make_home();
    let signer = home.load_signer(&default_authority(&home), None).unwrap();
    let items: Vec<usize> = (0..2500).collect();
    let template = signed(&signer, "web", DAY, TestEntropy.serial().unwrap()).row;
    let insert =
        "INSERT INTO certificates (issuer, serial, origin, dns_names, not_before, not_after, issued_at, fingerprint, certificate)
        SELECT ?1, CAST(value AS BLOB), 'issue', '', 0, value / 700, 0, zeroblob(32), ?2 FROM json_each(?3)";
    let json = serde_json::to_string(&items).unwrap();
    let values = (template.issuer.as_str(), template.certificate.der(), json);
    home.ledger_mut().transaction(|transaction| transaction.execute_for_test(insert, values)).unwrap();
    for order in [Order::Recorded, Order::Expiry] {
        let mut seen = Vec::new();
        let visited = home.ledger().visit_certificates(&CertificateFilter::default(), order, |record| {
            seen.push((record.not_after, record.number));
            Ok::<(), StoreError>(())
        });
        visited.unwrap();
        assert_eq!(seen.len(), 2500, "{order:?}");
        assert!(seen.is_sorted(), "{order:?}");
        seen.dedup();
        assert_eq!(seen.len(), 2500, "{order:?}");
    }
    let mut count = 0;
    let stopped = home.ledger().visit_certificates(&CertificateFilter::default(), Order::Recorded, |_| {
        count += 1;
        if count == 3 { Err(StoreError::NotRecorded) } else { Ok(()) }
    });
    assert!(matches!(stopped, Err(StoreError::NotRecorded)) && count == 3);
}

/// Gives the same serial numbers a few times before new ones.
struct Stuck {
    left: u32,
    serial: SerialNumber,
}

impl Entropy for Stuck {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), PkiError> {
        TestEntropy.fill(bytes)
    }

    fn private_key(&mut self, key_type: KeyType) -> Result<PrivateKey, PkiError> {
        TestEntropy.private_key(key_type)
    }

    fn serial(&mut self) -> Result<SerialNumber, PkiError> {
        if self.left == 0 {
            return TestEntropy.serial();
        }
        self.left -= 1;
        Ok(self.serial.clone())
    }
}

#[test]
fn a_serial_number_that_is_taken_is_replaced_and_never_recorded_twice() {
    let (_folder, mut home) = make_home();
    let signer = home.load_signer(&default_authority(&home), None).unwrap();
    let taken = issue_one(&mut home, &signer, "web", DAY);
    let sign = |account: &&str, serial, _: &mut dyn Entropy| Ok::<_, StoreError>(signed(&signer, account, DAY, serial));
    let mut heard = Vec::new();
    let mut stuck = Stuck { left: 5, serial: taken.clone() };
    let issued = issue_batch(home.ledger_mut(), &mut stuck, &["a", "b", "c"], sign, |count| heard.push(count)).unwrap();
    let mut serials: Vec<&SerialNumber> = issued.iter().map(|(certificate, ())| certificate.serial()).collect();
    serials.push(&taken);
    serials.sort();
    serials.dedup();
    assert_eq!(serials.len(), 4);
    assert_eq!(heard, [1, 2, 3]);
    let filter = CertificateFilter::default();
    assert_eq!(home.ledger().count_certificates(&filter).unwrap(), 4);
    let mut stuck = Stuck { left: u32::MAX, serial: taken };
    let failed = issue_batch(home.ledger_mut(), &mut stuck, &["a", "b"], sign, |_| {});
    assert!(matches!(failed, Err(StoreError::NoSerial(_))));
    assert_eq!(home.ledger().count_certificates(&filter).unwrap(), 4, "nothing of a failed batch is recorded");
}

#[test]
fn a_batch_is_recorded_whole_and_in_order_or_not_at_all() {
    let (_folder, mut home) = make_home();
    let signer = home.load_signer(&default_authority(&home), None).unwrap();
    let accounts: Vec<String> = (0..600).map(|number| format!("a{number}")).collect();
    let mut heard = Vec::new();
    let sign = |account: &String, serial, _: &mut dyn Entropy| match account.as_str() {
        "stop" => Err(StoreError::NotRecorded),
        account => Ok(signed(&signer, account, DAY, serial)),
    };
    let broken = [accounts.as_slice(), &["stop".to_owned()]].concat();
    assert!(issue_batch(home.ledger_mut(), &mut TestEntropy, &broken, sign, |_| {}).is_err());
    let recorded = |home: &Home| home.ledger().certificates(&CertificateFilter::default(), Order::Recorded).unwrap();
    assert!(recorded(&home).is_empty());
    let issued = issue_batch(home.ledger_mut(), &mut TestEntropy, &accounts, sign, |count| heard.push(count)).unwrap();
    assert!(heard.iter().copied().eq(1..=600));
    let recorded = recorded(&home);
    assert!(recorded.iter().zip(&issued).all(|(record, (certificate, ()))| record.serial == *certificate.serial()));
    assert_eq!(recorded.len(), 600);
}

#[test]
fn a_revocation_is_final_and_lists_are_numbered() {
    let (_folder, mut home) = make_home();
    let authority = default_authority(&home);
    let signer = home.load_signer(&authority, None).unwrap();
    let known = issue_one(&mut home, &signer, "web", DAY);
    let foreign = TestEntropy.serial().unwrap();
    let first = Revocation { reason: RevocationReason::Superseded, revoked_at: now() };
    let second = Revocation { reason: RevocationReason::KeyCompromise, revoked_at: now() + DAY };
    let revoke = |home: &mut Home, serial, revocation| {
        home.ledger_mut().transaction(|transaction| transaction.revoke(&authority.id, serial, revocation)).unwrap()
    };
    assert_eq!(revoke(&mut home, &known, first), None);
    assert_eq!(revoke(&mut home, &known, second), Some(first));
    assert_eq!(revoke(&mut home, &foreign, second), None);
    let revoked = home.ledger().revocations(&authority.id).unwrap();
    let facts: Vec<_> = revoked
        .iter()
        .map(|one| (&one.entry.serial, one.entry.reason, one.entry.revoked_at, one.not_after.is_some(), one.spiffe_id.is_some()))
        .collect();
    assert_eq!(
        facts,
        [
            (&known, RevocationReason::Superseded, now(), true, true),
            (&foreign, RevocationReason::KeyCompromise, now() + DAY, false, false)
        ]
    );
    assert_eq!(home.ledger().latest_crl(&authority.id).unwrap(), None);
    for expected in 1..=3 {
        let stored = home
            .ledger_mut()
            .transaction(|transaction| {
                let number = transaction.next_crl_number(&authority.id)?;
                let entries: Vec<_> = revoked.iter().map(|one| one.entry.clone()).collect();
                let crl = signer.sign_crl(number, now(), now() + DAY, &entries)?;
                let stored = StoredCrl { number, this_update: now(), next_update: now() + DAY, crl };
                transaction.record_crl(&authority.id, &stored)?;
                Ok::<_, StoreError>(stored)
            })
            .unwrap();
        assert_eq!(stored.number, expected);
        assert_eq!(home.ledger().latest_crl(&authority.id).unwrap(), Some(stored));
    }
    assert_eq!(
        home.ledger_mut().transaction(|transaction| transaction.next_crl_number(authority.parent.as_ref().unwrap())).unwrap(),
        1
    );
}
