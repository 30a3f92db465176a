use jiff::Timestamp;
use rusqlite::OptionalExtension;
use rusqlite::Row;

use crate::pki::AuthorityState;
use crate::pki::Certificate;
use crate::pki::KeyType;
use crate::spiffe::TrustDomain;
use crate::store::AuthorityId;
use crate::store::AuthorityKind;
use crate::store::AuthorityName;
use crate::store::Ledger;
use crate::store::NewCertificate;
use crate::store::Origin;
use crate::store::StoreError;
use crate::store::Transaction;
use crate::store::ledger::row;
use crate::store::ledger::row::Fault;

/// A signing certificate that is kept here, without its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// Its subject key identifier.
    pub id: AuthorityId,
    /// What the user calls it.
    pub name: AuthorityName,
    /// Root or intermediate.
    pub kind: AuthorityKind,
    /// The root above it; none above a root.
    pub parent: Option<AuthorityId>,
    /// Whose identities it vouches for.
    pub trust_domain: TrustDomain,
    /// Its own state; an intermediate has that of its root unless it was revoked or replaced.
    pub state: AuthorityState,
    /// Its certificate.
    pub certificate: Certificate,
    /// What kind of key it has.
    pub key_type: KeyType,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its state, or that it is in use, last changed.
    pub changed_at: Timestamp,
    /// Since when another intermediate of the same name has its place.
    pub retired_at: Option<Timestamp>,
}

/// An authority to be recorded, together with its certificate.
#[derive(Debug, Clone)]
pub struct NewAuthority {
    /// What the user calls it.
    pub name: AuthorityName,
    /// The root that signed it; none for a root.
    pub parent: Option<AuthorityId>,
    /// Whose identities it vouches for.
    pub trust_domain: TrustDomain,
    /// The state of a root; an intermediate follows its root, and this says nothing.
    pub state: AuthorityState,
    /// Its certificate.
    pub certificate: Certificate,
    /// What kind of key it has.
    pub key_type: KeyType,
    /// When it was made.
    pub created_at: Timestamp,
}

const SELECT: &str = "
    SELECT own.id, own.name, own.kind, own.parent, own.trust_domain, states.state, own.certificate, own.key_type,
        own.created_at, own.changed_at, own.retired_at
    FROM authorities AS own JOIN authority_states AS states USING (id)";

impl Ledger {
    /// Every authority: roots in the order they were made, each followed by its intermediates.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn authorities(&self) -> Result<Vec<Authority>, StoreError> {
        let order = "
            LEFT JOIN authorities AS above ON above.id = own.parent
            ORDER BY ifnull(above.rowid, own.rowid), own.parent IS NOT NULL, own.rowid";
        self.select_authorities(order, [])
    }

    /// The authority with this identifier or name: a root of the name, else the intermediate of the name under the active root, else
    /// the latest intermediate of the name.
    ///
    /// # Errors
    /// [`StoreError::NoAuthority`] when there is none.
    pub fn authority(&self, name_or_id: &str) -> Result<Authority, StoreError> {
        let order = "
            WHERE own.id = ?1 OR own.name = ?1
            ORDER BY own.id = ?1 DESC, own.kind = 'root' DESC, states.state = 'active' DESC, own.rowid DESC LIMIT 1";
        let found = self.select_authorities(order, [name_or_id])?;
        found.into_iter().next().ok_or_else(|| StoreError::NoAuthority(name_or_id.to_owned()))
    }

    /// The authority with this identifier.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn authority_by_id(&self, id: &AuthorityId) -> Result<Option<Authority>, StoreError> {
        Ok(self.select_authorities("WHERE own.id = ?1", [id.as_str()])?.into_iter().next())
    }

    /// The root that signs now.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn active_root(&self) -> Result<Option<Authority>, StoreError> {
        Ok(self.select_authorities("WHERE own.kind = 'root' AND own.state = 'active'", [])?.into_iter().next())
    }

    /// The intermediate of this name under the active root.
    ///
    /// # Errors
    /// [`StoreError::NoSigner`] when no root is active or it has none of the name; [`StoreError::Retired`] when it was revoked.
    pub fn signing_authority(&self, name: &AuthorityName) -> Result<Authority, StoreError> {
        let order = "
            JOIN authorities AS above ON above.id = own.parent
            WHERE own.name = ?1 AND own.retired_at IS NULL AND above.state = 'active'";
        let found = self.select_authorities(order, [name.as_str()])?.into_iter().next();
        let found = found.ok_or_else(|| StoreError::NoSigner(name.to_string()))?;
        if found.state != AuthorityState::Active {
            return Err(StoreError::Retired { name: name.to_string(), state: found.state });
        }
        Ok(found)
    }

    fn select_authorities(&self, rest: &str, values: impl rusqlite::Params) -> Result<Vec<Authority>, StoreError> {
        let read = || -> Result<Vec<Authority>, Fault> {
            let mut statement = self.connection.prepare(&format!("{SELECT} {rest}"))?;
            statement.query_and_then(values, read_authority)?.collect()
        };
        read().map_err(|fault| fault.at(&self.path))
    }
}

