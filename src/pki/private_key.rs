use std::fmt;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature;
use aws_lc_rs::signature::EcdsaKeyPair;
use aws_lc_rs::signature::Ed25519KeyPair;
use aws_lc_rs::signature::KeyPair as _;
use aws_lc_rs::signature::RsaKeyPair;
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::LineEnding;
use pkcs8::PrivateKeyInfoRef;
use pkcs8::SecretDocument;
use pkcs8::pkcs5::pbes2;
use rcgen::PublicKeyData;
use zeroize::Zeroizing;

use crate::pki::Entropy;
use crate::pki::KeyType;
use crate::pki::PkiError;
use crate::pki::PublicKey;

/// Rounds of PBKDF2-HMAC-SHA256 that a passphrase goes through.
const ROUNDS: u32 = 600_000;

/// A private key that signs. It is wiped when dropped and shows nothing of itself in `Debug` output.
pub struct PrivateKey {
    key_type: KeyType,
    pkcs8: Zeroizing<Vec<u8>>,
    pair: Pair,
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// How a private key is written down.
pub enum KeyEncryption<'p> {
    /// PKCS#8 in the clear.
    Plain,
    /// PKCS#8 encrypted by PBES2 (RFC 8018): PBKDF2-HMAC-SHA256 with 600,000 rounds, AES-256-CBC.
    Passphrase(&'p str),
}

impl PrivateKey {
    /// A new key, from a source of random numbers that the caller holds.
    ///
    /// # Errors
    /// [`PkiError::Generation`] when the library makes none.
    pub fn generate(key_type: KeyType, random: &SystemRandom) -> Result<Self, PkiError> {
        let failed = |_| PkiError::Generation(key_type);
        // A key that was just made is written, not read back: reading checks it, which costs about as much as making it.
        let ecdsa = |algorithm| {
            let pair = EcdsaKeyPair::generate(algorithm).map_err(failed)?;
            let pkcs8 = Zeroizing::new(pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec());
            Ok(Self { key_type, pkcs8, pair: Pair::Ecdsa(pair) })
        };
        let rsa = |size| {
            let pair = RsaKeyPair::generate(size).map_err(failed)?;
            let pkcs8 = Zeroizing::new(AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).map_err(failed)?.as_ref().to_vec());
            Ok(Self { key_type, pkcs8, pair: Pair::Rsa(pair) })
        };
        match key_type {
            KeyType::EcdsaP256 => ecdsa(&signature::ECDSA_P256_SHA256_ASN1_SIGNING),
            KeyType::EcdsaP384 => ecdsa(&signature::ECDSA_P384_SHA384_ASN1_SIGNING),
            KeyType::Rsa2048 => rsa(KeySize::Rsa2048),
            KeyType::Rsa3072 => rsa(KeySize::Rsa3072),
            KeyType::Rsa4096 => rsa(KeySize::Rsa4096),
            KeyType::Ed25519 => Self::from_pkcs8(Ed25519KeyPair::generate_pkcs8v1(random).map_err(failed)?.as_ref()),
        }
    }

