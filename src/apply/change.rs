use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;

use crate::apply::Item;
use crate::apply::Key;
use crate::apply::same_content;

/// What becomes of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is made.
    Create,
    /// It is written.
    Configure,
    /// It is left alone: it is as wanted.
    Unchanged,
    /// It is removed, because it is wanted no more.
    Prune,
    /// It is removed, because that was asked for.
    Delete,
}

impl Action {
    /// What is to be done.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Configure => "configure",
            Self::Unchanged => "unchanged",
            Self::Prune => "prune",
            Self::Delete => "delete",
        }
    }

    /// What was done.
    #[must_use]
    pub fn done(self) -> &'static str {
        match self {
            Self::Create => "created",
            Self::Configure => "configured",
            Self::Unchanged => "unchanged",
            Self::Prune => "pruned",
            Self::Delete => "deleted",
        }
    }

    /// Whether the object is gone afterwards.
    #[must_use]
    pub fn removes(self) -> bool {
        matches!(self, Self::Prune | Self::Delete)
    }
}

/// One object before and after.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its name, as the side that counts writes it.
    pub key: Key,
    /// What becomes of it.
    pub action: Action,
    /// As it is; `None` when it is to be made.
    pub before: Option<Item>,
    /// As it will be; `None` when it is to be removed.
    pub after: Option<Item>,
}

impl Change {
    /// The change that leads from one to the other; `None` when there is nothing on either side.
    #[must_use]
    pub fn of(before: Option<Item>, after: Option<Item>, removal: Action) -> Option<Self> {
        let key = after.as_ref().or(before.as_ref())?.key.clone();
        let action = match (&before, &after) {
            (None, _) => Action::Create,
            (Some(_), None) => removal,
            (Some(before), Some(after)) if same_content(&before.value, &after.value) => Action::Unchanged,
            (Some(_), Some(_)) => Action::Configure,
        };
        Some(Self { key, action, before, after })
    }
}

/// What leads from the live objects to the wanted ones, in order of names. Of `live` only what is wanted or to be removed counts.
#[must_use]
pub fn changes(live: Vec<Item>, wanted: Vec<Item>, removed: &BTreeSet<Key>, removal: Action) -> Vec<Change> {
    let mut pairs: BTreeMap<Key, (Option<Item>, Option<Item>)> = BTreeMap::new();
    for item in wanted {
        let key = item.key.clone();
        pairs.entry(key).or_default().1 = Some(item);
    }
    for item in live {
        if let Some(pair) = pairs.get_mut(&item.key) {
            pair.0 = Some(item);
        } else if removed.contains(&item.key) {
            pairs.insert(item.key.clone(), (Some(item), None));
        }
    }
    pairs.into_values().filter_map(|(before, after)| Change::of(before, after, removal)).collect()
}
