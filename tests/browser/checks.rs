//! The checks of each view. The layout and the contrast are checked in both themes, on a wide and
//! on a narrow screen.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::driver::Browser;

const THEMES: [&str; 2] = ["light", "dark"];
const WIDTHS: [u32; 2] = [1280, 390];

/// The roles whose elements need a name for a screen reader.
const NAMED_ROLES: [&str; 8] =
    ["link", "button", "textbox", "progressbar", "meter", "image", "region", "table"];

/// Returns each text with less contrast than WCAG AA needs for small text, and its contrast.
const FAINT_TEXTS: &str = r"
    const numbers = (color) => color.match(/[\d.]+/g).map(Number);
    const linear = (part) => part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const background = (element) => {
      for (; element; element = element.parentElement) {
        const color = numbers(getComputedStyle(element).backgroundColor);
        if (color.length === 3 || color[3] === 1) return color;
      }
      return [255, 255, 255];
    };
    const faint = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement;
      const text = texts.currentNode.data.trim();
      if (!text || !element.getClientRects().length) continue;
      const pair = [light(numbers(getComputedStyle(element).color)), light(background(element))];
      const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
      if (contrast < 4.5) faint.push(`${text}: ${contrast.toFixed(2)}`);
    }
    return faint;";

/// Returns the elements beyond the right edge, if the page can be scrolled to the right.
const OVERFLOW: &str = r"
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const wide = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > width);
    return wide.map((e) => e.outerHTML.slice(0, 120));";

/// Checks the view and saves its pictures. `status` is the status of an error page.
pub(crate) async fn check_view(browser: &Browser, name: &str, status: Option<u16>) {
    for theme in THEMES {
        for width in WIDTHS {
            emulate(browser, theme, width).await;
            let view = format!("{name}-{theme}-{width}");
            assert_eq!(browser.script(OVERFLOW).await, json!([]), "{view} is too wide");
            assert_eq!(browser.script(FAINT_TEXTS).await, json!([]), "{view} has faint texts");
            save(browser, &view).await;
        }
    }
    check_names(browser, name).await;
    check_traffic(browser, name, status).await;
}

/// Saves a picture in `target/screenshots`.
pub(crate) async fn save(browser: &Browser, name: &str) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let folder = target.join("screenshots");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.png")), browser.picture().await).unwrap();
}

/// Sets the theme and the width of the screen.
pub(crate) async fn emulate(browser: &Browser, theme: &str, width: u32) {
    let feature = json!({"name": "prefers-color-scheme", "value": theme});
    browser.devtools("Emulation.setEmulatedMedia", json!({ "features": [feature] })).await;
    let screen =
        json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600});
    browser.devtools("Emulation.setDeviceMetricsOverride", screen).await;
}

/// Asserts that each element with a role of [`NAMED_ROLES`] has a name.
async fn check_names(browser: &Browser, view: &str) {
    browser.devtools("Accessibility.enable", json!({})).await;
    let tree = browser.devtools("Accessibility.getFullAXTree", json!({})).await;
    let text = |node: &Value, key: &str| node[key]["value"].as_str().unwrap_or_default().to_owned();
    let nodes = tree["nodes"].as_array().unwrap().iter().filter(|node| node["ignored"] == false);
    let of_roles: Vec<_> =
        nodes.filter(|node| NAMED_ROLES.contains(&text(node, "role").as_str())).collect();
    assert!(!of_roles.is_empty(), "{view} has no element with a role of NAMED_ROLES");
    for node in of_roles {
        assert!(!text(node, "name").trim().is_empty(), "{view}: no name: {node}");
    }
}

/// Asserts that the browser logs no error or warning, and that every request goes to the console.
/// An error about `status`, the status of an error page, is allowed.
pub(crate) async fn check_traffic(browser: &Browser, view: &str, status: Option<u16>) {
    let expected = status.map(|status| format!("the server responded with a status of {status} "));
    let mut complaints = browser.complaints().await;
    complaints.retain(|text| !expected.as_ref().is_some_and(|expected| text.contains(expected)));
    assert!(complaints.is_empty(), "{view}: {complaints:#?}");
    let origin = browser.script("return location.origin + '/'").await;
    let requested = browser.requested().await;
    assert!(!requested.is_empty(), "{view} made no request");
    // A `data:` URL goes to no host.
    for url in requested.iter().filter(|url| !url.starts_with("data:")) {
        assert!(url.starts_with(origin.as_str().unwrap()), "{view} requested {url}");
    }
}
