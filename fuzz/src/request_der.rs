//! A certificate request with a good signature around any attributes.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature;
use aws_lc_rs::signature::EcdsaKeyPair;
use aws_lc_rs::signature::KeyPair;

/// `id-ecPublicKey` and P-256.
const KEY_ALGORITHM: &[u8] = &[
    0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
];
/// ECDSA with SHA-256.
const SIGNATURE_ALGORITHM: &[u8] = &[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
/// `extensionRequest`.
const EXTENSION_REQUEST: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e];

static PAIR: LazyLock<EcdsaKeyPair> =
    LazyLock::new(|| EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key"));

/// A request whose first byte says what the rest is: all attributes, the extensions, or the names asked for.
#[must_use]
pub fn signed(data: &[u8]) -> Vec<u8> {
    let (first, rest) = data.split_first().unwrap_or((&0, &[]));
    let extensions = |content: &[u8]| element(0x30, &[EXTENSION_REQUEST, &element(0x31, &element(0x30, content))].concat());
    let attributes = match first % 3 {
        0 => rest.to_vec(),
        1 => extensions(rest),
        _ => {
            let names = element(0x04, &element(0x30, rest));
            extensions(&element(0x30, &[&[0x06, 0x03, 0x55, 0x1d, 0x11], names.as_slice()].concat()))
        }
    };
    let key = bit_string(PAIR.public_key().as_ref());
    let key = element(0x30, &[KEY_ALGORITHM, &key].concat());
    let info = element(0x30, &[&[0x02, 0x01, 0x00, 0x30, 0x00], key.as_slice(), &element(0xa0, &attributes)].concat());
    let signature = PAIR.sign(&SystemRandom::new(), &info).expect("a signature");
    element(0x30, &[info.as_slice(), SIGNATURE_ALGORITHM, &bit_string(signature.as_ref())].concat())
}

fn bit_string(bytes: &[u8]) -> Vec<u8> {
    element(0x03, &[&[0], bytes].concat())
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|byte| **byte == 0).count();
    let significant = &length[zeros..];
    let mut bytes = vec![tag];
    match significant {
        [] => bytes.push(0),
        [short] if *short < 0x80 => bytes.push(*short),
        long => {
            bytes.push(0x80 | u8::try_from(long.len()).expect("at most eight"));
            bytes.extend_from_slice(long);
        }
    }
    bytes.extend_from_slice(content);
    bytes
}
