use std::net::IpAddr;

use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::DistinguishedName;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::KeyIdMethod;
use rcgen::KeyUsagePurpose;
use rcgen::SanType;

use crate::pki::Lifetime;
use crate::pki::PkiError;
use crate::pki::PublicKey;
use crate::pki::SerialNumber;
use crate::pki::name_constraints;
use crate::pki::time::to_offset;
use crate::spiffe::SpiffeId;
use crate::spiffe::TrustDomain;

/// What the certificate of an authority says, root or intermediate (X509-SVID sections 2 to 4, "signing certificate").
#[derive(Debug, Clone)]
pub struct AuthorityProfile {
    /// Whose identities it vouches for.
    pub trust_domain: TrustDomain,
    /// Common name; must differ between authorities of one trust domain, because revocation lists are found by issuer name.
    pub common_name: String,
    /// Serial number.
    pub serial: SerialNumber,
    /// From when until when.
    pub lifetime: Lifetime,
    /// How many authorities may stand between it and a workload; at least 1 for a root with intermediates.
    pub path_length: Option<u8>,
    /// Whether to write the name constraint that permits identities of the trust domain only.
    pub is_constrained: bool,
}

/// What a workload's certificate says (X509-SVID, "leaf certificate").
#[derive(Debug, Clone)]
pub struct SvidProfile {
    /// The one identity.
    pub spiffe_id: SpiffeId,
    /// DNS names beside it.
    pub dns_names: Vec<String>,
    /// Addresses beside it.
    pub addresses: Vec<IpAddr>,
    /// Serial number.
    pub serial: SerialNumber,
    /// From when until when.
    pub lifetime: Lifetime,
}

impl AuthorityProfile {
    /// As a root signs it for itself.
    pub(super) fn to_params(&self) -> Result<CertificateParams, PkiError> {
        let Self { trust_domain, common_name, serial, lifetime, path_length, is_constrained } = self;
        let mut params = common(serial, *lifetime);
        params.distinguished_name.push(DnType::OrganizationName, trust_domain.as_str());
        params.distinguished_name.push(DnType::CommonName, common_name.as_str());
        params.subject_alt_names = vec![SanType::URI(ia5(&trust_domain.to_uri())?)];
        params.is_ca = IsCa::Ca(path_length.map_or(BasicConstraints::Unconstrained, BasicConstraints::Constrained));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        if *is_constrained {
            params.custom_extensions.push(name_constraints::for_trust_domain(trust_domain));
        }
        Ok(params)
    }

    /// As another authority signs it, which it then names.
    pub(super) fn to_params_below(&self) -> Result<CertificateParams, PkiError> {
        let mut params = self.to_params()?;
        params.use_authority_key_identifier_extension = true;
        Ok(params)
    }
}

impl SvidProfile {
    pub(super) fn to_params(&self, key: &PublicKey) -> Result<CertificateParams, PkiError> {
        let Self { spiffe_id, dns_names, addresses, serial, lifetime } = self;
        spiffe_id.require_issuable()?;
        let mut params = common(serial, *lifetime);
        params.subject_alt_names = vec![SanType::URI(ia5(spiffe_id.as_str())?)];
        for name in dns_names {
            params.subject_alt_names.push(SanType::DnsName(ia5(name)?));
        }
        params.subject_alt_names.extend(addresses.iter().map(|address| SanType::IpAddress(*address)));
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        if key.is_rsa() {
            // Only an RSA key can be sent an encrypted secret (RFC 5280 section 4.2.1.3).
            params.key_usages.push(KeyUsagePurpose::KeyEncipherment);
        }
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        Ok(params)
    }
}

/// Every field that the generator would otherwise fill with a choice of its own.
fn common(serial: &SerialNumber, lifetime: Lifetime) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = to_offset(lifetime.not_before);
    params.not_after = to_offset(lifetime.not_after);
    params.serial_number = Some(rcgen::SerialNumber::from_slice(serial.as_be_bytes()));
    params.distinguished_name = DistinguishedName::new();
    params.subject_alt_names = Vec::new();
    params.key_identifier_method = KeyIdMethod::Sha256;
    params
}

fn ia5(text: &str) -> Result<rcgen::string::Ia5String, PkiError> {
    text.try_into().map_err(|_| PkiError::Name(text.to_owned()))
}
