//! `MS6xx`: certificates, keys and revocation lists in Secrets, and the authority of the mesh.

mod chain;
mod examples;
mod served;

rules! {
    certificate_expired,
    certificate_expires_soon,
    chain_certificate_expired,
    chain_order_or_gap,
    client_ca_missing,
    key_does_not_match,
    leaf_usage_wrong,
    names_do_not_cover_hosts,
    plugged_ca_chain_broken,
    plugged_ca_expiring,
    plugged_ca_incomplete,
    plugged_ca_not_a_ca,
    private_key_in_manifest,
    revocation_list_stale,
    root_bundle_mixed,
    root_key_online,
    sample_ca,
    secret_has_both_forms,
    secret_keys_missing,
    spiffe_name_malformed,
    weak_key,
    weak_signature,
    wildcard_certificate_shared,
    workload_lifetime_long,
}
