use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use crate::diag::SourceMap;
use crate::manifest::yaml;
use crate::mesh::Unread;
use crate::snapshot::Head;
use crate::snapshot::NotSnapshot;
use crate::snapshot::Origin;
use crate::snapshot::Snapshot;
use crate::snapshot::is_whole;
use crate::snapshot::reduce;
use crate::snapshot::value_of;

fn head() -> Head {
    Head {
        saved_at: "2026-11-26T12:00:00Z".parse().unwrap(),
        saved_by: "meshsec 1.2.3".to_owned(),
        origins: vec![
            Origin::Cluster {
                context: "east".to_owned(),
                namespace: "web".to_owned(),
                version: Some("v1.35.4".to_owned()),
                namespaces: vec!["shop".to_owned()],
            },
            Origin::Files(vec!["a.yaml".to_owned()]),
        ],
        objects: 0,
        masked: 0,
        resource_versions: BTreeMap::from([("AuthorizationPolicy.security.istio.io".to_owned(), "17".to_owned())]),
        unread: vec![Unread {
            group: "security.istio.io".to_owned(),
            kind: "PeerAuthentication".to_owned(),
            namespace: None,
            except: BTreeSet::from(["shop".to_owned()]),
            name: None,
            why: "forbidden".to_owned(),
        }],
        absent: vec!["Sidecar".to_owned()],
        left_out: BTreeMap::from([("Secret".to_owned(), 3)]),
    }
}

fn parse(text: &str) -> Vec<yaml::Node> {
    let mut sources = SourceMap::default();
    let (nodes, findings) = yaml::parse(sources.add("text", text.to_owned()), text);
    assert!(findings.is_empty(), "{text}\n{findings:?}");
    nodes
}

fn kept(object: &Value) -> Value {
    reduce(object, "default").map(|reduced| reduced.value).unwrap_or_default()
}

#[test]
fn the_order_of_objects_and_keys_leaves_no_trace() {
    let policy = |name: &str| {
        json!({"kind": "AuthorizationPolicy", "apiVersion": "security.istio.io/v1", "spec": {"b": 1, "a": 2},
        "metadata": {"namespace": "shop", "name": name}})
    };
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"ports": [{"port": 80}]}});
    let text = |objects: &[&Value]| {
        let mut snapshot = Snapshot::default();
        for object in objects {
            snapshot.add(reduce(object, "default").unwrap());
        }
        snapshot.text(&head())
    };
    let (a, b) = (policy("a"), policy("b"));
    let one = text(&[&service, &b, &a]);
    assert_eq!(one, text(&[&a, &b, &service]));
    assert_eq!(one, text(&[&a, &a, &b, &service, &b]), "an object given twice counts once");
    let names: Vec<String> = parse(&one)
        .iter()
        .skip(1)
        .map(|node| node.get("metadata").unwrap().get("name").unwrap().as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["a", "b", "x"]);
    assert!(one.contains("spec:\n  a: 2\n  b: 1\n"), "{one}");
    assert!(one.contains("  namespace: default\n"), "{one}");
}

#[test]
fn a_head_is_read_as_it_was_written() {
    let mut snapshot = Snapshot::default();
    let jwks = r#"{"keys":[{"kty":"EC","d":"secret"}]}"#;
    let rule = json!({"apiVersion": "security.istio.io/v1", "kind": "RequestAuthentication", "metadata": {"name": "r"},
        "spec": {"jwtRules": [{"issuer": "i", "jwks": jwks}]}});
    snapshot.add(reduce(&rule, "shop").unwrap());
    let text = snapshot.text(&head());
    let nodes = parse(&text);
    assert_eq!(Head::read(&nodes[0]), Ok(Head { objects: 1, masked: 1, ..head() }));
    assert_eq!(nodes.len(), 2);
    let read = Head::read(&nodes[0]).unwrap();
    assert!(read.is_live() && read.default_namespace() == Some("web"));
    assert!(is_whole(&text, &read));
    let (rest, _) = text.trim_end().rsplit_once('\n').unwrap();
    assert!(!is_whole(rest, &read), "the last line is missing");
    let without = text.replacen("\n---\n", "\n", 1);
    assert!(!is_whole(&without, &read), "an object is missing");
    assert!(is_whole(&format!("{text}---\nkind: x\n"), &read), "somebody added one");
    assert!(!text.contains("secret\""), "{text}");
    assert_eq!(snapshot.masked().map(ToString::to_string).collect::<Vec<_>>(), ["RequestAuthentication shop/r"]);
    assert!(!Head::is_head(&nodes[1]));
}

