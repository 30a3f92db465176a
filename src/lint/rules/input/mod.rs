//! MS0xx: what was given cannot be read, or is refused, as it is written.

rules! {
    dry_run_on_other_kind,
    duplicate_key,
    empty_text,
    enum_value,
    field_alias_or_case,
    internal_annotation,
    label_value_too_long,
    limit_exceeded,
    list_too_long,
    metadata_invalid,
    missing_field,
    null_list_item,
    number_out_of_range,
    refused,
    selector_and_target,
    selector_empty_key,
    selector_wildcard,
    selector_without_labels,
    target_kind_not_allowed,
    target_name_empty,
    target_namespace_set,
    unknown_field,
    unknown_top_level_key,
    unsupported_api_version,
    wrong_scalar_type,
    yaml_syntax,
}

pub(in crate::lint::rules) use refused::RULE as REFUSED;
