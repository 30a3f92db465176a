//! Revocation lists as Envoy reads them (RFC 5280 section 6.3).
//!
//! Once a list is given, every certificate that is looked up needs one: current, signed by its issuer, which may sign lists. Of two current
//! lists of one authority the first counts, whatever the second says.

use crate::pki::Certificate;
use crate::pki::Crl;
use crate::pki::svid::Problem;
use crate::pki::svid::named;
use crate::pki::verify::Question;
use crate::pki::verify::RevocationScope;
use crate::pki::verify::path::Link;

/// Looks up the certificates of a path, the root included, and returns how many.
pub(super) fn check(path: &[Link<'_>], question: &Question<'_>) -> Result<usize, Problem> {
    if question.crls.is_empty() {
        return Ok(0);
    }
    let concerned = match question.revocation {
        RevocationScope::WholePath => path.len(),
        RevocationScope::LeafOnly => 1,
    };
    for (index, link) in path.iter().enumerate().take(concerned) {
        // A root is its own issuer. An intermediate that is trusted by itself has none in the path.
        let above = path.get(index + 1).or_else(|| Some(link).filter(|link| link.certificate.is_self_issued()));
        let Some(issuer) = above else {
            let message = format!(
                "a list of its issuer `{}` would be needed, which is not part of the path: Envoy refuses every peer below it",
                link.certificate.issuer()
            );
            return Err(Problem::of(&named::CRL_MISSING, &link.name, message));
        };
        let list = current_list(issuer, link, question)?;
        if let Some(entry) = list.entry(link.certificate.serial()) {
            let message = format!("it was revoked by `{}` at {} ({})", list.issuer(), entry.revoked_at, entry.reason);
            return Err(Problem::of(&named::REVOKED, &link.name, message));
        }
    }
    Ok(concerned)
}

/// The list of an authority that counts.
fn current_list<'q>(issuer: &Link<'_>, link: &Link<'_>, question: &Question<'q>) -> Result<&'q Crl, Problem> {
    let of_issuer = |list: &&Crl| {
        list.issuer_der() == issuer.certificate.subject_der()
            && match (list.authority_key_identifier(), issuer.certificate.subject_key_identifier()) {
                (Some(named), Some(own)) => named == own,
                _ => true,
            }
    };
    let lists: Vec<&Crl> = question.crls.iter().filter(of_issuer).collect();
    let Some(first) = lists.first() else {
        let message = format!(
            "no revocation list of its issuer `{}` is given: once there is one list, Envoy demands one of every authority of the chain",
            link.certificate.issuer()
        );
        return Err(Problem::of(&named::CRL_MISSING, &link.name, message));
    };
    let list = lists.iter().find(|list| is_current(list, question)).unwrap_or(first);
    let about = |check, message: String| Err(Problem::of(check, &issuer.name, message));
    if issuer.certificate.key_usage().is_some_and(|usage| !usage.crl_sign()) {
        return about(
            &named::CRL_NOT_ALLOWED,
            "its keyUsage lacks cRLSign, so its revocation list counts for nothing".to_owned(),
        );
    }
    if !is_current(list, question) {
        let message = match list.next_update().filter(|end| question.at.as_second() > end.as_second()) {
            Some(end) => format!("its revocation list ended at {end}: Envoy refuses every peer below it"),
            None => format!("its revocation list begins at {}: Envoy refuses every peer below it", list.this_update()),
        };
        return about(&named::CRL_NOT_CURRENT, message);
    }
    if let Some(oid) = list.unknown_critical_extensions().first() {
        return about(
            &named::CRL_EXTENSION,
            format!("its revocation list has a critical extension {oid} that is not known here"),
        );
    }
    if !is_signed(list, issuer.certificate) {
        return about(&named::CRL_SIGNATURE, "its key did not sign the revocation list of its name".to_owned());
    }
    Ok(list)
}

fn is_current(list: &Crl, question: &Question<'_>) -> bool {
    list.this_update().as_second() <= question.at.as_second()
        && list.next_update().is_none_or(|end| question.at.as_second() <= end.as_second())
}

fn is_signed(list: &Crl, issuer: &Certificate) -> bool {
    list.is_signed_by(issuer)
}
