//! Conversions between the one timestamp type used here and those of the libraries.

use jiff::Timestamp;
use time::OffsetDateTime;
use x509_parser::time::ASN1Time;

/// As rcgen wants it. X.509 knows whole seconds only (RFC 5280 section 4.1.2.5).
pub(super) fn to_offset(at: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.as_second()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// As x509-parser gives it. Years past 9999 are cut to the end of 9999, which means "for ever" (RFC 5280 section 4.1.2.5).
pub(super) fn from_asn1(at: ASN1Time) -> Timestamp {
    Timestamp::from_second(at.timestamp()).unwrap_or(Timestamp::MAX)
}
