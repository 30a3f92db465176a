//! The page in a real browser, by keyboard alone, and its colours.

use serde_json::Value;
use serde_json::json;

use crate::admin;
use crate::chromium;
use crate::chromium::Chromium;

const STYLE: &str = include_str!("../../src/cli/simulate/proxy/ui/page/page.css");
const SCRIPT: &str = include_str!("../../src/cli/simulate/proxy/ui/page/page.js");
const PAGE: &str = include_str!("../../src/cli/simulate/proxy/ui/page/page.html");

#[test]
fn a_request_is_sent_and_its_reason_read_by_keyboard_alone() {
    let Some(program) = chromium::program("a_request_is_sent_and_its_reason_read_by_keyboard_alone") else { return };
    let folder = tempfile::tempdir().unwrap();
    admin::write_mesh(folder.path(), "");
    let (_proxy, ui) = admin::start(folder.path(), &["--echo"]);
    let mut browser = Chromium::open(&program, folder.path(), &format!("http://{ui}/"));
    browser.wait_for("document.querySelectorAll('#workloads details').length === 2");
    browser.wait_for("document.querySelector('#state').textContent.startsWith('connected')");

    // The mesh, and what applies to a workload.
    let served = browser.value("document.querySelector('#served').innerText");
    assert!(served.as_str().unwrap().contains("shop/web") && served.as_str().unwrap().contains("PERMISSIVE"), "{served}");
    browser.tab_to("#workloads details:last-child summary");
    browser.press("Enter");
    browser
        .wait_for("/DENY AuthorizationPolicy shop\\/deny .*mesh.yaml:\\d+/.test(document.querySelector('#workloads').innerText)");

    // A request as a workload, that is refused.
    browser.tab_to("#from");
    browser.press("ArrowDown");
    assert_eq!(browser.value("document.querySelector('#from').value"), "shop/curl");
    browser.tab_to("#path");
    browser.write("/admin");
    browser.tab_to("#headers");
    browser.write("x-odd: <script>document.title = 'taken'</script>");
    browser.tab_to("#send button");
    browser.press("Enter");
    browser.wait_for("document.querySelector('#sent').textContent.startsWith('denied: 403')");
    let sent = browser.value("document.querySelector('#outcome').innerText");
    assert!(sent.as_str().unwrap().contains("spiffe://cluster.local/ns/shop/sa/curl"), "{sent}");

    // The decision, and why.
    browser.wait_for("document.querySelectorAll('#decisions tr').length === 1");
    browser.tab_to("#decisions tr button");
    browser.press("Enter");
    browser.wait_for("document.activeElement.id === 'why'");
    let why = browser.value("document.querySelector('#why').textContent");
    assert!(
        why.as_str().unwrap().contains("everything that was looked at") && why.as_str().unwrap().contains("mesh.yaml:"),
        "{why}"
    );

    // What a caller writes stays text.
    browser.value("document.querySelector('#path').focus()");
    browser.write("/%3Cscript%3E?<script>document.title='taken'</script>");
    browser.tab_to("#send button");
    browser.press("Enter");
    browser.wait_for("!document.querySelector('#sent').textContent.startsWith('denied')");
    browser.wait_for("document.querySelector('#sent').textContent !== 'sending'");
    browser.value("document.querySelector('#path').focus()");
    browser.write("/\"><img/src=x/onerror=document.title='taken'>{}");
    browser.tab_to("#send button");
    browser.press("Enter");
    browser.value("document.querySelector('#path').focus()");
    browser.write("/%3Cscript%3Edocument.title='taken'%3C/script%3E");
    browser.tab_to("#send button");
    browser.press("Enter");
    browser.wait_for("document.querySelector('#sent').textContent.startsWith('allowed: 200')");
    browser.wait_for(
        "[...document.querySelectorAll('#decisions button')].some((button) => button.textContent.includes('cript%3Edoc'))",
    );
    let answer = browser.value("document.querySelector('#answer').textContent");
    assert!(answer.as_str().unwrap().contains("<script>document.title = 'taken'</script>"), "{answer}");
    assert_eq!(browser.value("document.title"), "meshsec simulate proxy");
    assert_eq!(browser.value("document.querySelectorAll('script').length + document.querySelectorAll('img').length"), 1);

    // The filter.
    browser.tab_to("#filter");
    browser.write("denied curl");
    browser.wait_for("/^1 of /.test(document.querySelector('#shown').textContent)");
    browser.write("-denied");
    browser.wait_for("!/denied/.test(document.querySelector('#decisions').innerText)");
    browser.write("nothing-like-it");
    browser.wait_for("/^0 of /.test(document.querySelector('#shown').textContent)");
}

