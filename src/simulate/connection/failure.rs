use crate::simulate::connection::ApplicationProtocol;
use crate::simulate::connection::Question;

/// Why a connection comes to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureKind {
    /// Plaintext arrived where only mutual TLS is accepted.
    PlaintextRefused,
    /// TLS without Istio's ALPN arrived at a port whose proxy takes plaintext or mutual TLS between proxies.
    UnexpectedTls,
    /// TLS arrived at a server that speaks plaintext.
    TlsToPlaintext,
    /// The server's identity is none of those the caller expects.
    ServerNameMismatch,
    /// The server's certificate comes from an authority the caller does not trust.
    ServerUntrusted,
    /// The server demands a client certificate and none was presented.
    ClientCertificateMissing,
    /// The server refused the client certificate: its authority or its trust domain.
    ClientCertificateRejected,
    /// The server refused the client certificate for what it is: expired, not yet valid, without the purpose of a client, ..
    ClientCertificateDefective,
    /// Plaintext arrived at an ambient workload that demands mutual TLS.
    AmbientPlaintextRefused,
    /// Plaintext arrived at an application that speaks TLS.
    PlaintextToTls,
    /// Nothing listens on the port.
    NotListening,
    /// The caller's proxy knows no such subset.
    UnknownSubset,
}

/// What a failed connection counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConnectionVerdict {
    /// Mutual TLS was demanded, and the caller presented no certificate.
    MtlsRequired,
    /// Every other failure.
    ConnectionFailed,
}

/// A connection that came to nothing, as the caller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionFailure {
    /// Why.
    pub kind: FailureKind,
    /// What it counts as.
    pub verdict: ConnectionVerdict,
    /// What the caller sees.
    pub message: String,
    /// The status its own proxy answers; `None` without one, or when it is no HTTP.
    pub http_status: Option<u16>,
    /// The exit code of curl for an HTTP caller without a proxy.
    pub curl_exit_code: Option<u8>,
}

const RESET_PREFIX: &str = "upstream connect error or disconnect/reset before headers. ";
const LATEST_FAILURE: &str = "retried and the latest reset reason: remote connection failure";

impl FailureKind {
    /// The word for it in decisions: where the server's proxy has one, its own.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PlaintextRefused | Self::UnexpectedTls => "filter_chain_not_found",
            Self::TlsToPlaintext => "tls_to_plaintext",
            Self::ServerNameMismatch => "server_name_mismatch",
            Self::ServerUntrusted => "server_untrusted",
            Self::ClientCertificateMissing => "client_certificate_missing",
            Self::ClientCertificateRejected => "client_certificate_rejected",
            Self::ClientCertificateDefective => "client_certificate_defective",
            Self::AmbientPlaintextRefused => "ambient_plaintext_refused",
            Self::PlaintextToTls => "plaintext_to_tls",
            Self::NotListening => "not_listening",
            Self::UnknownSubset => "unknown_subset",
        }
    }

    /// The failure as this caller sees it, with a verdict that follows from the kind alone.
    pub(super) fn seen_by(self, question: &Question<'_>) -> ConnectionFailure {
        self.counted_as(ConnectionVerdict::ConnectionFailed, question)
    }

    /// The failure of a caller without a certificate at a server that demands one.
    pub(super) fn for_lack_of_mutual_tls(self, question: &Question<'_>) -> ConnectionFailure {
        self.counted_as(ConnectionVerdict::MtlsRequired, question)
    }

    /// The failure as this caller sees it.
    pub(super) fn counted_as(self, verdict: ConnectionVerdict, question: &Question<'_>) -> ConnectionFailure {
        let is_http = question.protocol == ApplicationProtocol::Http;
        if question.caller.has_proxy() && is_http {
            let message = format!("503 {}", self.response_body());
            return ConnectionFailure { kind: self, verdict, message, http_status: Some(503), curl_exit_code: None };
        }
        let (text, exit) = self.plain_client();
        let (message, curl_exit_code) = match exit {
            Some(code) if is_http => (format!("{text} (curl exit {code})"), Some(code)),
            _ => (text.to_owned(), None),
        };
        ConnectionFailure { kind: self, verdict, message, http_status: None, curl_exit_code }
    }

    /// What the caller's proxy answers in place of the server.
    fn response_body(self) -> String {
        match self {
            // With TLS 1.3 the server looks at the client's certificate when the client is done with the handshake.
            Self::PlaintextRefused
            | Self::AmbientPlaintextRefused
            | Self::ClientCertificateMissing
            | Self::ClientCertificateRejected
            | Self::ClientCertificateDefective => format!("{RESET_PREFIX}reset reason: connection termination"),
            // Envoy hides why from its client.
            Self::UnexpectedTls
            | Self::TlsToPlaintext
            | Self::ServerNameMismatch
            | Self::ServerUntrusted
            | Self::NotListening => format!("{RESET_PREFIX}{LATEST_FAILURE}"),
            Self::PlaintextToTls => format!("{RESET_PREFIX}reset reason: the application expects TLS"),
            Self::UnknownSubset => "no cluster for this subset".to_owned(),
        }
    }

    /// The failure of a connection that is really there: nobody stands before the client that sees it.
    pub(in crate::simulate) fn observed(self, verdict: ConnectionVerdict) -> ConnectionFailure {
        let message = self.seen_without_proxy(ApplicationProtocol::Tcp);
        ConnectionFailure { kind: self, verdict, message, http_status: None, curl_exit_code: None }
    }

    /// The failure in the words of a client that speaks for itself.
    #[must_use]
    pub fn seen_without_proxy(self, protocol: ApplicationProtocol) -> String {
        match self.plain_client() {
            (text, Some(code)) if protocol == ApplicationProtocol::Http => format!("{text} (curl exit {code})"),
            (text, _) => text.to_owned(),
        }
    }

    /// What a client without a proxy sees, with curl's exit code.
    fn plain_client(self) -> (&'static str, Option<u8>) {
        match self {
            Self::PlaintextRefused | Self::AmbientPlaintextRefused => ("connection reset by peer", Some(56)),
            Self::UnexpectedTls => ("connection reset during the TLS handshake", Some(35)),
            Self::TlsToPlaintext => ("TLS handshake failed: wrong version number", Some(35)),
            Self::ServerNameMismatch => ("TLS handshake aborted: the server has another identity", Some(60)),
            Self::ServerUntrusted => ("TLS handshake aborted: the server's certificate is not trusted", Some(60)),
            Self::ClientCertificateMissing => ("TLS alert: certificate required", Some(56)),
            Self::ClientCertificateRejected | Self::ClientCertificateDefective => {
                ("TLS alert: client certificate refused", Some(56))
            }
            Self::PlaintextToTls => ("the application expects TLS", None),
            Self::NotListening => ("connection refused", Some(7)),
            Self::UnknownSubset => ("the caller's proxy knows no such subset", None),
        }
    }
}
