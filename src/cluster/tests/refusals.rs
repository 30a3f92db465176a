//! What the API server answers, word for word, and what becomes of it.

use serde_json::Value;
use serde_json::json;

use crate::cluster::Error;
use crate::cluster::status;
use crate::cluster::status::Ask;
use crate::cluster::status::Server;

fn server() -> Server {
    Server { address: "https://10.0.0.1:6443".to_owned(), context: "prod".to_owned() }
}

fn ask(verb: &'static str) -> Ask {
    Ask {
        verb,
        resource: "authorizationpolicies.security.istio.io".to_owned(),
        api_version: "security.istio.io/v1".to_owned(),
        kind: "AuthorizationPolicy".to_owned(),
        namespace: Some("shop".to_owned()),
        name: Some("allow-cart".to_owned()),
        size: 100,
    }
}

fn list() -> Ask {
    Ask { name: None, size: 0, ..ask("list") }
}

fn secret() -> Ask {
    Ask { kind: "Secret".to_owned(), api_version: "v1".to_owned(), resource: "secrets".to_owned(), ..ask("patch") }
}

#[allow(clippy::needless_pass_by_value, reason = "the cases read better")]
fn status_of(code: u16, reason: &str, message: &str, details: Value) -> (u16, Vec<u8>) {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "details": details, "code": code,
    });
    (code, status.to_string().into_bytes())
}

