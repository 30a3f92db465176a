//! Which istiod it is, by its image or by what the user says.

use crate::diag::Spanned;
use crate::lint::MeshView;

/// Minor version and patch of a version 1.
pub(super) type Version = (u32, u32);

/// Of a tag such as `1.28.2-distroless`.
pub(super) fn parse(version: &str) -> Option<Version> {
    let version = version.trim_start_matches('v').split('-').next()?;
    let mut numbers = version.split('.');
    if numbers.next()? != "1" {
        return None;
    }
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// The version of the mesh's istiod, and where it is written when it is.
pub(super) fn of(view: &MeshView<'_>) -> Option<(Version, Spanned<String>)> {
    let told = view.options.istio_version.as_ref().map(|version| Spanned::new(version.clone(), crate::diag::Span::default()));
    let version = view.mesh.settings.istio_version.clone().or(told)?;
    Some((parse(&version.value)?, version))
}
