use jiff::SignedDuration;
use jiff::Timestamp;

use crate::pki::Certificate;
use crate::pki::Fingerprint;
use crate::pki::SubjectAltName;

/// When to renew: a share of the life that must be left, give or take a little so that not everybody renews at once.
///
/// Istio's agents renew when half of the life is left, plus or minus one hundredth of it. The life counts from the moment the certificate
/// was made, not from its `notBefore`, which lies earlier for peers whose clocks are behind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RenewalRule {
    /// Share of the life before its end at which to renew, 0 to 1.
    pub ratio: f64,
    /// Largest distance from the ratio, 0 to 1.
    pub jitter: f64,
}

impl Default for RenewalRule {
    fn default() -> Self {
        Self { ratio: 0.5, jitter: 0.01 }
    }
}

/// Why a certificate should be renewed now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenewalReason {
    /// Somebody wants it.
    Forced,
    /// It was revoked.
    Revoked,
    /// It has run out.
    Expired {
        /// When.
        not_after: Timestamp,
    },
    /// Less than the wanted share of its life is left.
    Due {
        /// Since when.
        since: Timestamp,
    },
    /// The names it should carry are not those it carries.
    NamesChanged {
        /// Names it should carry and does not.
        added: Vec<SubjectAltName>,
        /// Names it carries and should not.
        removed: Vec<SubjectAltName>,
    },
    /// Its signer is no longer the one that signs.
    SignerChanged {
        /// Subject of its issuer.
        issuer: String,
    },
    /// The private key beside it is gone.
    KeyMissing,
    /// The private key beside it is another one, or damaged.
    KeyUnfit,
}

impl RenewalRule {
    /// The moment, in whole seconds, from which on a certificate that was made and ends at these times is due. `luck` lies between -1 and 1
    /// and places it within the jitter.
    #[must_use]
    pub fn due_at(&self, made_at: Timestamp, not_after: Timestamp, luck: f64) -> Timestamp {
        let life = not_after.duration_since(made_at);
        let share = (self.ratio + self.jitter * luck.clamp(-1.0, 1.0)).clamp(0.0, 1.0);
        let before_end = SignedDuration::try_from_secs_f64(life.as_secs_f64() * share).unwrap_or(SignedDuration::ZERO);
        let due_at = not_after.checked_sub(before_end).unwrap_or(made_at);
        Timestamp::from_second(due_at.as_second()).unwrap_or(due_at)
    }

    /// Why the passing of time makes it due at a moment, if it does.
    #[must_use]
    pub fn reason(&self, made_at: Timestamp, not_after: Timestamp, now: Timestamp, luck: f64) -> Option<RenewalReason> {
        if now > not_after {
            return Some(RenewalReason::Expired { not_after });
        }
        let since = self.due_at(made_at, not_after, luck);
        (now >= since).then_some(RenewalReason::Due { since })
    }

    /// A place within the jitter that is as good as random between certificates and always the same for one, so that whoever looks twice finds
    /// the same moment.
    #[must_use]
    pub fn luck_of(fingerprint: &Fingerprint) -> f64 {
        let [first, second, third, fourth, ..] = *fingerprint.as_bytes();
        f64::from(u32::from_be_bytes([first, second, third, fourth])) / f64::from(u32::MAX) * 2.0 - 1.0
    }
}

impl RenewalReason {
    /// The difference between the names wanted and those a certificate carries; nothing when they are the same, in any order.
    #[must_use]
    pub fn names_changed(certificate: &Certificate, wanted: &[SubjectAltName]) -> Option<Self> {
        let missing_from = |names: &[SubjectAltName], of: &[SubjectAltName]| -> Vec<SubjectAltName> {
            names.iter().filter(|name| !of.contains(name)).cloned().collect()
        };
        let added = missing_from(wanted, certificate.subject_alt_names());
        let removed = missing_from(certificate.subject_alt_names(), wanted);
        (!added.is_empty() || !removed.is_empty()).then_some(Self::NamesChanged { added, removed })
    }

