//! Bad input: a precise message, exit 2, nothing on standard output, bounded memory.

use std::fmt::Write;

use crate::meshes::READERS;
use crate::meshes::SHOP;
use crate::run::Folder;

fn shop() -> Folder {
    Folder::with(&[("mesh.yaml", SHOP), ("allow.yaml", READERS)])
}

fn refused(folder: &Folder, arguments: &[&str], says: &[&str]) {
    let ran = folder.run(&[&["simulate", "request"], arguments].concat());
    assert_eq!(ran.code, 2, "{arguments:?}: {ran:?}");
    assert_eq!(ran.out, "", "{arguments:?}");
    for words in says {
        assert!(ran.err.contains(words), "{arguments:?} does not say `{words}`: {}", ran.err);
    }
}

#[test]
fn wrong_questions_name_the_flag_and_the_next_step() {
    let folder = shop();
    let mesh = ["-f", "mesh.yaml"];
    let cases: &[(&[&str], &[&str])] = &[
        (&["--from", "shop/wbe", "--to", "api.shop:80"], &["--from", "shop/web"]),
        (&["--from", "web", "--to", "api.shop:80"], &["--from", "shop/web"]),
        (&["--from", "shop/web", "--to", "apy.shop:80"], &["--to", "api.shop"]),
        (&["--from", "shop/web", "--to", "api.shop:81"], &["80 (http)", "5432 (tcp-db)"]),
        (&["--to", "api.shop:x"], &["--to", "port number"]),
        (&["--to", "shop/api:8080", "--from-ip", "10.0.0"], &["--from", "no IP address"]),
        (&["--to", "api.shop:80", "--remote-ip", "x"], &["--remote-ip", "no IP address"]),
        (&["--to", "api.shop:80", "--at", "yesterday"], &["--at", "RFC 3339"]),
        (&["--to", "api.shop:80", "-H", "novalue"], &["--header", "name: value"]),
        (&["--to", "api.shop:80", "-H", "a b: c"], &["--header`", "header name"]),
        (&["--to", "api.shop:80", "--path", "a\nb"], &["--path"]),
        (&["--to", "api.shop:80", "--host", "a\nb"], &["--host"]),
        (&["--to", "api.shop:80", "--token", "a\nb"], &["--token"]),
        (&["--to", "api.shop:80", "--token", "@absent"], &["absent"]),
        (&["--to", "api.shop:80", "--jwks", "x"], &["--jwks", "ISSUER=FILE"]),
        (&["--to", "api.shop:80", "--feature", "x"], &["--feature", "NAME=VALUE"]),
        (&[], &["--to"]),
    ];
    for (arguments, says) in cases {
        refused(&folder, &[&mesh[..], arguments].concat(), says);
    }
    refused(&folder, &["-f", "absent.yaml", "--to", "api.shop"], &["absent.yaml"]);
    refused(&folder, &["-f", "no-*.yaml", "--to", "api.shop"], &["no-*.yaml", "matches no file"]);
    refused(&folder, &["--to", "api.shop"], &["-f"]);
}

#[test]
fn every_bad_document_is_reported_and_none_is_answered_without() {
    let folder = shop();
    let broken = format!(
        "{}---\nkind: [\n---\n{}",
        READERS.replace("methods:", "method:"),
        READERS.replace("api-readers", "b").replace("[GET]", "GET")
    );
    folder.write("broken.yaml", broken.as_bytes());
    let ran = folder.run(&["simulate", "request", "-f", "mesh.yaml", "-f", "broken.yaml", "--to", "api.shop:80"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    for words in ["`method`", "did you mean", "`methods`", "broken.yaml:8:", "broken.yaml:10:", "broken.yaml:19:"] {
        assert!(ran.err.contains(words), "no `{words}` in {}", ran.err);
    }
}

#[test]
fn hostile_files_are_refused_without_a_crash() {
    let folder = shop();
    folder.write("binary.yaml", &[0xff, 0xfe, 0, 1, 2]);
    folder.write("deep.yaml", format!("a: {}1{}", "{b: ".repeat(10_000), "}".repeat(10_000)).as_bytes());
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        writeln!(bomb, "a{level}: &a{level} [{}]", vec![format!("*a{}", level - 1); 9].join(", ")).unwrap();
    }
    folder.write("bomb.yaml", bomb.as_bytes());
    folder.write("duplicate.yaml", b"apiVersion: v1\nkind: Service\nkind: Pod\nmetadata: {name: a}\n");
    for (file, says) in [
        ("binary.yaml", "no text"),
        ("deep.yaml", "deep.yaml:1"),
        ("bomb.yaml", "bomb.yaml:"),
        ("duplicate.yaml", "duplicate.yaml:3:1"),
    ] {
        refused(&folder, &["-f", file, "--to", "a.b:80"], &[says]);
    }
}

#[cfg(unix)]
#[test]
fn a_directory_loop_ends() {
    let folder = shop();
    std::os::unix::fs::symlink(".", folder.path().join("loop")).unwrap();
    refused(&folder, &["-R", "-f", ".", "--to", "api.shop:80"], &["loop"]);
}
