//! MS3xx: `RequestAuthentication` and tokens.

rules! {
    audience_empty,
    header_location_name_empty,
    jwks_and_uri,
    jwks_invalid,
    jwks_private_key,
    jwks_symmetric,
    jwks_uri_malformed,
    jwks_uri_scheme,
    location_empty,
    no_issuer_and_no_uri,
    output_claim_invalid,
    timeout_invalid,
}
