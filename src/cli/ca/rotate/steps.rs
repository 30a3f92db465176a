//! The procedure of a rotation for one cluster: the files of each step, and what to do with them.

use std::path::Path;

use jiff::SignedDuration;

use crate::cli::ca::crl;
use crate::cli::ca::plug_in::PlugIn;
use crate::cli::ca::rotate::pair;
use crate::cli::ca::rotate::pair::Pair;
use crate::cli::ca::signing::Issuer;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::pki::Certificate;
use crate::pki::Crl;
use crate::render;
use crate::store;
use crate::store::Authority;
use crate::store::AuthorityName;
use crate::store::Existing;
use crate::store::Home;
use crate::store::publish;

/// Where istiod runs and under which intermediate.
#[derive(Debug)]
pub(super) struct Cluster<'a> {
    pub(super) name: &'a AuthorityName,
    pub(super) namespace: &'a str,
}

/// The directories, in order: who signs and who is trusted.
const STEPS: [&str; 3] = ["1-trust-both", "2-sign-with-new", "3-trust-new"];

/// Writes a directory for each step, and the procedure.
pub(super) fn write(
    out: &Path,
    home: &mut Home,
    cluster: &Cluster<'_>,
    next_update: Option<SignedDuration>,
    passphrase: Option<&str>,
    env: &mut Env<'_>,
) -> Result<(), Error> {
    let pair = Pair::of(home.ledger())?.ok_or_else(|| {
        Error::question(
            "no rotation is under way: there is one trusted root",
            "start one with `meshsec ca rotate prepare`".to_owned(),
        )
    })?;
    let old = pair.leaving.certificate.clone();
    let new = pair.coming.certificate.clone();
    let both = vec![old, new.clone()];
    let leaving = issuer(home, &pair.leaving, cluster.name, passphrase)?;
    let coming = issuer(home, &pair.coming, cluster.name, passphrase)?;
    let lists = match next_update {
        None => None,
        Some(next_update) => {
            let authorities = crl::listed(home, env.now)?;
            let lists = crl::sign_all(home, &authorities, passphrase, env.now, next_update)?;
            Some((authorities, lists))
        }
    };
    let all: Option<Vec<Crl>> = lists.as_ref().map(|(_, lists)| lists.clone());
    // The last step trusts the new root alone; lists of the old one would only be in the way.
    let of_new: Option<Vec<Crl>> = lists.as_ref().map(|(authorities, lists)| {
        let is_new = |authority: &Authority| authority.parent.as_ref().unwrap_or(&authority.id) == &pair.coming.id;
        authorities.iter().zip(lists).filter(|(authority, _)| is_new(authority)).map(|(_, list)| list.clone()).collect()
    });
    let leaving = with_bundle(leaving, both.clone());
    let coming_both = with_bundle(coming, both);
    let first = PlugIn::of(&leaving, all.as_deref(), env.now)?;
    let second = PlugIn::of(&coming_both, all.as_deref(), env.now)?;
    let third = PlugIn::of(&with_bundle(coming_both, vec![new]), of_new.as_deref(), env.now)?;
    for (step, plug_in) in STEPS.iter().zip([&first, &second, &third]) {
        publish(&out.join(step), &env.now.as_nanosecond().to_string(), &plug_in.files(), false)?;
    }
    let facts = render::RotationSteps {
        steps: STEPS,
        namespace: cluster.namespace,
        intermediate: cluster.name.as_str(),
        leaving: &pair.leaving,
        coming: &pair.coming,
        has_lists: lists.is_some(),
    };
    let mut text = Vec::new();
    render::rotation_steps(&mut text, &facts)?;
    store::write_public(&out.join("README.md"), &text, Existing::Replace)?;
    if !env.quiet {
        writeln!(env.stderr, "wrote {} and README.md in {}", STEPS.join(", "), out.display())?;
        writeln!(env.stderr, "{} each directory holds a ca-key.pem that is not encrypted", env.style.warning("warning:"))?;
    }
    Ok(())
}

fn issuer(home: &Home, root: &Authority, name: &AuthorityName, passphrase: Option<&str>) -> Result<Issuer, Error> {
    let authority = pair::intermediate(home.ledger(), root, name)?;
    let signer = home.load_signer(&authority, passphrase)?;
    Ok(Issuer { authority, signer, bundle: Vec::new() })
}

fn with_bundle(issuer: Issuer, bundle: Vec<Certificate>) -> Issuer {
    Issuer { bundle, ..issuer }
}
