//! `meshsec policy translate`.

use crate::meshes::READERS;
use crate::meshes::SHOP;
use crate::run::Folder;

#[test]
fn json_and_yaml_say_the_same() {
    let folder = Folder::with(&[("mesh.yaml", SHOP), ("allow.yaml", READERS)]);
    let base = ["policy", "translate", "-f", "mesh.yaml", "-f", "allow.yaml", "--workload", "shop/api"];
    let json = folder.run(&[&base[..], &["-o", "json"]].concat());
    assert_eq!(json.code, 0, "{}", json.err);
    let yaml = folder.run(&[&base[..], &["-o", "yaml"]].concat());
    let from_yaml: serde_json::Value = serde_saphyr::from_str(&yaml.out).unwrap();
    assert_eq!(json.json(), from_yaml);
    assert!(json.out.contains("ns[shop]-policy[api-readers]-rule[0]"));
}

#[test]
fn a_workload_without_a_sidecar_is_refused_with_the_reason() {
    let plain = SHOP.replace(", sidecar.istio.io/inject: 'true'", "");
    let folder = Folder::with(&[("mesh.yaml", &plain)]);
    let ran = folder.run(&["policy", "translate", "-f", "mesh.yaml", "--workload", "shop/api"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("no sidecar"), "{}", ran.err);
}