#[test]
fn other_documents_are_no_heads() {
    let good = head().value();
    let with = |name: &str, value: Value| {
        let mut document = good.clone();
        document[name] = value;
        document
    };
    let mut incomplete = good.clone();
    incomplete.as_object_mut().unwrap().remove("objects");
    for (document, expected) in [
        (json!({"kind": "Service", "apiVersion": "v1"}), "its first document is no `kind: Snapshot`"),
        (with("apiVersion", "snapshot.storage.k8s.io/v1".into()), "its first document is no `kind: Snapshot`"),
        (with("apiVersion", "meshsec.dev/v2".into()), "its form is `meshsec.dev/v2`; this version reads `meshsec.dev/v1`"),
        (with("savedAt", "yesterday".into()), "its head cannot be read: `savedAt` is no time: `yesterday`"),
        (with("unraed", json!([])), "its head cannot be read: unknown field `unraed`"),
        (with("unread", json!([{"kind": "x"}])), "its head cannot be read: missing field `why`"),
        (incomplete, "its head cannot be read: missing field `objects`"),
    ] {
        let node = parse(&crate::snapshot::yaml(&document)).remove(0);
        let error: NotSnapshot = Head::read(&node).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}

#[test]
fn what_no_answer_depends_on_is_left_out() {
    let metadata = |annotations: Value| {
        json!({"name": "x", "namespace": "n", "uid": "u", "resourceVersion": "1", "generation": 2, "creationTimestamp": "2026-01-01T00:00:00Z",
            "managedFields": [{"manager": "m"}], "ownerReferences": [{"kind": "k"}], "finalizers": ["f"], "labels": {"a": "b"},
            "annotations": annotations})
    };
    let plain = json!({"name": "x", "namespace": "n", "creationTimestamp": "2026-01-01T00:00:00Z", "labels": {"a": "b"}});
    let noise = json!({"kubectl.kubernetes.io/last-applied-configuration": "{\"data\":{}}", "deployment.kubernetes.io/revision": "3",
        "sidecar.istio.io/status": "{}", "vault.example/path": "v"});
    let with_annotations = |kept: Value| {
        let mut value = plain.clone();
        value["annotations"] = kept;
        value
    };
    let container = json!({"name": "app", "image": "i", "args": ["--password=p"], "env": [{"name": "PASSWORD", "value": "p"}],
        "volumeMounts": [], "ports": [{"containerPort": 80, "name": "http", "protocol": "TCP", "hostPort": 1}],
        "readinessProbe": {"httpGet": {"path": "/", "port": 80, "httpHeaders": [{"name": "authorization", "value": "p"}]}, "periodSeconds": 3},
        "livenessProbe": {"exec": {"command": ["p"]}}, "resources": {}, "securityContext": {"runAsUser": 1337}});
    let kept_container = json!({"image": "i", "name": "app", "ports": [{"containerPort": 80, "name": "http", "protocol": "TCP"}],
        "readinessProbe": {"httpGet": {"path": "/", "port": 80}}, "securityContext": {"runAsUser": 1337}});
    let pod = json!({"serviceAccountName": "s", "serviceAccount": "s", "hostNetwork": true, "volumes": [{"secret": {}}],
        "containers": [container], "nodeName": "n1"});
    let kept_pod = json!({"containers": [kept_container], "hostNetwork": true, "serviceAccountName": "s"});
    let template = json!({"metadata": {"labels": {"app": "x"}, "creationTimestamp": null, "annotations": {"inject.istio.io/templates": "t", "checksum/c": "1"}},
        "spec": pod});
    let kept_template =
        json!({"metadata": {"annotations": {"inject.istio.io/templates": "t"}, "labels": {"app": "x"}}, "spec": kept_pod});
    let istiod = json!({"metadata": {"labels": {"app": "istiod"}}, "spec": {"containers": [{"name": "discovery",
        "env": [{"name": "A", "value": "b"}, {"name": "C", "valueFrom": {"secretKeyRef": {}}}]}]}});
    let kept_istiod = json!({"metadata": {"labels": {"app": "istiod"}}, "spec": {"containers": [{"name": "discovery", "env": [{"name": "A", "value": "b"}]}]}});
    let object = |api_version: &str, kind: &str, fields: Value| {
        let mut value = json!({"apiVersion": api_version, "kind": kind, "metadata": metadata(noise.clone())});
        value.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        value
    };
    for (api_version, kind, fields, expected) in [
        ("v1", "ServiceAccount", json!({"secrets": [{"name": "t"}]}), json!({})),
        (
            "v1",
            "Pod",
            json!({"spec": pod, "status": {"podIP": "10.0.0.1", "phase": "Running"}}),
            json!({"spec": kept_pod, "status": {"podIP": "10.0.0.1"}}),
        ),
        (
            "apps/v1",
            "Deployment",
            json!({"spec": {"replicas": 3, "template": template}, "status": {"replicas": 3}}),
            json!({"spec": {"template": kept_template}}),
        ),
        ("apps/v1", "Deployment", json!({"spec": {"template": istiod}}), json!({"spec": {"template": kept_istiod}})),
        (
            "batch/v1",
            "CronJob",
            json!({"spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": template}}}}),
            json!({"spec": {"jobTemplate": {"spec": {"template": kept_template}}}}),
        ),
        (
            "v1",
            "Service",
            json!({"spec": {"clusterIP": "10.0.0.2", "clusterIPs": ["10.0.0.2"], "ports": [{"port": 1, "nodePort": 30000}], "selector": {"a": "b"}}}),
            json!({"spec": {"clusterIP": "10.0.0.2", "ports": [{"port": 1}], "selector": {"a": "b"}}}),
        ),
        (
            "security.istio.io/v1beta1",
            "AuthorizationPolicy",
            json!({"spec": {"rules": [{}], "action": "DENY"}, "status": {"conditions": []}}),
            json!({"spec": {"action": "DENY", "rules": [{}]}}),
        ),
        (
            "admissionregistration.k8s.io/v1",
            "MutatingWebhookConfiguration",
            json!({"webhooks": [{"name": "w", "clientConfig": {"caBundle": "LS0t", "service": {"name": "istiod"}}}]}),
            json!({"webhooks": [{"clientConfig": {"service": {"name": "istiod"}}, "name": "w"}]}),
        ),
    ] {
        let mut whole = json!({"apiVersion": api_version, "kind": kind, "metadata": plain});
        whole.as_object_mut().unwrap().extend(expected.as_object().unwrap().clone());
        assert_eq!(kept(&object(api_version, kind, fields)), whole, "{kind}");
    }
    let useful = json!({"networking.istio.io/exportTo": "*", "istio.io/dry-run": "true", "meshsec.dev/ignore": "MS1", "prometheus.io/port": "1"});
    let mut service = object("v1", "Service", json!({"spec": {}}));
    service["metadata"]["annotations"].as_object_mut().unwrap().extend(useful.as_object().unwrap().clone());
    assert_eq!(kept(&service)["metadata"], with_annotations(useful));
}

