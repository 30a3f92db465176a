//! `meshsec jwk`.

mod convert;
mod generate;
mod serve;
mod set;
mod thumbprint;
mod walkthrough;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// The permissions of a file.
fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The keys of RFC 7515 appendices A.1 and A.3.
const SECRET: &str =
    r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
const P256: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
const P256_THUMBPRINT: &str = "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U";
/// The same key encrypted as OpenSSL did before version 3, passphrase `secret`.
const P256_TRADITIONAL: &str = "-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: DES-EDE3-CBC,082B4B3DC7BE79F7

zZgxx3uD7bRaxgs33cUVPSA8MkiI/qgMxSDP6j/mRtx+9/TxTQBEH2aXAMyrcD1w
e+ZXBrC7gENUgdWgQxqG9oJ/dM1wZSiBCUXa3OH7SXW3giIpEaHd19MCXngYVlMX
9pHDLG7ypJVd68Eg50Vj8cOhMNRcS0Q2/FOCUnfBRtQ=
-----END EC PRIVATE KEY-----
";
