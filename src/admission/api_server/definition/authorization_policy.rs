use crate::admission::Cause;
use crate::admission::api_server::definition::shared::ONE_ATTACHMENT;
use crate::admission::api_server::definition::shared::SELECTOR;
use crate::admission::api_server::definition::shared::TARGET;
use crate::admission::api_server::definition::shared::TARGETS;
use crate::admission::api_server::refusals::Refusals;
use crate::admission::api_server::schema::List;
use crate::admission::api_server::schema::Object;
use crate::admission::api_server::schema::Required;
use crate::admission::api_server::schema::Schema;
use crate::admission::api_server::schema::TEXT;
use crate::admission::api_server::schema::TEXTS;
use crate::admission::api_server::schema::Text;
use crate::admission::api_server::schema::list;
use crate::admission::api_server::schema::object;
use crate::manifest::yaml::Node;

pub(super) static SPEC: Schema = Schema::Object(Object {
    fields: &[
        ("action", Schema::Word(&["ALLOW", "DENY", "AUDIT", "CUSTOM"])),
        ("provider", object(&[("name", TEXT)])),
        ("rules", Schema::List(List { items: &RULE, at_most: 512 })),
        ("selector", SELECTOR),
        ("targetRef", TARGET),
        ("targetRefs", TARGETS),
    ],
    at_most_one: &[ONE_ATTACHMENT],
    ..Object::EMPTY
});

const RULE: Schema = object(&[
    ("from", Schema::List(List { items: &object(&[("source", SOURCE)]), at_most: 512 })),
    ("to", list(&object(&[("operation", OPERATION)]))),
    ("when", list(&CONDITION)),
]);

const SOURCE: Schema = Schema::Object(Object {
    fields: &[
        ("ipBlocks", TEXTS),
        ("namespaces", TEXTS),
        ("notIpBlocks", TEXTS),
        ("notNamespaces", TEXTS),
        ("notPrincipals", TEXTS),
        ("notRemoteIpBlocks", TEXTS),
        ("notRequestPrincipals", TEXTS),
        ("notServiceAccounts", SERVICE_ACCOUNTS),
        ("notTrustDomains", TEXTS),
        ("principals", TEXTS),
        ("remoteIpBlocks", TEXTS),
        ("requestPrincipals", TEXTS),
        ("serviceAccounts", SERVICE_ACCOUNTS),
        ("trustDomains", TEXTS),
    ],
    rules: &[service_accounts_stand_alone],
    ..Object::EMPTY
});

const SERVICE_ACCOUNTS: Schema = Schema::List(List {
    items: &Schema::Text(Text { at_most: 320, wrong_length: Cause::ServiceAccountMalformed, ..Text::ANY }),
    at_most: 16,
});

const OPERATION: Schema = object(&[
    ("hosts", TEXTS),
    ("methods", TEXTS),
    ("notHosts", TEXTS),
    ("notMethods", TEXTS),
    ("notPaths", TEXTS),
    ("notPorts", TEXTS),
    ("paths", TEXTS),
    ("ports", TEXTS),
]);

const CONDITION: Schema = Schema::Object(Object {
    fields: &[("key", TEXT), ("notValues", TEXTS), ("values", TEXTS)],
    required: &[Required { field: "key", cause: Cause::ConditionKeyEmpty }],
    ..Object::EMPTY
});

/// `serviceAccounts` and its `not` form exclude principals and namespaces, also when a list is empty.
fn service_accounts_stand_alone(source: &Node, refusals: &mut Refusals<'_>) {
    let Some(accounts) = ["serviceAccounts", "notServiceAccounts"].into_iter().find(|name| source.get(name).is_some()) else {
        return;
    };
    let others = ["principals", "notPrincipals", "namespaces", "notNamespaces"];
    if let Some((other, node)) = others.into_iter().find_map(|name| source.get(name).map(|node| (name, node))) {
        refusals.at(|path| path.field(other)).add(
            Cause::ServiceAccountsMixed,
            node.span,
            format!("`{other}` cannot stand beside `{accounts}` in one source"),
            "keep one of them, or write the namespace into the account, as in `shop/frontend`".to_owned(),
        );
    }
}