#[test]
fn every_part_has_a_name_and_both_looks_are_drawn() {
    let Some(program) = chromium::program("every_part_has_a_name_and_both_looks_are_drawn") else { return };
    let folder = tempfile::tempdir().unwrap();
    admin::write_mesh(folder.path(), "");
    let (_proxy, ui) = admin::start(folder.path(), &["--echo"]);
    let mut browser = Chromium::open(&program, folder.path(), &format!("http://{ui}/"));
    browser.wait_for("document.querySelectorAll('#workloads details').length === 2");
    let tree = browser.command("Accessibility.getFullAXTree", &json!({}));
    let mut nameless = Vec::new();
    let mut seen = 0;
    for node in tree["nodes"].as_array().unwrap().iter().filter(|node| node["ignored"] != true) {
        let role = node["role"]["value"].as_str().unwrap_or_default();
        if ["button", "textbox", "searchbox", "combobox", "link", "region", "table"].contains(&role) {
            seen += 1;
            if node["name"]["value"].as_str().is_none_or(str::is_empty) {
                nameless.push(node.clone());
            }
        }
    }
    assert!(seen >= 14 && nameless.is_empty(), "{seen}: {nameless:?}");
    let mut drawn = Vec::new();
    for look in ["light", "dark"] {
        browser.command("Emulation.setEmulatedMedia", &json!({"features": [{"name": "prefers-color-scheme", "value": look}]}));
        let colours: Value =
            browser.value("[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]");
        drawn.push(colours.to_string());
    }
    assert_eq!(drawn, [r#"["rgb(27, 31, 36)","rgb(255, 255, 255)"]"#, r#"["rgb(232, 235, 239)","rgb(20, 23, 27)"]"#]);
}

#[test]
fn every_text_is_readable_on_what_it_is_drawn_on() {
    let (light, dark) = STYLE.split_once("prefers-color-scheme: dark").unwrap();
    let colour = |look: &str, name: &str| -> [f64; 3] {
        let start = look.find(&format!("--{name}: #")).unwrap_or_else(|| panic!("no colour {name}")) + name.len() + 5;
        [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&look[start + at..start + at + 2], 16).unwrap()) / 255.0)
    };
    // WCAG 2.2, "relative luminance" and "contrast ratio".
    let luminance = |colour: [f64; 3]| {
        let [red, green, blue] =
            colour.map(|part| if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    };
    let contrast = |a: [f64; 3], b: [f64; 3]| {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    };
    assert!((contrast([1.0; 3], [0.0; 3]) - 21.0).abs() < 1e-9);
    let mut poor = Vec::new();
    for (look, text) in [("light", light), ("dark", dark)] {
        for (front, back, least) in [
            ("text", "surface", 4.5),
            ("text", "raised", 4.5),
            ("faint", "surface", 4.5),
            ("link", "surface", 4.5),
            ("good", "surface", 4.5),
            ("bad", "surface", 4.5),
            ("unsure", "surface", 4.5),
            ("on-action", "action", 4.5),
            // Borders of what one may act on (1.4.11).
            ("line", "surface", 3.0),
        ] {
            let ratio = contrast(colour(text, front), colour(text, back));
            if ratio < least {
                poor.push(format!("{look}: {front} on {back} has {ratio:.2}"));
            }
        }
    }
    assert!(poor.is_empty(), "{}", poor.join("\n"));
}

#[test]
fn the_page_needs_nothing_from_elsewhere_and_writes_text_only() {
    for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "DOMParser", "style="] {
        assert!(!SCRIPT.contains(forbidden) && !PAGE.contains(forbidden), "{forbidden}");
    }
    for text in [SCRIPT, PAGE, STYLE] {
        assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("url("), "{text}");
    }
}