#[test]
fn secrets_and_foreign_kinds_are_not_kept() {
    for (api_version, kind, name) in [
        ("v1", "Secret", "cacerts"),
        ("v1", "ConfigMap", "application"),
        ("v1", "ConfigMap", "istio-ca-root-cert"),
        ("v1", "Event", "e"),
        ("bitnami.com/v1alpha1", "SealedSecret", "s"),
        ("example.com/v1", "AuthorizationPolicy", "p"),
    ] {
        let object = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, "data": {"k": "v"}});
        assert_eq!(reduce(&object, "default"), None, "{kind} {name}");
    }
    for object in [json!(null), json!([]), json!({"kind": "Service"}), json!({"apiVersion": 1, "kind": "Service"})] {
        assert_eq!(reduce(&object, "default"), None, "{object}");
    }
    let mesh = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "istio-canary", "namespace": "istio-system"},
        "data": {"mesh": "trustDomain: a\ndefaultConfig:\n  tracing: {lightstep: {accessToken: s3cret}}\n", "meshNetworks": "networks: {}"}});
    let reduced = reduce(&mesh, "default").unwrap();
    assert_eq!(reduced.masked, 1);
    assert_eq!(
        reduced.value["data"],
        json!({"mesh": "trustDomain: a\ndefaultConfig:\n  tracing:\n    lightstep:\n      accessToken: \"(taken out)\"\n"})
    );
    let operator = json!({"apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator", "spec": {"meshConfig": {"trustDomain": "a"},
        "values": {"global": {"istioNamespace": "i", "imagePullSecrets": ["s"]}, "pilot": {"env": {"A": "b"}, "image": "x"}}, "tag": "1"}});
    let expected =
        json!({"meshConfig": {"trustDomain": "a"}, "values": {"global": {"istioNamespace": "i"}, "pilot": {"env": {"A": "b"}}}});
    assert_eq!(kept(&operator)["spec"], expected);
}

#[test]
fn objects_of_no_namespace_get_none() {
    for (api_version, kind, expected) in [
        ("v1", "Namespace", None),
        ("gateway.networking.k8s.io/v1", "GatewayClass", None),
        ("gateway.networking.k8s.io/v1", "Gateway", Some("shop")),
        ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", None),
        ("sailoperator.io/v1", "Istio", None),
        ("security.istio.io/v1", "PeerAuthentication", Some("shop")),
    ] {
        let object = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}});
        let reduced = reduce(&object, "shop").unwrap();
        assert_eq!(reduced.value["metadata"].get("namespace").and_then(Value::as_str), expected, "{kind}");
    }
    let generated = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": "job-"}});
    assert_eq!(reduce(&generated, "n").unwrap().name.to_string(), "Job n/job-");
    let unnamed = parse("apiVersion: v1\nkind: Service\nmetadata: {name: x}\n").remove(0);
    assert_eq!(value_of(&unnamed)["kind"], "Service");
}
