//! The plain reader against the composer: where it answers, it answers the same, to the last byte of every place.
#![expect(clippy::disallowed_methods, reason = "the manifests of this repository are read from its files")]

use std::path::Path;

use proptest::prelude::*;

use crate::diag::SourceId;
use crate::manifest::yaml::Chunk;
use crate::manifest::yaml::chunk::Chunks;
use crate::manifest::yaml::compose::Composer;
use crate::manifest::yaml::limits;

/// For each chunk of a text, whether the plain reader took it; an error where the two readers differ.
fn compare(text: &str) -> Result<Vec<bool>, String> {
    Chunks::new(text).map(compare_chunk).collect()
}

fn compare_chunk(chunk: Chunk<'_>) -> Result<bool, String> {
    let Some(plain) = super::document(SourceId::default(), chunk) else { return Ok(false) };
    let mut alias_nodes = limits::ALIAS_NODES;
    let composed = Composer::new(SourceId::default(), chunk, &mut alias_nodes).documents();
    let is_same = match composed.as_slice() {
        [parsed] => {
            parsed.findings.is_empty() && parsed.root.as_ref().is_some_and(|root| format!("{root:?}") == format!("{plain:?}"))
        }
        _ => false,
    };
    if is_same { Ok(true) } else { Err(format!("{:?}\nplain: {plain:#?}\ncomposed: {composed:#?}", chunk.text)) }
}

#[test]
fn what_is_plain_is_taken_and_read_as_the_composer_reads_it() {
    let taken = [
        "a: 1\nb:\n  c: x y # why\n  d:\n  - 1\n  - e: f\n    g: \"h\"\n\n  # z\n  i: 'j'\n",
        "---\n# c\na: [1, 'b', {c: d, e: []}]\nf: {}\n",
        "--- # c\n- a: b\n  c:\n    - d\n    - e\n- [f]\n- g h\n",
        "a:\nb: ~\nc: null\n",
        "  a: 1\n  b: 2\n",
        "url: http://host:80/x?y=z#f\nimage: a/b:1\nneg: -1\npoint: .5\n",
        "on: yes\n0x10: 1\n1.50: x\n",
        "\"a b\": c\n'd': {\"e\": f}\n",
        "a:\n  - b\nc:\n- d",
        "a: 'x' # c\nb: [y] # d\nc: # e\n  f: g\n",
    ];
    let left = [
        "",
        "a",
        "- -",
        "- - a",
        "-\n  a: 1\n",
        "a: b: c",
        "a: &x 1",
        "a: *x",
        "a: !!str 1",
        "a: |\n  b\n",
        "a: >-\n  b\n",
        "a: b\n  c\n",
        "a: \"b\n  c\"\n",
        "a: \"\\n\"",
        "a: 'b''c'",
        "a:\tb",
        "a: b\r\n",
        "a: ü",
        "a: 1\na: 2\n",
        "<<: {a: b}",
        "? a\n: b\n",
        "{a: b}",
        "a: [b,\n  c]",
        "a: [b, ]",
        "a: {b}",
        "a: [b: c]",
        "a: [fe80::]",
        "a: [b?c]",
        "%YAML 1.1\n---\na: b\n",
        "a: b\n...\n",
        "a: @b",
        "a: `b`",
        "a: %b",
        "a : b",
        "a: b\n- c\n",
        "- a\nb: c\n",
        "a: {{ .x }}",
        "{{ .x }}: a",
        "null: a",
        "a:b",
        "a: \"b\"c",
        "a: [b] c",
        "- # c\n  a: b\n",
        "a:\n    b: c\n  d: e\n",
        "a: - b",
        "a: <<",
        "a: ''\nb: \"\n",
    ];
    let mut failures = Vec::new();
    for (texts, expected) in [(taken.as_slice(), true), (left.as_slice(), false)] {
        for text in texts {
            match compare(text) {
                Err(difference) => failures.push(difference),
                Ok(found) if found.iter().any(|is_taken| *is_taken != expected) => {
                    failures.push(format!("{text:?} taken: {found:?}"));
                }
                Ok(_) => {}
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The manifests of this repository.
fn corpus() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["examples", "tests", "fuzz/seeds"].map(|folder| walkdir::WalkDir::new(root.join(folder)));
    let files = folders.into_iter().flatten().flatten().filter(|entry| entry.file_type().is_file());
    files
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "yaml" || extension == "json"))
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .filter(|text| text.len() < 20_000)
        .collect()
}

#[test]
fn the_manifests_of_this_repository_read_the_same_also_with_letters_changed() {
    const LETTERS: [&str; 24] = [
        "", "", "", " ", "  ", "\n", "\n  ", ":", ": ", "-", "- ", "#", " #", ",", "[", "]", "{", "}", "'", "\"", "?", "&", "|",
        "\t",
    ];
    let texts = corpus();
    assert!(texts.len() > 10, "there are manifests: {}", texts.len());
    let (mut taken, mut failures) = (0, Vec::new());
    let mut random = 0x5eed_u64;
    let mut below = |bound: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).unwrap() % bound
    };
    let rounds = std::env::var("MESHSEC_TEST_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(20);
    for text in texts.iter().filter(|text| !text.is_empty()) {
        let chunks: Vec<Chunk<'_>> = Chunks::new(text).collect();
        taken += chunks.iter().filter(|chunk| compare_chunk(**chunk).unwrap()).count();
        for chunk in chunks.iter().filter(|chunk| chunk.text.is_ascii() && !chunk.text.is_empty()) {
            for _ in 0..rounds {
                let mut changed = chunk.text.to_owned();
                for _ in 0..=below(2) {
                    let at = below(changed.len());
                    changed.replace_range(at..(at + below(3)).min(changed.len()), LETTERS[below(LETTERS.len())]);
                }
                failures.extend(compare(&changed).err());
            }
        }
    }
    assert!(taken > 100, "most of them are plain: {taken}");
    assert!(failures.is_empty(), "{} differ, such as\n{}", failures.len(), failures[0]);
}

