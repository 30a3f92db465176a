/// The key set istiod puts into the configuration when it cannot get the right one: nobody holds the private key, so no token
/// verifies (istio `pilot/pkg/model/jwks_resolver.go`, `FakeJwks`).
pub const UNREACHABLE_KEYS: &str = concat!(
    "{\n  \"keys\": [\n    {\n      \"kty\": \"RSA\",\n      \"e\": \"AQAB\",\n      \"n\": \"",
    "0xObjM0UvS_oaazjpEYlAbwctEJ4L8pH3OuTb7qth7gUwqet-EzQB4dgFdvSdMgrLnSncQGRjpEYz3F3viIbH-3EN3TxSlPNviHxeOdyiBVfumN8dMxbLvVJUpfN",
    "OnvmMxJcl-8NNjAwcOjk4otSALaYgYYyOPyvKtgVdrQr-FoubWX4yrjxW-MJ2-7OBeepUUNOsVwGV23YX03sVkkyvY3otRflkBcY3_HKpBxJl9wk2GyOShN4_PNUF9",
    "-vwfnvOXMbCDX-w4PTef4geeb_GiT40YCKHTKMSPVanGRn5GExIWmki-mmqh94-mPTJyBR74ShspL3BxPZitDL574T1w",
    "\"\n    }\n  ]\n}"
);

/// Whether an `n` is the modulus of the key of [`UNREACHABLE_KEYS`].
pub(super) fn is_unreachable_modulus(modulus: &str) -> bool {
    modulus.len() > 300 && UNREACHABLE_KEYS.contains(modulus)
}

/// Its thumbprint (RFC 7638, SHA-256).
const THUMBPRINT: &str = "-LU62qbV-3v1S8huPUUUX6VbkBKJx9_oVoM1ipvdYaY";

/// Whether a key is the one of [`UNREACHABLE_KEYS`].
pub(super) fn is_unreachable_key(thumbprint: &str) -> bool {
    thumbprint == THUMBPRINT
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::Jwk;
    use crate::jose::Strictness;
    use crate::jose::ThumbprintHash;

    #[test]
    fn the_thumbprint_is_that_of_the_key() {
        let set: serde_json::Value = serde_json::from_str(UNREACHABLE_KEYS).unwrap();
        let jwk = Jwk::from_members(set["keys"][0].as_object().unwrap(), Strictness::Strict).unwrap();
        assert_eq!(jwk.thumbprint(ThumbprintHash::Sha256), THUMBPRINT);
    }
}
