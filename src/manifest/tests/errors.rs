use super::read_all;
use super::summaries;
use crate::diag::Finding;

const POLICY: &str = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata:\n  name: x\n";

/// A header, a spec, the findings, and the help of the first.
type Case<'c> = (&'c str, &'c str, &'c [&'c str], Option<&'c str>);

fn check(cases: &[Case<'_>]) {
    let mut failures = Vec::new();
    for (header, spec, expected, help) in cases {
        let text = format!("{header}{spec}\n");
        let manifests = read_all(&[&text]);
        let found = summaries(&manifests.findings);
        let found_help = manifests.findings.first().and_then(|finding| finding.help.as_deref());
        let has_error = manifests.findings.iter().any(Finding::is_error);
        if found != *expected || found_help != *help || has_error != manifests.documents.is_empty() {
            failures.push(format!("{text}expected {expected:#?} {help:?}\nfound {found:#?} {found_help:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn unknown_fields_are_errors_with_the_nearest_name() {
    check(&[
        (
            POLICY,
            "spec:\n  rules:\n  - from:\n    - source:\n        principal: [a]",
            &["error[MS003] 9:9 unknown field `principal` in `source`"],
            Some("did you mean `principals`?"),
        ),
        (
            POLICY,
            "spec:\n  rules:\n  - form: []",
            &["error[MS003] 7:5 unknown field `form` in `rules`"],
            Some("did you mean `from`?"),
        ),
        (
            POLICY,
            "spec:\n  rules:\n  - from:\n    - principals: [a]",
            &["error[MS003] 8:7 unknown field `principals` in `from`"],
            Some("`from` takes `source`"),
        ),
        (
            POLICY,
            "spec:\n  matchLabels: {a: b}",
            &["error[MS003] 6:3 unknown field `matchLabels` in `spec`"],
            Some("`spec` takes `selector`, `targetRef`, `targetRefs`, `action`, `rules`, `provider`"),
        ),
        (POLICY, "specs: {}", &["error[MS003] 5:1 unknown field `specs` in `AuthorizationPolicy`"], Some("did you mean `spec`?")),
        (
            "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata:\n  name: x\n  namespce: y\n",
            "",
            &["error[MS003] 5:3 unknown field `namespce` in `metadata`"],
            Some("did you mean `namespace`?"),
        ),
        (
            "apiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {name: x}\n",
            "spec:\n  jwtRules:\n  - issuer: a\n    jwks_url: b\n    fromHeaders:\n    - nme: x",
            &[
                "error[MS003] 7:5 unknown field `jwks_url` in `jwtRules`",
                "error[MS024] 9:7 `fromHeaders` has no `name`",
                "error[MS003] 9:7 unknown field `nme` in `fromHeaders`",
            ],
            Some("did you mean `jwksUri`?"),
        ),
        (
            "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n",
            "spec:\n  ports:\n  - port: 80\n    targetport: 8080",
            &["error[MS003] 7:5 unknown field `targetport` in `ports`"],
            Some("did you mean `targetPort`?"),
        ),
        (
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n",
            "spec:\n  template:\n    metadata: {label: {app: a}}\n    spec:\n      serviceAcountName: a\n      containers:\n      - name: a\n        prots: []",
            &[
                "error[MS003] 6:16 unknown field `label` in `metadata`",
                "error[MS003] 8:7 unknown field `serviceAcountName` in `spec`",
                "error[MS003] 11:9 unknown field `prots` in `containers`",
            ],
            Some("did you mean `labels`?"),
        ),
    ]);
}

#[test]
fn wrong_types_say_what_is_wanted() {
    check(&[
        (
            POLICY,
            "spec:\n  rules:\n  - to:\n    - operation:\n        ports: [80, \"81\"]",
            &["error[MS006] 9:17 `ports` must be a string, found a number"],
            Some("write it in quotes: `\"80\"`"),
        ),
        (
            POLICY,
            "spec:\n  rules:\n  - to:\n    - operation:\n        methods: GET",
            &["error[MS006] 9:18 `methods` must be a list, found a string"],
            Some("write it as a list: `[\"GET\"]`"),
        ),
        (
            POLICY,
            "spec:\n  rules:\n  - when:\n    - key: a\n      values: [yes, null]",
            &[
                "error[MS006] 9:16 `values` must be a string, found a boolean",
                "error[MS006] 9:21 `values` must be a string, found nothing",
            ],
            Some("words like `yes`, `on` and `true` are booleans: write the value in quotes"),
        ),
        (POLICY, "spec:\n  rules: {}", &["error[MS006] 6:10 `rules` must be a list, found a mapping"], None),
        (POLICY, "spec:\n- a", &["error[MS006] 6:1 `spec` must be a mapping, found a list"], None),
        (
            POLICY,
            "spec:\n  selector:\n    matchLabels:\n      version: 1.20",
            &["error[MS006] 8:16 `version` must be a string, found a number"],
            Some("write it in quotes: `\"1.20\"`"),
        ),
        (
            "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n",
            "spec:\n  ports:\n  - port: \"80\"",
            &["error[MS006] 6:11 `port` must be a whole number, found a string"],
            Some("write it without quotes: `80`"),
        ),
        (
            "apiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {name: x}\n",
            "spec:\n  jwtRules:\n  - issuer: a\n    forwardOriginalToken: \"true\"",
            &["error[MS006] 7:27 `forwardOriginalToken` must be `true` or `false`, found a string"],
            Some("write it without quotes: `true`"),
        ),
        (
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: 1}\n",
            "",
            &["error[MS006] 3:18 `name` must be a string, found a number"],
            Some("write it in quotes: `\"1\"`"),
        ),
        ("apiVersion: v1\nkind: [Namespace]\n", "", &["error[MS006] 2:7 `kind` must be a string, found a list"], None),
    ]);
}

#[test]
fn missing_and_bad_values_are_errors() {
    check(&[
        (
            "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: x}\n",
            "spec:\n  mtls:\n    mode: strict",
            &["error[MS007] 6:11 `mode` cannot be `strict`"],
            Some("did you mean `STRICT`? it takes `UNSET`, `DISABLE`, `PERMISSIVE`, `STRICT`"),
        ),
        (
            "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: x}\n",
            "spec:\n  portLevelMtls:\n    http: {mode: STRICT}\n    70000: {mode: STRICT}\n    80: {mod: STRICT}",
            &[
                "error[MS007] 6:5 `http` is no port number",
                "error[MS007] 7:5 `70000` is no port number",
                "error[MS003] 8:10 unknown field `mod` in `portLevelMtls`",
            ],
            Some("the keys of `portLevelMtls` are workload ports from 1 to 65535"),
        ),
        (
            POLICY,
            "spec:\n  action: deny",
            &["error[MS007] 6:11 `action` cannot be `deny`"],
            Some("did you mean `DENY`? it takes `ALLOW`, `DENY`, `AUDIT`, `CUSTOM`"),
        ),
        (POLICY, "spec:\n  rules:\n  - when:\n    - values: [a]", &["error[MS024] 8:7 `when` has no `key`"], Some("write `key`")),
        (
            POLICY,
            "spec:\n  targetRefs:\n  - name: x\n    kind:",
            &["error[MS024] 8:5 `targetRefs` has no `kind`"],
            Some("write `kind`"),
        ),
        (
            "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: x}\n",
            "spec:\n  trafficPolicy:\n    tls: {mode: ISTIO-MUTUAL}",
            &["error[MS024] 5:3 `spec` has no `host`", "error[MS007] 6:17 `mode` cannot be `ISTIO-MUTUAL`"],
            Some("write `host`"),
        ),
        (
            "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n",
            "spec:\n  ports:\n  - port: 65536\n  - port: -1\n  - port: 1.5\n  - name: a",
            &[
                "error[MS007] 6:11 `port` is out of range: 65536",
                "error[MS007] 7:11 `port` is out of range: -1",
                "error[MS006] 8:11 `port` must be a whole number, found a number",
                "error[MS024] 9:5 `ports` has no `port`",
            ],
            Some("write a number from 0 to 65535"),
        ),
        (
            "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n",
            "",
            &["error[MS024] 1:1 `Service` has no `spec`"],
            Some("write `spec`"),
        ),
        ("apiVersion: v1\nkind: Namespace\n", "", &["error[MS024] 1:1 `Namespace` has no `metadata`"], Some("write `metadata`")),
        (
            "apiVersion: v1\nkind: Namespace\nmetadata: {}\n",
            "",
            &["error[MS024] 3:11 `metadata` has no `name`"],
            Some("write `name`"),
        ),
        (
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: x, creationTimestamp: yesterday}\n",
            "",
            &["error[MS007] 3:40 `creationTimestamp` cannot be `yesterday`"],
            Some("write a time such as `2023-05-01T00:00:00Z`"),
        ),
    ]);
}

#[test]
fn types_of_objects_are_checked() {
    check(&[
        (
            "apiVersion: security.istio.io/v2\nkind: PeerAuthentication\n",
            "",
            &["error[MS007] 1:13 `PeerAuthentication` has no version `security.istio.io/v2`"],
            Some("it takes `security.istio.io/v1`, `security.istio.io/v1beta1`"),
        ),
        (
            "apiVersion: apps/v1beta1\nkind: Deployment\n",
            "",
            &["error[MS007] 1:13 `Deployment` has no version `apps/v1beta1`"],
            Some("it takes `apps/v1`"),
        ),
        (
            "apiVersion: security.istio.io/v1\nkind: AuthorisationPolicy\n",
            "",
            &["error[MS007] 2:7 `security.istio.io/v1` has no kind `AuthorisationPolicy`"],
            Some("did you mean `AuthorizationPolicy`?"),
        ),
        (
            "apiVersion: v1\nkind: Deployment\n",
            "",
            &["error[MS007] 2:7 `v1` has no kind `Deployment`"],
            Some("`Deployment` belongs to `apps/v1`"),
        ),
        (
            "kind: Namespace\nmetadata: {name: x}\n",
            "",
            &["error[MS024] 1:1 the object has no `apiVersion`"],
            Some("write `apiVersion`"),
        ),
        ("apiVersion: v1\nmetadata: {name: x}\n", "", &["error[MS024] 1:1 the object has no `kind`"], Some("write `kind`")),
    ]);
}

#[test]
fn a_broken_object_says_that_it_is_left_out() {
    let manifests = read_all(&[&format!("{POLICY}spec:\n  acton: DENY\n  ruels: []\n")]);
    assert_eq!(manifests.findings.len(), 2);
    assert_eq!(manifests.findings[0].notes, ["AuthorizationPolicy `x` is left out until this is corrected"]);
    assert!(manifests.findings[1].notes.is_empty());
}
