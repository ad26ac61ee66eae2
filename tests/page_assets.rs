//! What the page `report.html` is made of, before any browser reads it.

use slaudit::reports::html::{SCRIPTS, SKELETON, STYLES};

/// Nothing of the page's own asks a network, and nothing writes markup: what is not there cannot be forgotten to be escaped.
#[test]
fn no_asset_reaches_out_or_makes_markup_of_text() {
    let forbidden = [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "DOMParser",
        "eval(",
        "Function(",
        "fetch(",
        "XMLHttpRequest",
        "import(",
        "import ",
        "WebSocket",
        "sendBeacon",
        "localStorage",
        "setAttribute(\"style\"",
        "</script",
    ];
    for (name, text) in SCRIPTS {
        for word in forbidden {
            assert!(!text.contains(word), "{name} has `{word}`");
        }
    }
    for (name, text) in STYLES {
        for word in ["url(", "@import", "@font-face", "</style"] {
            assert!(!text.contains(word), "{name} has `{word}`");
        }
    }
    for (name, text) in SCRIPTS.iter().chain(STYLES) {
        assert!(text.lines().count() <= 400, "{name} is longer than one idea");
    }
    for word in [" onclick", " onload", " onerror", " style=", "src="] {
        assert!(!SKELETON.contains(word), "page.html has `{word}`");
    }
}
