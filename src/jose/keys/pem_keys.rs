//! Keys in PEM blocks, chosen by their labels.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::jose::keys::asn1;
use crate::jose::keys::jwk::Jwk;
use crate::jose::keys::key_file_error::KeyFileError;

/// The keys of a PEM text; nothing when it has no block.
pub(super) fn read(bytes: &[u8], _passphrase: Option<&str>) -> Result<Option<Vec<Jwk>>, KeyFileError> {
    let Ok(text) = str::from_utf8(bytes) else { return Ok(None) };
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let Some((label, after)) = after.split_once("-----") else { return Ok(None) };
        let Some((body, after)) = after.split_once("-----END ") else { return Ok(None) };
        rest = after;
        let base64: Zeroizing<String> = Zeroizing::new(body.split_ascii_whitespace().collect());
        let der = Zeroizing::new(STANDARD.decode(base64.as_bytes()).map_err(|_| KeyFileError::NoKey)?);
        let jwk = match label {
            "PRIVATE KEY" => asn1::read_pkcs8(&der)?.into_jwk(),
            "PUBLIC KEY" => asn1::read_spki(&der)?.into_jwk(),
            "RSA PRIVATE KEY" => Jwk::of_material(asn1::read_pkcs1(&der)?),
            "EC PRIVATE KEY" => Jwk::of_material(asn1::read_sec1(&der, None)?),
            "RSA PUBLIC KEY" => Jwk::of_material(asn1::read_pkcs1_public(&der)?),
            "EC PARAMETERS" => continue,
            label => return Err(KeyFileError::Label { label: label.to_owned() }),
        };
        return Ok(Some(vec![jwk]));
    }
    Ok(None)
}