/// Lines that look like manifests, mostly.
fn lines() -> impl Strategy<Value = String> {
    let word = || {
        prop::sample::select(vec![
            "a",
            "b",
            "c d",
            "1",
            "-1",
            "0.5",
            "yes",
            "~",
            "null",
            "\"q\"",
            "'q'",
            "'q'' r'",
            "\"\"",
            "\"\\n\"",
            "a:b",
            "a#b",
            "[]",
            "{}",
            "[a, b]",
            "{a: b, c: [d]}",
            "[a",
            "a]",
            "{a: {b: c}}",
            "[{a: b}, c]",
            "http://x/y",
            "x-y",
            "*",
            "&a",
            "|",
            ">",
            "a: b",
            "..",
            "---",
            "1e3",
            "017",
            "<<",
            "?",
            "? a",
            "-",
            "- a",
            "-a",
            "%",
            "@",
            "{a, b}",
            "[a: b]",
            "[a,]",
            "[,]",
            "{a:b}",
            "{\"a\":b}",
            "{'a': b}",
            "[a #b]",
            "[::]",
        ])
    };
    let key =
        prop::sample::select(vec!["a", "b", "c", "d", "e f", "\"g\"", "'h'", "1", "on", "i:j", "k-l", "null", "<<", "m ", "n#o"]);
    let indent = prop::sample::select(vec![0_usize, 0, 2, 2, 2, 4, 4, 6, 1, 3]);
    let dash = prop::sample::select(vec!["", "", "", "- ", "- ", "-   ", "-", "- - "]);
    let end = prop::sample::select(vec![
        "\n",
        "\n",
        "\n",
        "\n",
        "\n",
        " \n",
        " # c\n",
        "\n\n",
        "\n# d\n",
        "\n   \n",
        "\n    # e\n",
        "#\n",
    ]);
    let colon = prop::sample::select(vec![": ", ": ", ": ", ":\n", ":\n", ":", ":   ", ": # c\n", ""]);
    let line = (indent, dash, prop::option::of((key, colon)), prop::option::of(word()), end);
    let line = line.prop_map(|(indent, dash, key, word, end)| {
        let (key, colon) = key.unwrap_or_default();
        let word = if colon.ends_with('\n') { "" } else { word.unwrap_or_default() };
        let end = if colon.ends_with('\n') { "" } else { end };
        format!("{}{dash}{key}{colon}{word}{end}", " ".repeat(indent))
    });
    prop::collection::vec(line, 1..7).prop_map(|lines| lines.concat())
}

/// Pieces in any order.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a", "b", "c", ": ", ": ", ":", "\n", "\n", "\n  ", "\n  ", "\n    ", "- ", "\n- ", "-", "[", "]", "{", "}", ", ", ",",
        "\"", "'", "#", " # c", "---\n", "...", "~", "1", "<<", " ", "\\", "?", "=", "a: b", "\n  b: ", "[a, b]", "{a: b}",
        "\"x\"", "'y'", ".5", "/", "(", "$", "^", "+",
    ]);
    prop::collection::vec(piece, 1..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(4_000)))]

    #[test]
    fn lines_read_the_same(text in lines()) {
        compare(&text).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn any_pieces_read_the_same(text in soup()) {
        compare(&text).map_err(TestCaseError::fail)?;
    }
}
