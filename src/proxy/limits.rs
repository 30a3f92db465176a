use std::time::Duration;

/// What one client may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once; more are closed as they arrive.
    pub connections: usize,
    /// Bytes of a request's head.
    pub head_bytes: usize,
    /// Headers of a request.
    pub headers: usize,
    /// How long a connection may wait for the next request, or for the rest of one's head or body.
    pub idle: Duration,
    /// Streams of one HTTP/2 connection at once.
    pub streams: u32,
}

impl Default for Limits {
    /// As Envoy's where it has them.
    fn default() -> Self {
        Self { connections: 10_000, head_bytes: 60 * 1024, headers: 100, idle: Duration::from_secs(3600), streams: 1024 }
    }
}