#[test]
fn every_refusal_says_what_is_wrong_and_whose_fault_it_is() {
    type Case = (&'static str, (u16, Vec<u8>), Ask, &'static str, bool);
    let cases: Vec<Case> = vec![
        (
            "credentials",
            status_of(401, "Unauthorized", "Unauthorized", json!({})),
            list(),
            "`https://10.0.0.1:6443` does not accept the credentials of context `prod`",
            false,
        ),
        (
            "a permission in a namespace",
            status_of(
                403,
                "Forbidden",
                "authorizationpolicies.security.istio.io is forbidden: User \"jane\" cannot list resource \"authorizationpolicies\" in API \
                 group \"security.istio.io\" in the namespace \"shop\"",
                json!({"group": "security.istio.io", "kind": "authorizationpolicies"}),
            ),
            list(),
            "`jane` may not list `authorizationpolicies.security.istio.io` in namespace `shop`",
            false,
        ),
        (
            "a permission everywhere",
            status_of(
                403,
                "Forbidden",
                "namespaces is forbidden: User \"system:serviceaccount:ci:bot\" cannot list resource \"namespaces\" in API group \"\" at \
                 the cluster scope",
                json!({"kind": "namespaces"}),
            ),
            Ask { namespace: None, resource: "namespaces".to_owned(), ..list() },
            "`system:serviceaccount:ci:bot` may not list `namespaces` at the scope of the cluster",
            false,
        ),
        (
            "a rule of the cluster that is no permission",
            status_of(
                403,
                "Forbidden",
                "pods \"a\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false",
                json!({"name": "a", "kind": "pods"}),
            ),
            ask("create"),
            "you may not create `authorizationpolicies.security.istio.io/allow-cart` in namespace `shop`: violates PodSecurity \
             \"restricted:latest\": allowPrivilegeEscalation != false",
            false,
        ),
        (
            "a namespace that is going",
            status_of(
                403,
                "Forbidden",
                "authorizationpolicies.security.istio.io \"allow-cart\" is forbidden: unable to create new content in namespace shop \
                 because it is being terminated",
                json!({"name": "allow-cart", "causes": [{"reason": "NamespaceTerminating", "message": "namespace shop is being terminated", "field": "metadata.namespace"}]}),
            ),
            ask("create"),
            "namespace `shop` is being deleted: nothing can be created in it",
            false,
        ),
        (
            "a quota",
            status_of(
                403,
                "Forbidden",
                "authorizationpolicies.security.istio.io \"allow-cart\" is forbidden: exceeded quota: policies, requested: \
                 count/authorizationpolicies.security.istio.io=1, used: count/authorizationpolicies.security.istio.io=2, limited: \
                 count/authorizationpolicies.security.istio.io=2",
                json!({"name": "allow-cart"}),
            ),
            ask("create"),
            "AuthorizationPolicy shop/allow-cart would exceed a quota: policies, requested: \
             count/authorizationpolicies.security.istio.io=1, used: count/authorizationpolicies.security.istio.io=2, limited: \
             count/authorizationpolicies.security.istio.io=2",
            false,
        ),
        (
            "an object that is not there",
            status_of(
                404,
                "NotFound",
                "authorizationpolicies.security.istio.io \"allow-cart\" not found",
                json!({"name": "allow-cart", "group": "security.istio.io", "kind": "authorizationpolicies"}),
            ),
            ask("get"),
            "there is no AuthorizationPolicy shop/allow-cart",
            true,
        ),
        (
            "a namespace that is not there",
            status_of(404, "NotFound", "namespaces \"shop\" not found", json!({"name": "shop", "kind": "namespaces"})),
            ask("create"),
            "there is no namespace `shop`",
            true,
        ),
        (
            "a kind of a group it has",
            status_of(404, "NotFound", "the server could not find the requested resource", json!({})),
            list(),
            "the API server does not serve kind `AuthorizationPolicy` of `security.istio.io/v1`",
            true,
        ),
        (
            "a kind of a group it has not",
            (404, b"404 page not found\n".to_vec()),
            list(),
            "the API server does not serve kind `AuthorizationPolicy` of `security.istio.io/v1`",
            true,
        ),
        (
            "fields of others",
            status_of(
                409,
                "Conflict",
                "Apply failed with 2 conflicts: conflicts with \"argocd-controller\" using security.istio.io/v1: - .spec.action",
                json!({"causes": [
                    {"reason": "FieldManagerConflict", "message": "conflict with \"argocd-controller\" using security.istio.io/v1", "field": ".spec.action"},
                    {"reason": "FieldManagerConflict", "message": "conflict with \"kubectl-client-side-apply\" using security.istio.io/v1 at 2026-11-26T10:00:00Z", "field": ".spec.rules"},
                ]}),
            ),
            ask("patch"),
            "AuthorizationPolicy shop/allow-cart has fields that others manage: `.spec.action` by `argocd-controller`, `.spec.rules` by \
             `kubectl-client-side-apply`",
            false,
        ),
        (
            "an object that changed",
            status_of(
                409,
                "Conflict",
                "Operation cannot be fulfilled on authorizationpolicies.security.istio.io \"allow-cart\": the object has been modified; \
                 please apply your changes to the latest version and try again",
                json!({"name": "allow-cart"}),
            ),
            ask("update"),
            "AuthorizationPolicy shop/allow-cart was changed by somebody else in the meantime",
            false,
        ),
        (
            "an object that is there",
            status_of(
                409,
                "AlreadyExists",
                "authorizationpolicies.security.istio.io \"allow-cart\" already exists",
                json!({"name": "allow-cart"}),
            ),
            ask("create"),
            "AuthorizationPolicy shop/allow-cart exists already",
            true,
        ),
        (
            "pages that are gone",
            status_of(
                410,
                "Expired",
                "The provided continue parameter is too old to display a consistent list result.",
                json!({}),
            ),
            list(),
            "the API server no longer has that state of authorizationpolicies.security.istio.io",
            false,
        ),
        (
            "a schema",
            status_of(
                422,
                "Invalid",
                "AuthorizationPolicy.security.istio.io \"allow-cart\" is invalid: spec.action: Unsupported value: \"ALOW\": supported \
                 values: \"ALLOW\", \"DENY\", \"AUDIT\", \"CUSTOM\"",
                json!({"name": "allow-cart", "causes": [
                    {"reason": "FieldValueNotSupported", "message": "Unsupported value: \"ALOW\": supported values: \"ALLOW\", \"DENY\", \"AUDIT\", \"CUSTOM\"", "field": "spec.action"},
                    {"reason": "FieldValueInvalid", "message": "Invalid value: null: some validation rules were not checked", "field": "<nil>"},
                ]}),
            ),
            ask("patch"),
            "the API server refuses AuthorizationPolicy shop/allow-cart: `spec.action`: Unsupported value: \"ALOW\": supported values: \
             \"ALLOW\", \"DENY\", \"AUDIT\", \"CUSTOM\"; Invalid value: null: some validation rules were not checked",
            true,
        ),
        (
            "a field that is not there",
            status_of(
                400,
                "BadRequest",
                "AuthorizationPolicy in version \"v1\" cannot be handled as a AuthorizationPolicy: strict decoding error: unknown field \
                 \"spec.rulez\"",
                json!({}),
            ),
            ask("patch"),
            "the API server refuses AuthorizationPolicy shop/allow-cart: AuthorizationPolicy in version \"v1\" cannot be handled as a \
             AuthorizationPolicy: strict decoding error: unknown field \"spec.rulez\"",
            true,
        ),
        (
            "a field that is not in the schema, applied server side",
            status_of(
                500,
                "",
                "failed to create typed patch object (shop/allow-cart; security.istio.io/v1, Kind=AuthorizationPolicy): errors:\n  \
                 .spec.rulez: field not declared in schema\n  .spec.x: field not declared in schema",
                json!({}),
            ),
            ask("patch"),
            "the API server refuses AuthorizationPolicy shop/allow-cart: `spec.rulez`: field not declared in schema; `spec.x`: field not \
             declared in schema",
            true,
        ),
        (
            "a webhook",
            status_of(
                400,
                "",
                "admission webhook \"rev.validation.istio.io\" denied the request: configuration is invalid: 1 error occurred:\n\t* the \
                 key is invalid\n\n",
                json!({}),
            ),
            ask("patch"),
            "`rev.validation.istio.io` refuses AuthorizationPolicy shop/allow-cart: configuration is invalid: 1 error occurred: * the key \
             is invalid",
            true,
        ),
        (
            "a webhook that does not answer",
            status_of(
                500,
                "InternalError",
                "Internal error occurred: failed calling webhook \"rev.validation.istio.io\": failed to call webhook: Post \
                 \"https://istiod.istio-system.svc:443/validate?timeout=10s\": context deadline exceeded",
                json!({"causes": [{"message": "failed calling webhook"}]}),
            ),
            ask("patch"),
            "admission webhook `rev.validation.istio.io` could not be asked about AuthorizationPolicy shop/allow-cart: Post \
             \"https://istiod.istio-system.svc:443/validate?timeout=10s\": context deadline exceeded",
            false,
        ),
        (
            "a policy of the cluster",
            status_of(
                422,
                "Invalid",
                "authorizationpolicies.security.istio.io \"allow-cart\" is forbidden: ValidatingAdmissionPolicy 'no-wildcards' with \
                 binding 'all' denied request: principals must not be `*`",
                json!({"causes": [{"message": "x", "field": "spec"}]}),
            ),
            ask("patch"),
            "`no-wildcards` refuses AuthorizationPolicy shop/allow-cart: principals must not be `*`",
            true,
        ),
        (
            "an object beyond the size of a request",
            status_of(413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728", json!({})),
            ask("patch"),
            "AuthorizationPolicy shop/allow-cart is larger than the API server takes (100 bytes)",
            true,
        ),
        (
            "an object beyond the size that etcd takes",
            status_of(500, "InternalError", "etcdserver: request is too large", json!({})),
            ask("patch"),
            "AuthorizationPolicy shop/allow-cart is larger than the API server takes (100 bytes)",
            true,
        ),
        (
            "a server that has too much to do",
            status_of(429, "TooManyRequests", "the server has received too many requests", json!({"retryAfterSeconds": 1})),
            list(),
            "`https://10.0.0.1:6443` is too busy (status 429)",
            false,
        ),
        (
            "a proxy before it",
            (503, b"<html>upstream</html>".to_vec()),
            list(),
            "`https://10.0.0.1:6443` is too busy (status 503)",
            false,
        ),
        (
            "something else altogether",
            (403, b"<html>log in</html>".to_vec()),
            list(),
            "what `https://10.0.0.1:6443` answers is not from a Kubernetes API server (status 403)",
            false,
        ),
        (
            "another failure",
            status_of(500, "InternalError", "conversion webhook for security.istio.io/v1beta1 failed", json!({})),
            list(),
            "the API server cannot list authorizationpolicies.security.istio.io in namespace `shop`: conversion webhook for \
             security.istio.io/v1beta1 failed (status 500)",
            false,
        ),
    ];
    let mut wrong = Vec::new();
    for (name, (status, body), ask, message, is_question) in cases {
        let error = status::error(status, &body, &ask, &server());
        if error.to_string() != message {
            wrong.push(format!("{name}:\n  {error}\n  instead of\n  {message}"));
        }
        if error.is_question() != is_question {
            wrong.push(format!("{name}: a wrong question: {}", error.is_question()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_that_the_server_says_in_words_about_a_secret_is_repeated() {
    const DATA: &str = "aHVudGVyMg";
    let said = [
        status_of(
            422,
            "Invalid",
            DATA,
            json!({"causes": [{"reason": "FieldValueInvalid", "message": DATA, "field": "data[tls.key]"}]}),
        ),
        status_of(400, "BadRequest", DATA, json!({})),
        status_of(500, "InternalError", DATA, json!({})),
        status_of(403, "Forbidden", DATA, json!({})),
        status_of(403, "Forbidden", &format!("exceeded quota: {DATA}"), json!({})),
        status_of(400, "", &format!("admission webhook \"w\" denied the request: {DATA}"), json!({})),
        status_of(500, "InternalError", &format!("failed calling webhook \"w\": {DATA}"), json!({})),
        status_of(422, "Invalid", &format!("ValidatingAdmissionPolicy 'p' with binding 'b' denied request: {DATA}"), json!({})),
    ];
    for (status, body) in said {
        let error = status::error(status, &body, &secret(), &server());
        let told = format!("{error} {error:?} {:?}", error.help());
        assert!(!told.contains(DATA), "{told}");
    }
}

#[test]
fn the_causes_of_a_secret_still_name_the_fields() {
    let (status, body) = status_of(
        422,
        "Invalid",
        "x",
        json!({"causes": [{"reason": "FieldValueInvalid", "message": "x", "field": "data[tls.key]"}]}),
    );
    let error = status::error(status, &body, &secret(), &server());
    let Error::Invalid { causes, .. } = &error else { panic!("{error}") };
    assert_eq!(causes.first().map(|cause| cause.field.as_str()), Some("data[tls.key]"));
}
