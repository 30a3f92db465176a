//! What istiod checks of a `RequestAuthentication`.

use crate::admission::Cause;
use crate::admission::duration;
use crate::admission::istiod::jwks;
use crate::admission::istiod::jwks::Secret;
use crate::admission::istiod::message::Message;
use crate::admission::istiod::report::Report;
use crate::admission::istiod::selector;
use crate::admission::istiod::url;

/// Checks a policy.
pub(super) fn check(policy: &Message<'_>, report: &mut Report) {
    selector::check(policy, report);
    for rule in policy.messages("jwtRules") {
        check_rule(rule, report);
    }
}

fn check_rule(rule: &Message<'_>, report: &mut Report) {
    for audience in rule.texts("audiences").iter().filter(|audience| audience.value.is_empty()) {
        report.refuse_with(
            Cause::AudienceEmpty,
            &audience.place,
            "an audience cannot be empty",
            "remove it, or name the audience",
        );
    }
    let uri = rule.text("jwksUri");
    if rule.text("issuer").is_empty() && uri.is_empty() {
        let message = "a rule needs an `issuer` or a `jwksUri`";
        report.refuse_with(Cause::NoIssuerAndNoUri, &rule.place, message, "write the `iss` of the tokens as `issuer`");
    }
    if !uri.is_empty()
        && let Err(problem) = url::check(uri)
    {
        let (cause, help) = match problem {
            url::Problem::Scheme => (Cause::JwksUriScheme, "write the whole URL, such as `https://idp.example/keys`"),
            url::Problem::Malformed | url::Problem::Port => {
                (Cause::JwksUriMalformed, "write a URL such as `https://idp.example:8443/keys`")
            }
        };
        report.refuse_with(cause, rule.place_of("jwksUri"), format!("`{uri}` {}", problem.words()), help);
    }
    inline_keys(rule, report);
    for location in rule.messages("fromHeaders") {
        if location.text("name").is_empty() {
            let message = "a header that holds a token needs a name";
            report.refuse_with(Cause::HeaderLocationNameEmpty, location.place_of("name"), message, "write `name: Authorization`");
        }
    }
    for (list, what) in [("fromParams", "query parameter"), ("fromCookies", "cookie")] {
        for name in rule.texts(list).iter().filter(|name| name.value.is_empty()) {
            let message = format!("a {what} that holds a token needs a name");
            report.refuse_with(Cause::LocationEmpty, &name.place, message, "remove it, or name it");
        }
    }
    for claim in rule.messages("outputClaimToHeaders") {
        output_claim(claim, report);
    }
    if let Some(problem) = rule.duration("timeout").and_then(duration::problem) {
        let message = format!("the timeout {problem}");
        report.refuse_with(Cause::TimeoutInvalid, rule.place_of("timeout"), message, "write whole milliseconds, such as `5s`");
    }
}

fn inline_keys(rule: &Message<'_>, report: &mut Report) {
    let text = rule.text("jwks");
    if text.is_empty() {
        return;
    }
    let place = rule.place_of("jwks");
    match jwks::read(text) {
        Ok(secrets) => {
            for (index, secret) in secrets {
                let cause = match secret {
                    Secret::PrivateKey => Cause::JwksPrivateKey,
                    Secret::Symmetric => Cause::JwksSymmetric,
                };
                report.warn(
                    cause,
                    place,
                    format!(
                        "jwks key at index {index} contains private key material; only public keys are used for verification"
                    ),
                );
            }
        }
        Err(problem) => {
            let message = format!("the keys cannot be read: {problem}");
            report.refuse_with(Cause::JwksInvalid, place, message, "paste the key set as the issuer publishes it");
        }
    }
}

fn output_claim(claim: &Message<'_>, report: &mut Report) {
    let header = claim.text("header");
    for name in ["claim", "header"] {
        if claim.text(name).is_empty() {
            let message = format!("copying a claim to a header needs a `{name}`");
            report.refuse_with(Cause::OutputClaimInvalid, claim.place_of(name), message, format!("write `{name}`"));
        }
    }
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !header.bytes().all(is_letter) {
        let message = format!("`{header}` is not a header name");
        let help = "use letters, digits, `-` and `_`";
        report.refuse_with(Cause::OutputClaimInvalid, claim.place_of("header"), message, help);
    }
}
