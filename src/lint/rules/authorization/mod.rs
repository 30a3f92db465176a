//! MS1xx: `AuthorizationPolicy`.

mod cover;
mod sample;
mod scope;
mod wording;

rules! {
    allow_empty_rules_list,
    allow_negative_only,
    any_ip,
    any_principal,
    audit_without_consumer,
    authorization_header_match,
    cidr_host_bits,
    claims_key_malformed,
    deny_http_condition_only,
    deny_path_case,
    deny_path_trailing_slash,
    deny_port_missing_in_one_operation,
    dry_run_left_on,
    forwarded_header_match,
    header_deny_multi_value,
    header_key_malformed,
    host_lookalike,
    host_through_header_condition,
    host_with_scheme_or_path,
    host_without_port_form,
    invalid_namespace_name,
    ip_form_never_seen,
    method_not_upper_case,
    namespace_suffix_matches_everyone,
    path_looks_like_regex,
    path_template_breaks_listener,
    path_with_query_or_fragment,
    path_without_leading_slash,
    pattern_overmatch,
    port_zero,
    prefix_misses_exact,
    principal_shape,
    principal_with_spiffe_scheme,
    pseudo_header_path_match,
    request_principal_shape,
    split_rule,
    trust_domain_condition_with_slash,
    wildcard_both_ends,
    wildcard_in_middle,
}
