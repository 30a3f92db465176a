//! What istiod checks of the load balancer settings of a traffic policy.

use std::collections::BTreeSet;

use crate::admission::Cause;
use crate::admission::istiod::locality;
use crate::admission::istiod::message::Message;
use crate::admission::istiod::report::Report;
use crate::admission::istiod::traffic_policy::check_duration;

const CAUSE: Cause = Cause::LoadBalancerInvalid;

/// Sizes of a Maglev table that are too large.
const TABLE_TOO_LARGE: i128 = 5_000_011;

/// Checks the settings of a policy with or without outlier detection.
pub(super) fn check(balancer: &Message<'_>, has_detection: bool, report: &mut Report) {
    if let Some(hash) = balancer.message("consistentHash") {
        check_hash(hash, report);
    }
    let zones = "zoneAwareLbSetting";
    if balancer.has("localityLbSetting") && balancer.has(zones) {
        let message = "`localityLbSetting` and `zoneAwareLbSetting` exclude each other";
        report.refuse_with(CAUSE, balancer.place_of(zones), message, "remove one of them");
    }
    if let Some(setting) = balancer.message("localityLbSetting") {
        locality::check(setting, has_detection, report);
    }
    if let Some(setting) = balancer.message(zones) {
        locality::check_zone_aware(setting, has_detection, report);
    }
    if let Some(warmup) = balancer.message("warmup") {
        if !warmup.has("duration") {
            report.refuse_with(CAUSE, &warmup.place, "a warmup needs a duration", "write `duration`");
        }
        check_duration(CAUSE, warmup, "duration", report);
        if warmup.double("minimumPercent").is_some_and(|percent| percent > 100.0) {
            let message = "`minimumPercent` is above 100";
            report.refuse_with(CAUSE, warmup.place_of("minimumPercent"), message, "write a number from 0 to 100");
        }
        if warmup.double("aggression").is_some_and(|aggression| aggression <= 0.0) {
            let message = "`aggression` must be above 0";
            report.refuse_with(CAUSE, warmup.place_of("aggression"), message, "write 1 for a linear warmup");
        }
    }
}

fn check_hash(hash: &Message<'_>, report: &mut Report) {
    // Of the ways to choose a hash key only the last in the order of the API counts.
    let is_replaced = hash.has("useSourceIp") || hash.has("httpQueryParameterName");
    if let Some(cookie) = hash.message("httpCookie").filter(|_| !is_replaced) {
        check_cookie(cookie, report);
    }
    let ring_size = "minimumRingSize";
    if hash.integer(ring_size) != 0 {
        report.warn(
            Cause::MinimumRingSizeDeprecated,
            hash.place_of(ring_size),
            "consistent hash MinimumRingSize is deprecated, use ConsistentHashLB's RingHash configuration instead",
        );
        if hash.has("ringHash") || hash.has("maglev") {
            let message = "`minimumRingSize` excludes `ringHash` and `maglev`";
            report.refuse_with(CAUSE, hash.place_of(ring_size), message, "write it as `ringHash: {minimumRingSize: ..}`");
        }
    }
    if let Some(maglev) = hash.message("maglev") {
        let size = maglev.integer("tableSize");
        let (message, help) = if size == 0 {
            ("`maglev` needs a `tableSize`".to_owned(), "write a prime number, such as 65537")
        } else if size >= TABLE_TOO_LARGE {
            (format!("`tableSize` is {size}, which is too large"), "write a prime number below 5000011")
        } else if !is_prime(size) {
            (format!("`tableSize` is {size}, which is no prime number"), "write a prime number, such as 65537")
        } else {
            return;
        };
        report.refuse_with(CAUSE, maglev.place_of("tableSize"), message, help);
    }
}

fn check_cookie(cookie: &Message<'_>, report: &mut Report) {
    if cookie.text("name").is_empty() {
        report.refuse_with(CAUSE, cookie.place_of("name"), "a cookie needs a name", "write `name`");
    }
    let mut names = BTreeSet::new();
    for attribute in cookie.messages("attributes") {
        let name = attribute.text("name");
        if name.is_empty() {
            report.refuse_with(CAUSE, attribute.place_of("name"), "an attribute of a cookie needs a name", "write `name`");
        } else if !names.insert(name) {
            let message = format!("the cookie has the attribute `{name}` twice");
            report.refuse_with(CAUSE, attribute.place_of("name"), message, "remove one of them");
        }
    }
}

/// Whether a positive number is a prime, with 1 as one.
fn is_prime(number: i128) -> bool {
    let mut divisors = (2..).take_while(|divisor| divisor * divisor <= number);
    !divisors.any(|divisor| number % divisor == 0)
}

#[cfg(test)]
mod tests {
    use super::is_prime;

    #[test]
    fn one_counts_as_a_prime() {
        let primes: Vec<_> = (1..30).filter(|number| is_prime(*number)).collect();
        assert_eq!(primes, [1, 2, 3, 5, 7, 11, 13, 17, 19, 23, 29]);
        assert!(is_prime(65_537) && !is_prime(65_535));
    }
}