    /// The word for it in output for programs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Forced => "forced",
            Self::Revoked => "revoked",
            Self::Expired { .. } => "expired",
            Self::Due { .. } => "due",
            Self::NamesChanged { .. } => "names-changed",
            Self::SignerChanged { .. } => "signer-changed",
            Self::KeyMissing => "key-missing",
            Self::KeyUnfit => "key-unfit",
        }
    }
}

/// Follows "because".
impl std::fmt::Display for RenewalReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |names: &[SubjectAltName]| names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match self {
            Self::Forced => f.write_str("it was asked for"),
            Self::Revoked => f.write_str("it was revoked"),
            Self::Expired { not_after } => write!(f, "it expired at {not_after}"),
            Self::Due { since } => write!(f, "it is due since {since}"),
            Self::NamesChanged { added, removed } => {
                f.write_str("the requested SANs changed:")?;
                if !added.is_empty() {
                    write!(f, " it lacks {}", list(added))?;
                }
                if !removed.is_empty() {
                    write!(f, "{} it should not carry {}", if added.is_empty() { "" } else { "," }, list(removed))?;
                }
                Ok(())
            }
            Self::SignerChanged { issuer } => write!(f, "its signer `{issuer}` is no longer the one that signs"),
            Self::KeyMissing => f.write_str("its private key is gone"),
            Self::KeyUnfit => f.write_str("the private key beside it is not its own"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::Entropy;
    use crate::pki::KeyType;
    use crate::pki::Lifetime;
    use crate::pki::testing::TestEntropy;
    use crate::pki::tests::root;
    use crate::pki::tests::svid_profile;

    #[test]
    fn half_of_the_life_is_istios_default_and_the_jitter_moves_it_by_a_hundredth() {
        let made_at: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
        let not_after = made_at + SignedDuration::from_hours(24);
        let rule = RenewalRule::default();
        for (luck, due) in [(0.0, "2026-11-27T00:00:00Z"), (1.0, "2026-11-26T23:45:36Z"), (-1.0, "2026-11-27T00:14:24Z")] {
            let due: Timestamp = due.parse().unwrap();
            assert_eq!(rule.due_at(made_at, not_after, luck), due, "{luck}");
            assert_eq!(rule.reason(made_at, not_after, due - SignedDuration::from_secs(1), luck), None, "{luck}");
            assert_eq!(rule.reason(made_at, not_after, due, luck), Some(RenewalReason::Due { since: due }), "{luck}");
        }
        let after = not_after + SignedDuration::from_secs(1);
        assert_eq!(rule.reason(made_at, not_after, after, 0.0), Some(RenewalReason::Expired { not_after }));
    }

    #[test]
    fn luck_is_spread_between_minus_one_and_one() {
        for (byte, expected) in [(0x00, -1.0), (0x80, 0.0), (0xff, 1.0)] {
            let luck = RenewalRule::luck_of(&Fingerprint::from_bytes([byte; 32]));
            assert!((luck - expected).abs() < 0.005, "{byte:02x}: {luck}");
        }
    }

    #[test]
    fn changed_names_are_a_reason_of_their_own() {
        let now: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
        let root = root(KeyType::EcdsaP256, None);
        let key = TestEntropy.private_key(KeyType::EcdsaP256).unwrap();
        let lifetime = Lifetime::under(root.certificate(), now, SignedDuration::from_hours(1)).unwrap();
        let svid = root.sign_svid(&svid_profile(lifetime), &key.public_key().unwrap()).unwrap();
        let mut wanted = svid.subject_alt_names().to_vec();
        wanted.reverse();
        assert_eq!(RenewalReason::names_changed(&svid, &wanted), None);
        wanted.retain(|name| !matches!(name, SubjectAltName::Ip(_)));
        wanted.push(SubjectAltName::Dns("db.default.svc".to_owned()));
        let reason = RenewalReason::names_changed(&svid, &wanted).unwrap();
        assert_eq!(
            reason.to_string(),
            "the requested SANs changed: it lacks DNS:db.default.svc, it should not carry IP:10.0.0.1"
        );
    }
}
