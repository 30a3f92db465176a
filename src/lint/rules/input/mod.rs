//! MS0xx: what was given cannot be read, or is refused, as it is written.

rules! {
    duplicate_key,
    limit_exceeded,
    missing_field,
    refused,
    unknown_field,
    wrong_scalar_type,
    enum_value,
    yaml_syntax,
}

pub(in crate::lint::rules) use refused::RULE as REFUSED;
