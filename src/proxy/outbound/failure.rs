//! Why a call came to nothing, in Envoy's words.

use std::io;

use rustls::AlertDescription;

/// Reasons of BoringSSL begin with the number of its part for TLS.
const TLS_PART: u32 = 16 << 24;
/// Added to the number of an alert to get that of its reason.
const ALERT: u32 = 1000;
const VERIFY_FAILED: (u32, &str) = (125, "CERTIFICATE_VERIFY_FAILED");
const WRONG_VERSION: (u32, &str) = (247, "WRONG_VERSION_NUMBER");

/// Why a call came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    reason: String,
    /// The connection did not come about: another attempt does no harm.
    pub(super) is_connect: bool,
    /// Envoy's status.
    pub(super) status: u16,
    /// More than Envoy says, for whoever looks on.
    pub(super) detail: Option<String>,
}

/// Why the caller turned away from a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ServerRefused {
    /// It is none of those expected.
    Name(String),
    /// Its authority is not trusted, or it has expired, or ..
    Untrusted(String),
}

impl Failure {
    fn connect(reason: String) -> Self {
        Self { reason, is_connect: true, status: 503, detail: None }
    }

    /// The address takes no connection.
    pub(super) fn unreachable(error: &io::Error) -> Self {
        let name =
            if error.kind() == io::ErrorKind::ConnectionRefused { "Connection refused".to_owned() } else { error.to_string() };
        Self::connect(format!("remote connection failure, transport failure reason: delayed connect error: {name}"))
    }

    /// The connection takes too long.
    pub(super) fn timeout() -> Self {
        Self::connect("connection timeout".to_owned())
    }

    /// The caller turned away from the server.
    pub(super) fn refused(why: &ServerRefused) -> Self {
        let (words, detail) = match why {
            ServerRefused::Name(detail) => (": SAN matcher", detail),
            ServerRefused::Untrusted(detail) => ("", detail),
        };
        let text = format!("{}:verify cert failed{words}", tls_reason(VERIFY_FAILED));
        Self { detail: Some(detail.clone()), ..Self::connect(tls_failure(&text)) }
    }

    /// The handshake ended.
    pub(super) fn handshake(error: &io::Error) -> Self {
        match tls_words(error) {
            Some(words) => Self::connect(tls_failure(&words)),
            None => Self::connect("remote connection failure".to_owned()),
        }
    }

    /// The server ended the connection before it answered.
    pub(super) fn ended(error: &hyper::Error) -> Self {
        if error.is_parse() {
            return Self { reason: "protocol error".to_owned(), is_connect: false, status: 502, detail: None };
        }
        let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<io::Error>());
        match cause.and_then(tls_words) {
            // With TLS 1.3 the server looks at the client's certificate after the client is done.
            Some(words) => Self { is_connect: false, ..Self::connect(tls_failure(&words)) },
            None => Self { reason: "connection termination".to_owned(), is_connect: false, status: 503, detail: None },
        }
    }

    /// The body of the answer. Whatever may be tried again was, and Envoy says so.
    pub(super) fn text(&self) -> String {
        let retried = if self.is_connect { "retried and the latest " } else { "" };
        format!("upstream connect error or disconnect/reset before headers. {retried}reset reason: {}", self.reason)
    }
}

fn tls_failure(words: &str) -> String {
    format!("remote connection failure, transport failure reason: TLS_error:{words}:TLS_error_end")
}

fn tls_reason((number, name): (u32, &str)) -> String {
    format!("|{}:SSL routines:OPENSSL_internal:{name}", TLS_PART + number)
}

/// What BoringSSL would say of an error of the TLS library.
fn tls_words(error: &io::Error) -> Option<String> {
    match error.get_ref()?.downcast_ref::<rustls::Error>()? {
        rustls::Error::AlertReceived(alert) => {
            let (number, name) = alert_reason(*alert);
            Some(tls_reason((ALERT + u32::from(number), name)))
        }
        rustls::Error::InvalidMessage(_) => Some(tls_reason(WRONG_VERSION)),
        _ => None,
    }
}

fn alert_reason(alert: AlertDescription) -> (u8, &'static str) {
    let name = match alert {
        AlertDescription::BadCertificate => "SSLV3_ALERT_BAD_CERTIFICATE",
        AlertDescription::CertificateExpired => "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        AlertDescription::CertificateUnknown => "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        AlertDescription::CertificateRevoked => "SSLV3_ALERT_CERTIFICATE_REVOKED",
        AlertDescription::CertificateRequired => "TLSV1_ALERT_CERTIFICATE_REQUIRED",
        AlertDescription::HandshakeFailure => "SSLV3_ALERT_HANDSHAKE_FAILURE",
        AlertDescription::UnknownCA => "TLSV1_ALERT_UNKNOWN_CA",
        AlertDescription::ProtocolVersion => "TLSV1_ALERT_PROTOCOL_VERSION",
        AlertDescription::NoApplicationProtocol => "TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
        AlertDescription::UnrecognisedName => "TLSV1_ALERT_UNRECOGNIZED_NAME",
        AlertDescription::InternalError => "TLSV1_ALERT_INTERNAL_ERROR",
        _ => "TLSV1_ALERT",
    };
    (u8::from(alert), name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_envoy_says() {
        let alert = io::Error::other(rustls::Error::AlertReceived(AlertDescription::CertificateUnknown));
        for (failure, expected) in [
            (
                Failure::refused(&ServerRefused::Name("other".to_owned())),
                "retried and the latest reset reason: remote connection failure, transport failure reason: TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify cert failed: SAN matcher:TLS_error_end",
            ),
            (
                Failure::handshake(&alert),
                "retried and the latest reset reason: remote connection failure, transport failure reason: TLS_error:|268436502:SSL routines:OPENSSL_internal:SSLV3_ALERT_CERTIFICATE_UNKNOWN:TLS_error_end",
            ),
            (
                Failure::handshake(&io::ErrorKind::UnexpectedEof.into()),
                "retried and the latest reset reason: remote connection failure",
            ),
            (
                Failure::unreachable(&io::ErrorKind::ConnectionRefused.into()),
                "retried and the latest reset reason: remote connection failure, transport failure reason: delayed connect error: Connection refused",
            ),
        ] {
            assert_eq!(failure.text(), format!("upstream connect error or disconnect/reset before headers. {expected}"));
        }
    }
}
