//! `--svid`: a JWT-SVID, signed by the mesh's own key.

use jiff::SignedDuration;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::jwt::mesh_key;
use crate::cli::jwt::mint::MintArgs;
use crate::cli::svid::identity;
use crate::jose::SigningKey;

/// Life of a JWT-SVID when nothing is said, as SPIRE's: it is a bearer token.
const DEFAULT_TTL: SignedDuration = SignedDuration::from_mins(5);

impl MintArgs {
    /// Fills in what the profile asks for (JWT-SVID sections 2 and 3), and returns the mesh's key.
    ///
    /// # Errors
    /// When the identity is not of this trust domain, no audience is named, or the home cannot be used.
    pub(super) fn as_svid(&mut self, env: &Env<'_>) -> Result<SigningKey, Error> {
        if self.aud.is_empty() {
            return Err(Error::question(
                "a JWT-SVID is for somebody: no audience was named",
                "name who is to accept it with `--aud`".to_owned(),
            ));
        }
        let mut home = self.home.open(env)?;
        let settings = home.ledger().settings()?;
        let id = match (&self.service_account, &self.spiffe_id) {
            (Some(account), _) => identity::for_service_account(&settings.trust_domain, account)?,
            (None, Some(id)) => identity::in_trust_domain(&settings.trust_domain, id)?,
            (None, None) => {
                return Err(Error::question(
                    "no identity was given",
                    "name it with `--spiffe-id spiffe://..` or `--service-account namespace/name`".to_owned(),
                ));
            }
        };
        self.sub = Some(id.to_string());
        let ttl = self.ttl.unwrap_or(DEFAULT_TTL);
        if ttl > settings.max_svid_ttl {
            return Err(Error::question(
                format!("`--ttl` is {ttl:#}; this authority issues for {:#} at most", settings.max_svid_ttl),
                "shorten it: a token cannot be taken back".to_owned(),
            ));
        }
        self.ttl = Some(ttl);
        let passphrase = settings.are_keys_encrypted.then(|| self.passphrase.existing(env)).transpose()?;
        mesh_key::signing(&mut home, passphrase.as_ref().map(|passphrase| passphrase.as_str()), env.now)
    }
}