    /// Reads an unencrypted PKCS#8 `PrivateKeyInfo` (RFC 5958) in DER.
    ///
    /// # Errors
    /// [`PkiError::PrivateKey`] when it is none, or of a type that is not used here.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, PkiError> {
        let (key_type, pair) = read_pair(der)?;
        Ok(Self { key_type, pkcs8: Zeroizing::new(der.to_vec()), pair })
    }

    /// Reads a PEM block `PRIVATE KEY` or `ENCRYPTED PRIVATE KEY`.
    ///
    /// # Errors
    /// When it is neither, when it is encrypted and the passphrase is absent or wrong, or the key is of a type that is not used here.
    pub fn from_pem(text: &str, passphrase: Option<&str>) -> Result<Self, PkiError> {
        let unreadable = |error: pkcs8::der::Error| PkiError::PrivateKey(error.to_string());
        let undecodable = |error: pkcs8::Error| PkiError::PrivateKey(error.to_string());
        let (label, document) = SecretDocument::from_pem(text).map_err(unreadable)?;
        match label {
            "PRIVATE KEY" => Self::from_pkcs8(document.as_bytes()),
            "ENCRYPTED PRIVATE KEY" => {
                let passphrase = passphrase.ok_or(PkiError::PassphraseMissing)?;
                let info = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).map_err(undecodable)?;
                // What a wrong passphrase yields is refused by its padding or, once in 256 times, by not being a key.
                let plain = info.decrypt(passphrase).map_err(|_| PkiError::PassphraseWrong)?;
                Self::from_pkcs8(plain.as_bytes()).map_err(|_| PkiError::PassphraseWrong)
            }
            other => Err(PkiError::PrivateKey(format!("its PEM label is `{other}`, not `PRIVATE KEY`"))),
        }
    }

    /// The key as a PEM block: `PRIVATE KEY`, or `ENCRYPTED PRIVATE KEY` with a fresh salt.
    ///
    /// # Errors
    /// [`PkiError::PrivateKey`] when the key cannot be encoded.
    pub fn to_pem(&self, encryption: &KeyEncryption<'_>, entropy: &mut dyn Entropy) -> Result<Zeroizing<String>, PkiError> {
        let failed = |error: pkcs8::der::Error| PkiError::PrivateKey(error.to_string());
        let info = PrivateKeyInfoRef::try_from(self.pkcs8.as_slice()).map_err(|error| PkiError::PrivateKey(error.to_string()))?;
        match encryption {
            KeyEncryption::Plain => {
                SecretDocument::encode_msg(&info).map_err(failed)?.to_pem("PRIVATE KEY", LineEnding::LF).map_err(failed)
            }
            KeyEncryption::Passphrase(passphrase) => {
                let (mut salt, mut iv) = ([0; 16], [0; 16]);
                entropy.fill(&mut salt)?;
                entropy.fill(&mut iv)?;
                let parameters = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(ROUNDS, &salt, iv)
                    .map_err(|error| PkiError::PrivateKey(error.to_string()))?;
                let encrypted =
                    info.encrypt_with_params(parameters, passphrase).map_err(|error| PkiError::PrivateKey(error.to_string()))?;
                encrypted.to_pem("ENCRYPTED PRIVATE KEY", LineEnding::LF).map_err(failed)
            }
        }
    }

    /// What kind of key it is.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        self.key_type
    }

    /// The PKCS#8 form in DER, unencrypted.
    #[must_use]
    pub fn as_pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The public half.
    ///
    /// # Errors
    /// [`PkiError::PublicKey`] when it cannot be encoded.
    pub fn public_key(&self) -> Result<PublicKey, PkiError> {
        PublicKey::from_info(&self.subject_public_key_info())
    }

    /// A signature over a message with the key's own algorithm: ECDSA in ASN.1 form, RSA PKCS#1 v1.5 with SHA-256, or Ed25519.
    ///
    /// # Errors
    /// [`PkiError::Signing`] when the library refuses.
    pub fn sign_message(&self, message: &[u8]) -> Result<Vec<u8>, PkiError> {
        let failed = |_| PkiError::Signing("the cryptographic library made no signature".to_owned());
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ecdsa(pair) => Ok(pair.sign(&random, message).map_err(failed)?.as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut bytes = vec![0; pair.public_modulus_len()];
                pair.sign(&signature::RSA_PKCS1_SHA256, &random, message, &mut bytes).map_err(failed)?;
                Ok(bytes)
            }
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}

fn read_pair(der: &[u8]) -> Result<(KeyType, Pair), PkiError> {
    if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P256_SHA256_ASN1_SIGNING, der) {
        return Ok((KeyType::EcdsaP256, Pair::Ecdsa(pair)));
    }
    if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P384_SHA384_ASN1_SIGNING, der) {
        return Ok((KeyType::EcdsaP384, Pair::Ecdsa(pair)));
    }
    if let Ok(pair) = RsaKeyPair::from_pkcs8(der) {
        let key_type = match pair.public_modulus_len() {
            256 => KeyType::Rsa2048,
            384 => KeyType::Rsa3072,
            512 => KeyType::Rsa4096,
            length => return Err(PkiError::PrivateKey(format!("RSA keys of {} bits are not used here", length * 8))),
        };
        return Ok((key_type, Pair::Rsa(pair)));
    }
    if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
        return Ok((KeyType::Ed25519, Pair::Ed25519(pair)));
    }
    let types = KeyType::ALL.map(KeyType::name).join(", ");
    Err(PkiError::PrivateKey(format!("it is damaged, or its type is none of {types}")))
}

impl PublicKeyData for PrivateKey {
    fn der_bytes(&self) -> &[u8] {
        match &self.pair {
            Pair::Ecdsa(pair) => pair.public_key().as_ref(),
            Pair::Rsa(pair) => pair.public_key().as_ref(),
            Pair::Ed25519(pair) => pair.public_key().as_ref(),
        }
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        match self.key_type {
            KeyType::EcdsaP256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            KeyType::EcdsaP384 => &rcgen::PKCS_ECDSA_P384_SHA384,
            KeyType::Rsa2048 | KeyType::Rsa3072 | KeyType::Rsa4096 => &rcgen::PKCS_RSA_SHA256,
            KeyType::Ed25519 => &rcgen::PKCS_ED25519,
        }
    }
}

impl rcgen::SigningKey for PrivateKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.sign_message(message).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.key_type)
    }
}

impl fmt::Debug for KeyEncryption<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "Plain",
            Self::Passphrase(_) => "Passphrase(..)",
        })
    }
}
