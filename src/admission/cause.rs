/// What kind of mistake makes a gate refuse an object, or istiod warn about it. One lint rule stands for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// A field the kind does not have.
    UnknownField,
}
