use std::fmt::Write;

use aws_lc_rs::rand::SecureRandom;
use aws_lc_rs::rand::SystemRandom;

/// Makes values for `x-request-id`.
#[derive(Debug, Default)]
pub(super) struct RequestIds(SystemRandom);

impl RequestIds {
    /// A random UUID (RFC 9562 section 5.4).
    pub(super) fn next(&self) -> String {
        let mut bytes = [0_u8; 16];
        // Ids that cannot be made are equal, which nothing depends on.
        let _ = self.0.fill(&mut bytes);
        let mut text = String::with_capacity(36);
        for (position, byte) in bytes.iter().enumerate() {
            let byte = match position {
                6 => (byte & 0x0f) | 0x40,
                8 => (byte & 0x3f) | 0x80,
                _ => *byte,
            };
            if matches!(position, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            // Writing into a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}
