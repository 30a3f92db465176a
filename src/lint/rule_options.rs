//! What single rules can be told: thresholds and lists, as keys of `[lint.rules.MS602]` in `meshsec.toml`.

/// What every rule with options is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleOptions {
    pub(super) case_insensitive_namespaces: Vec<String>,
    pub(super) joined_claims: Vec<String>,
    pub(super) certificate_days: u32,
    pub(super) authority_days: u32,
    pub(super) default_lifetime_hours: u32,
    pub(super) maximum_lifetime_days: u32,
    pub(super) owner_labels: Vec<String>,
    /// `istio-version` and `trust-domain` of `[mesh]`, for rules that look at one object.
    pub(super) istio_version: Option<String>,
    pub(super) trust_domain: Option<String>,
}

impl Default for RuleOptions {
    fn default() -> Self {
        Self {
            case_insensitive_namespaces: Vec::new(),
            joined_claims: vec!["scp".to_owned()],
            certificate_days: 30,
            authority_days: 365,
            default_lifetime_hours: 24,
            maximum_lifetime_days: 90,
            owner_labels: ["owner", "team"].map(str::to_owned).to_vec(),
            istio_version: None,
            trust_domain: None,
        }
    }
}

/// One option of a rule.
#[derive(Debug)]
pub struct RuleOption {
    /// Code of the rule.
    pub code: &'static str,
    /// Its key in the rule's table.
    pub key: &'static str,
    /// What it decides.
    pub about: &'static str,
    place: Place,
}

/// Where the value of an option is kept.
#[derive(Debug)]
enum Place {
    Number(fn(&mut RuleOptions) -> &mut u32),
    Words(fn(&mut RuleOptions) -> &mut Vec<String>),
}

/// Every option, by code and key.
pub const RULE_OPTIONS: &[RuleOption] = &[
    RuleOption {
        code: "MS172",
        key: "namespaces",
        about: "patterns of namespaces whose applications ignore the case of paths",
        place: Place::Words(|options| &mut options.case_insensitive_namespaces),
    },
    RuleOption {
        code: "MS344",
        key: "claims",
        about: "claims that the issuers of the mesh write as one text with blanks",
        place: Place::Words(|options| &mut options.joined_claims),
    },
    RuleOption {
        code: "MS602",
        key: "days",
        about: "days before its end at which a certificate ends soon, within the last third of its life",
        place: Place::Number(|options| &mut options.certificate_days),
    },
    RuleOption {
        code: "MS615",
        key: "days",
        about: "days before its end at which an authority ends soon, within the last third of its life",
        place: Place::Number(|options| &mut options.authority_days),
    },
    RuleOption {
        code: "MS621",
        key: "default-hours",
        about: "longest lifetime that workload certificates may have unless they ask for another",
        place: Place::Number(|options| &mut options.default_lifetime_hours),
    },
    RuleOption {
        code: "MS621",
        key: "maximum-days",
        about: "longest lifetime that workload certificates may ask for",
        place: Place::Number(|options| &mut options.maximum_lifetime_days),
    },
    RuleOption {
        code: "MS908",
        key: "labels",
        about: "labels or annotations of which a policy needs one",
        place: Place::Words(|options| &mut options.owner_labels),
    },
];

impl RuleOption {
    /// What a value must be.
    #[must_use]
    pub fn takes(&self) -> &'static str {
        match self.place {
            Place::Number(_) => "a whole number, such as `30`",
            Place::Words(_) => "a list of texts, such as `[\"a\"]`",
        }
    }

    /// Sets the option; `None` when the value is of another kind.
    pub(super) fn set(&self, options: &mut RuleOptions, value: &toml::Value) -> Option<()> {
        match self.place {
            Place::Number(place) => *place(options) = u32::try_from(value.as_integer()?).ok()?,
            Place::Words(place) => {
                let words: Option<Vec<String>> = value.as_array()?.iter().map(|word| word.as_str().map(str::to_owned)).collect();
                *place(options) = words?;
            }
        }
        Some(())
    }

    /// The value as `meshsec.toml` writes it.
    #[must_use]
    pub fn written(&self, options: &RuleOptions) -> String {
        let mut options = options.clone();
        match self.place {
            Place::Number(place) => place(&mut options).to_string(),
            Place::Words(place) => format!("{:?}", place(&mut options)),
        }
    }
}
