//! `MS9xx`: order in the files.

rules! {
    alias_or_merge_key,
    duplicate_resource,
    duplicate_values,
    experimental_condition,
    implicit_action,
    invisible_character,
    name_contradicts_action,
    oversized_policy,
    owner_missing,
    principals_could_be_service_accounts,
    redundant_values,
    secret_literal_in_policy,
    suppression_without_reason,
    unrendered_template,
    unstable_selector_label,
    unused_suppression,
}

pub(in crate::lint) use unrendered_template::help_for;
pub(in crate::lint) use unrendered_template::of_bad_yaml;