fn read_authority(row: &Row<'_>) -> Result<Authority, Fault> {
    Ok(Authority {
        id: row::parsed(row, "id")?,
        name: row::parsed(row, "name")?,
        kind: row::parsed(row, "kind")?,
        parent: row::parsed_option(row, "parent")?,
        trust_domain: row::parsed(row, "trust_domain")?,
        state: row::parsed(row, "state")?,
        certificate: row::certificate(row, "certificate")?,
        key_type: row::parsed(row, "key_type")?,
        created_at: row::time(row, "created_at")?,
        changed_at: row::time(row, "changed_at")?,
        retired_at: row::time_option(row, "retired_at")?,
    })
}

impl Transaction<'_> {
    /// Records an authority and its certificate. Its private key has to be on the disk already.
    ///
    /// # Errors
    /// [`StoreError::NotAnAuthority`] when the certificate has no subject key identifier or a parent that is no root,
    /// [`StoreError::NameTaken`] when the root has one of the name (or there is a root of the name).
    pub fn insert_authority(&self, new: &NewAuthority) -> Result<AuthorityId, StoreError> {
        let NewAuthority { name, parent, trust_domain, state, certificate, key_type, created_at } = new;
        let refuse = |reason| StoreError::NotAnAuthority { subject: certificate.subject().to_owned(), reason };
        let id = AuthorityId::of(certificate).ok_or_else(|| refuse("it has no usable subject key identifier"))?;
        if let Some(parent) = parent {
            match self.authority_by_id(parent)? {
                Some(above) if above.kind == AuthorityKind::Root => {}
                _ => return Err(refuse("its signer is no root of this ledger")),
            }
        }
        if self.authority_by_id(&id)?.is_some() {
            return Err(refuse("its key is an authority's already"));
        }
        let sql = "SELECT 1 FROM authorities WHERE parent IS ?1 AND name = ?2 AND retired_at IS NULL";
        let same_name = self.connection.query_row(sql, (parent.as_ref().map(AuthorityId::as_str), name.as_str()), |_| Ok(()));
        if same_name.optional().map_err(|error| StoreError::sql(&self.path, error))?.is_some() {
            return Err(StoreError::NameTaken(name.to_string()));
        }
        let kind = if parent.is_some() { AuthorityKind::Intermediate } else { AuthorityKind::Root };
        self.execute(
            "INSERT INTO authorities
             (id, name, kind, parent, trust_domain, state, key_type, serial, certificate, created_at, changed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)",
            (
                id.as_str(),
                name.as_str(),
                kind.name(),
                parent.as_ref().map(AuthorityId::as_str),
                trust_domain.as_str(),
                parent.is_none().then_some(state.name()),
                key_type.name(),
                certificate.serial().as_be_bytes(),
                certificate.der(),
                created_at.as_second(),
            ),
        )?;
        self.record_certificate(&NewCertificate {
            issuer: parent.clone().unwrap_or_else(|| id.clone()),
            certificate: certificate.clone(),
            origin: if parent.is_some() { Origin::Intermediate } else { Origin::Root },
            issued_at: *created_at,
            output: None,
            renewed_from: None,
        })?;
        Ok(id)
    }

    /// Gives a root the next state of its life. That the state before is still the one in the ledger is looked at here, under the lock, so two
    /// processes cannot both take a step. Two roots are never active, or prepared, at once.
    ///
    /// # Errors
    /// [`StoreError::NoAuthority`] when it is no root, [`StoreError::Moved`] when its state is not the one before.
    pub fn set_state(&self, id: &AuthorityId, state: AuthorityState, at: Timestamp) -> Result<(), StoreError> {
        let found = self.authority_by_id(id)?.filter(|found| found.kind == AuthorityKind::Root);
        let found = found.ok_or_else(|| StoreError::NoAuthority(id.to_string()))?;
        let is_next = matches!(
            (found.state, state),
            (AuthorityState::Prepared, AuthorityState::Active)
                | (AuthorityState::Active, AuthorityState::Old)
                | (AuthorityState::Old, AuthorityState::Tainted)
                | (AuthorityState::Tainted, AuthorityState::Revoked)
        );
        if !is_next {
            return Err(StoreError::Moved { name: found.name.to_string(), state: found.state, wanted: state });
        }
        let sql = "UPDATE authorities SET state = ?2, changed_at = ?3 WHERE id = ?1";
        self.execute(sql, (id.as_str(), state.name(), at.as_second()))
    }

    /// Takes an intermediate out of use, so that another one can have its name.
    ///
    /// # Errors
    /// [`StoreError::NoAuthority`] when it is no intermediate in use.
    pub fn retire(&self, id: &AuthorityId, at: Timestamp) -> Result<(), StoreError> {
        let sql = "
            UPDATE authorities SET retired_at = ?2, changed_at = ?2
            WHERE id = ?1 AND kind = 'intermediate' AND retired_at IS NULL";
        let changed = self.connection.execute(sql, (id.as_str(), at.as_second()));
        match changed.map_err(|error| StoreError::sql(&self.path, error))? {
            0 => Err(StoreError::NoAuthority(id.to_string())),
            _ => Ok(()),
        }
    }
}
