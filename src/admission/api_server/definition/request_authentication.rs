use crate::admission::Cause;
use crate::admission::api_server::definition::grammar;
use crate::admission::api_server::definition::shared::ONE_ATTACHMENT;
use crate::admission::api_server::definition::shared::SELECTOR;
use crate::admission::api_server::definition::shared::TARGET;
use crate::admission::api_server::definition::shared::TARGETS;
use crate::admission::api_server::schema::AtMostOne;
use crate::admission::api_server::schema::Grammar;
use crate::admission::api_server::schema::List;
use crate::admission::api_server::schema::Object;
use crate::admission::api_server::schema::Required;
use crate::admission::api_server::schema::Schema;
use crate::admission::api_server::schema::TEXT;
use crate::admission::api_server::schema::Text;
use crate::admission::api_server::schema::list;
use crate::admission::api_server::schema::some_text;

pub(super) static SPEC: Schema = Schema::Object(Object {
    fields: &[
        ("jwtRules", Schema::List(List { items: &JWT_RULE, at_most: 4096 })),
        ("selector", SELECTOR),
        ("targetRef", TARGET),
        ("targetRefs", TARGETS),
    ],
    at_most_one: &[ONE_ATTACHMENT],
    ..Object::EMPTY
});

const JWT_RULE: Schema = Schema::Object(Object {
    fields: &[
        ("audiences", list(&some_text(Cause::AudienceEmpty))),
        ("forwardOriginalToken", Schema::Boolean),
        ("fromCookies", list(&some_text(Cause::LocationEmpty))),
        ("fromHeaders", list(&HEADER_LOCATION)),
        ("fromParams", list(&some_text(Cause::LocationEmpty))),
        ("issuer", some_text(Cause::NoIssuerAndNoUri)),
        ("jwks", TEXT),
        // The one field that may be written in either spelling.
        ("jwks_uri", JWKS_URI),
        ("jwksUri", JWKS_URI),
        ("outputClaimToHeaders", list(&CLAIM_TO_HEADER)),
        ("outputPayloadToHeader", TEXT),
        ("spaceDelimitedClaims", Schema::List(List { items: &some_text(Cause::EmptyText), at_most: 64 })),
        ("timeout", TIMEOUT),
    ],
    at_most_one: &[AtMostOne {
        of: &["jwksUri", "jwks_uri", "jwks"],
        cause: Cause::JwksAndUri,
        help: "keep one of them: keys come from one place",
    }],
    ..Object::EMPTY
});

const JWKS_URI: Schema = Schema::Text(Text {
    at_least: 1,
    at_most: 2048,
    wrong_length: Cause::JwksUriMalformed,
    grammar: &[
        Grammar {
            allows: grammar::is_url,
            cause: Cause::JwksUriMalformed,
            problem: "is no URL",
            help: "write the whole URL of the key set, for example `https://idp.example/keys`",
        },
        Grammar {
            allows: grammar::is_http,
            cause: Cause::JwksUriScheme,
            problem: "is neither an `http` nor an `https` URL",
            help: "write a URL that starts with `https://`",
        },
    ],
});

const HEADER_LOCATION: Schema = Schema::Object(Object {
    fields: &[("name", some_text(Cause::HeaderLocationNameEmpty)), ("prefix", TEXT)],
    required: &[Required { field: "name", cause: Cause::HeaderLocationNameEmpty }],
    ..Object::EMPTY
});

const CLAIM_TO_HEADER: Schema = Schema::Object(Object {
    fields: &[
        ("claim", some_text(Cause::OutputClaimInvalid)),
        (
            "header",
            Schema::Text(Text {
                at_least: 1,
                wrong_length: Cause::OutputClaimInvalid,
                grammar: &[Grammar {
                    allows: grammar::is_header_name,
                    cause: Cause::OutputClaimInvalid,
                    problem: "is no header name that a claim can go to",
                    help: "use letters, digits, `-` and `_`",
                }],
                ..Text::ANY
            }),
        ),
    ],
    required: &[
        Required { field: "header", cause: Cause::OutputClaimInvalid },
        Required { field: "claim", cause: Cause::OutputClaimInvalid },
    ],
    ..Object::EMPTY
});

const TIMEOUT: Schema = Schema::Text(Text {
    grammar: &[Grammar {
        allows: grammar::is_duration,
        cause: Cause::TimeoutInvalid,
        problem: "is no duration of a millisecond or more",
        help: "write a number with a unit, for example `5s`",
    }],
    ..Text::ANY
});
