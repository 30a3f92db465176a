//! The two roots of a rotation.

use crate::cli::error::Error;
use crate::pki::AuthorityState;
use crate::pki::RotationStep;
use crate::store::Authority;
use crate::store::AuthorityKind;
use crate::store::AuthorityName;
use crate::store::Ledger;
use crate::store::StoreError;

/// The root that goes and the one that comes.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) leaving: Authority,
    pub(super) coming: Authority,
}

impl Pair {
    /// The rotation that is under way, if one is: the prepared root and the active one, or the active one and the latest before it that is still
    /// trusted.
    pub(super) fn of(ledger: &Ledger) -> Result<Option<Self>, StoreError> {
        let roots = roots(ledger)?;
        let latest = |wanted: &[AuthorityState]| roots.iter().rev().find(|root| wanted.contains(&root.state)).cloned();
        let active = latest(&[AuthorityState::Active]);
        if let (Some(active), Some(prepared)) = (active.clone(), latest(&[AuthorityState::Prepared])) {
            return Ok(Some(Self { leaving: active, coming: prepared }));
        }
        let leaving = latest(&[AuthorityState::Old, AuthorityState::Tainted]);
        Ok(active.zip(leaving).map(|(coming, leaving)| Self { leaving, coming }))
    }
}

/// All roots, oldest first.
pub(super) fn roots(ledger: &Ledger) -> Result<Vec<Authority>, StoreError> {
    Ok(ledger.authorities()?.into_iter().filter(|authority| authority.kind == AuthorityKind::Root).collect())
}

/// The intermediates of a root that are in use, in the order they were made.
pub(super) fn intermediates(ledger: &Ledger, root: &Authority) -> Result<Vec<Authority>, StoreError> {
    let is_below = |authority: &Authority| authority.parent.as_ref() == Some(&root.id) && authority.retired_at.is_none();
    Ok(ledger.authorities()?.into_iter().filter(is_below).collect())
}

/// The intermediate of a name under a root.
pub(super) fn intermediate(ledger: &Ledger, root: &Authority, name: &AuthorityName) -> Result<Authority, Error> {
    let found = intermediates(ledger, root)?.into_iter().find(|authority| authority.name == *name);
    found.ok_or_else(|| {
        Error::question(
            format!("the root `{}` has no intermediate `{name}`", root.name),
            format!("make it with `meshsec ca intermediate --name {name}`, or name another one"),
        )
    })
}

/// The root that a step is for: the one that is named, or the only one that can take the step.
pub(super) fn root_for(ledger: &Ledger, named: Option<&str>, step: RotationStep) -> Result<Authority, Error> {
    let roots = roots(ledger)?;
    if let Some(named) = named {
        let root = ledger.authority(named)?;
        return match root.kind {
            AuthorityKind::Root => Ok(root),
            AuthorityKind::Intermediate => Err(Error::question(
                format!("`{named}` is an intermediate: it follows its root"),
                "name a root, see `meshsec ca rotate status`".to_owned(),
            )),
        };
    }
    let mut able = roots.iter().filter(|root| root.state.after(step).is_ok());
    match (able.next(), able.next()) {
        (Some(root), None) => Ok(root.clone()),
        (Some(_), Some(_)) => Err(Error::question(
            format!("several roots can take the step `{step}`"),
            "name one with `--root`, see `meshsec ca rotate status`".to_owned(),
        )),
        (None, _) => {
            let states: Vec<String> = roots.iter().map(|root| format!("`{}` is {}", root.name, root.state)).collect();
            Err(Error::question(
                format!("there is no root to {step}: {}", states.join(", ")),
                "see `meshsec ca rotate status` for what comes next".to_owned(),
            ))
        }
    }
}

/// The state of a root after a step, or why the step is not possible.
pub(super) fn state_after(root: &Authority, step: RotationStep) -> Result<AuthorityState, Error> {
    root.state.after(step).map_err(|error| {
        Error::question(format!("`{}`: {error}", root.name), "see `meshsec ca rotate status` for what comes next".to_owned())
    })
}
