//! MS1xx: `AuthorizationPolicy`.

rules! {
    principal_with_spiffe_scheme,
}
