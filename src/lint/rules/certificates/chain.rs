//! The way from the signing certificate of the mesh to a root.

use crate::lint::secrets::SecretData;
use crate::pki::Certificate;

/// Authorities a path may have; more are no path of a mesh.
const LONGEST: usize = 8;

/// From the signing certificate to one of the roots.
///
/// # Errors
/// The certificate that nothing here signed.
pub(super) fn path<'s>(secret: &'s SecretData<'_>, signer: &'s Certificate) -> Result<Vec<&'s Certificate>, &'s Certificate> {
    let roots = secret.roots().map(|part| part.certificates()).unwrap_or_default();
    let files = secret.layout().map_or(&[][..], |layout| layout.chain());
    let chain: Vec<&Certificate> =
        files.iter().filter_map(|file| secret.part(file.name())).flat_map(|part| part.certificates()).collect();
    let mut path = vec![signer];
    let mut last = signer;
    while !roots.contains(&last) {
        let is_issuer = |other: &&&'s Certificate| last.is_signed_by(other) && !path.contains(*other);
        let next = roots.iter().find(is_issuer).or_else(|| chain.iter().find(is_issuer)).copied();
        match next.filter(|_| path.len() < LONGEST) {
            Some(next) => path.push(next),
            None => return Err(last),
        }
        last = next.unwrap_or(last);
    }
    Ok(path)
}
