//! Which room may import which, as data. A room is a folder of `src/`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "what a test builds on must work, and a test may say so by failing"
)]

use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// Room and what it may import, from the inside out.
const ROOMS: &[(&str, &[&str])] = &[
    ("diag", &[]),
    ("spiffe", &[]),
    ("pki", &["spiffe"]),
    ("store", &["spiffe", "pki"]),
    ("cluster", &[]),
    ("jose", &["spiffe", "pki"]),
    ("bundle", &["spiffe", "pki", "jose"]),
    ("manifest", &["diag", "spiffe"]),
    ("admission", &["diag", "spiffe", "pki", "jose", "manifest"]),
    ("mesh", &["diag", "spiffe", "jose", "manifest"]),
    ("snapshot", &["diag", "manifest", "mesh"]),
    ("policy", &["diag", "spiffe", "manifest", "mesh"]),
    ("envoy", &["diag", "spiffe", "jose", "manifest", "mesh", "policy"]),
    ("simulate", &["diag", "spiffe", "jose", "manifest", "mesh", "policy"]),
    ("proxy", &["diag", "spiffe", "pki", "manifest", "mesh", "policy", "simulate"]),
    ("lint", &["diag", "spiffe", "pki", "jose", "manifest", "admission", "mesh", "policy", "simulate"]),
    ("apply", &["diag", "jose", "manifest", "mesh", "policy", "simulate"]),
    ("analysis", &["diag", "spiffe", "jose", "manifest", "mesh", "policy", "simulate", "apply"]),
    (
        "render",
        &[
            "diag",
            "spiffe",
            "pki",
            "store",
            "jose",
            "bundle",
            "manifest",
            "admission",
            "mesh",
            "policy",
            "envoy",
            "simulate",
            "proxy",
            "analysis",
            "lint",
            "apply",
            "snapshot",
        ],
    ),
    (
        "cli",
        &[
            "diag",
            "spiffe",
            "pki",
            "store",
            "cluster",
            "jose",
            "bundle",
            "manifest",
            "admission",
            "mesh",
            "policy",
            "envoy",
            "simulate",
            "proxy",
            "analysis",
            "lint",
            "apply",
            "snapshot",
            "render",
        ],
    ),
];

/// Rooms that touch the outside; every other one opens with the fence against it.
const OUTER: &[&str] = &["store", "cluster", "proxy", "render", "cli"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn imports_point_up_the_table_only() {
    let mut wrong = Vec::new();
    for (room, allowed) in ROOMS {
        for file in sources(&src().join(room)) {
            let text = fs::read_to_string(&file).unwrap();
            for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
                for part in line.split("crate::").skip(1) {
                    let target: String = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                    let is_room = ROOMS.iter().any(|(name, _)| *name == target);
                    if is_room && target != *room && !allowed.contains(&target.as_str()) {
                        wrong.push(format!("{}:{}: `{room}` may not import `{target}`", file.display(), index + 1));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_folder_is_a_room_and_every_room_says_what_it_is() {
    let mut folders: Vec<String> = fs::read_dir(src())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let mut rooms: Vec<String> = ROOMS.iter().map(|(room, _)| (*room).to_owned()).collect();
    folders.sort();
    rooms.sort();
    assert_eq!(folders, rooms);
    for room in rooms {
        let text = fs::read_to_string(src().join(&room).join("mod.rs")).unwrap();
        assert!(text.starts_with("//!"), "src/{room}/mod.rs opens without saying what the room is");
    }
}

#[test]
fn pure_rooms_are_fenced_against_the_outside() {
    for (room, _) in ROOMS.iter().filter(|(room, _)| !OUTER.contains(room)) {
        let text = fs::read_to_string(src().join(room).join("mod.rs")).unwrap();
        assert!(
            text.contains("#![deny(clippy::disallowed_methods, clippy::disallowed_types)]"),
            "src/{room}/mod.rs lacks the fence"
        );
    }
}
