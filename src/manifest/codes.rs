//! The findings of reading a manifest, one code per kind of mistake.

use crate::diag::Code;

/// The text is not YAML, or not text at all.
pub const YAML_SYNTAX: Code = Code("MS001");
/// A mapping holds the same key twice.
pub const DUPLICATE_KEY: Code = Code("MS002");
/// A field that the kind does not have. A misspelt field of a policy widens or narrows it in silence, so this is an error.
pub const UNKNOWN_FIELD: Code = Code("MS003");
/// A value of another type than the field takes.
pub const WRONG_TYPE: Code = Code("MS006");
/// A field that the kind cannot do without.
pub const MISSING_FIELD: Code = Code("MS024");
/// A value of the right type that the field does not take: an unknown word, a number out of range, an unknown version.
pub const BAD_VALUE: Code = Code("MS007");
/// The text is larger, deeper or more repetitive than the reader accepts.
pub const LIMIT_EXCEEDED: Code = Code("MS025");
/// The same object is written twice.
pub const DUPLICATE_OBJECT: Code = Code("MS904");
