//! `meshsec ca rotate`: from one root to the next, one proven step at a time.
//!
//! ```text
//! prepare    new root and intermediates; both roots in every bundle, the old ones sign     (Istio's step 1)
//! activate   the new ones sign; both roots still in every bundle                           (step 2)
//! taint      whatever the old ones signed is due for renewal
//! revoke     the old root leaves the bundle                                                (step 3)
//! ```
//!
//! Each step is one transaction in the ledger, so a step that was interrupted either happened or did not. The key of JWT-SVIDs has no
//! certificate that others would have to replace, so its rotation is one step: `jwt-key`.

mod activate;
mod jwt_key;
mod pair;
mod prepare;
mod proof;
mod revoke;
mod status;
mod steps;
mod taint;

use clap::Subcommand;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;

/// Bring in a new root beside the old one, let it sign, and drop the old one
///
/// Four steps, each of which proves itself: `prepare`, `activate`, `taint`, `revoke`. Between two of them everything that was issued
/// has to reach everybody; `status` says what still chains to which root, and what comes next.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum RotateCommand {
    Prepare(prepare::PrepareArgs),
    Activate(activate::ActivateArgs),
    Taint(taint::TaintArgs),
    Revoke(revoke::RevokeArgs),
    JwtKey(jwt_key::JwtKeyArgs),
    Status(status::StatusArgs),
}

impl RotateCommand {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        match self {
            Self::Prepare(arguments) => arguments.run(env),
            Self::Activate(arguments) => arguments.run(env),
            Self::Taint(arguments) => arguments.run(env),
            Self::Revoke(arguments) => arguments.run(env),
            Self::JwtKey(arguments) => arguments.run(env),
            Self::Status(arguments) => arguments.run(env),
        }
    }
}
