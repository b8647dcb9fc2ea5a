//! The page in a real browser.

#![allow(clippy::panic, clippy::unwrap_used, reason = "tests panic where a promise is broken")]
#![allow(clippy::print_stdout, reason = "says why a test is skipped")]

use super::super::HtmlWriter;
use crate::report::samples::{self, changed, different, equal};
use crate::report::{Comparison, Line, costs};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A report of 10,000 recordings in two categories: 9,500 equal, 300 different for one cause, 100 for another, and 100 failed;
/// and those of the samples.
fn large() -> Vec<Line> {
    let total = |number: u32| changed("outcome", "/ok/total", number, number + 1);
    let order = |number: u32| serde_json::json!({"items": [{"name": "tea", "count": number}], "note": "left at the door", "total": number * 450});
    let category = |number: u32| if number.is_multiple_of(4) { "payments" } else { "orders" };
    let comparisons = (0..10_000).map(|number| match number {
        0..300 => different(category(number), number + 100, vec![total(number)]),
        300..400 => {
            let mut notify = changed("shop:orders/outputs#notify", "", order(number), order(number + 1));
            notify.call = Some(1);
            different("orders", number + 100, vec![total(number), notify])
        }
        400..500 => {
            let mut failed =
                different("orders", number + 100, vec![changed("outcome", "", 3, "trapped: unreachable")]);
            failed.judgement.verdict = crate::Verdict::Failed;
            failed.judgement.replayed = crate::End::Trapped;
            failed
        }
        _ => equal(category(number), number + 100),
    });
    samples::report_of(comparisons.chain(samples::comparisons()).collect::<Vec<Comparison>>())
}

/// A page in Chromium. `None`: it is not installed.
struct Chromium {
    program: PathBuf,
    directory: tempfile::TempDir,
}

impl Chromium {
    fn with_report(report: &[Line]) -> Option<Self> {
        Self::with_page(&samples::written(report, HtmlWriter::new))
    }

    fn with_page(page: &str) -> Option<Self> {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
        let mut programs = std::env::split_paths(&paths).flat_map(|path| names.map(|name| path.join(name)));
        let Some(program) = programs.find(|program| program.is_file()) else {
            println!("skipped: install Chromium to run this test");
            return None;
        };
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("report.html"), page).unwrap();
        Some(Self { program, directory })
    }

    fn command(&self, fragment: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
        let profile = self.directory.path().join("profile");
        command.arg(format!("--user-data-dir={}", profile.display()));
        // Timers run ahead, so that the document is dumped after them.
        command.args(["--virtual-time-budget=5000", "--dump-dom"]);
        command.arg(format!("file://{}{fragment}", self.directory.path().join("report.html").display()));
        command
    }

    /// The document with this fragment, after its script ran.
    fn document(&self, fragment: &str) -> String {
        let output = self.command(fragment).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        let document = String::from_utf8(output.stdout).unwrap();
        // The rest is the data and the source of the page.
        document.split("<script").next().unwrap().to_owned()
    }
}

/// The text of the element with this id, which has no other elements in it.
fn text_of<'d>(document: &'d str, id: &str) -> &'d str {
    let (_, from) = document.split_once(&format!(" id=\"{id}\"")).unwrap();
    from.split_once('>').unwrap().1.split('<').next().unwrap()
}

#[test]
fn a_browser_shows_ten_thousand_recordings_and_filters_them() {
    let Some(chromium) = Chromium::with_report(&large()) else { return };
    for (fragment, expected, on_page) in [
        ("", "10,008 of 10,008 recordings shown", 100),
        ("#verdict=different", "403 of 10,008 recordings shown", 100),
        ("#verdict=failed&category=payments", "0 of 10,008 recordings shown", 0),
        ("#verdict=fixed", "1 of 10,008 recordings shown", 1),
        ("#state=accepted", "1 of 10,008 recordings shown", 1),
        ("#q=LEFT+AT+THE+DOOR&page=9", "100 of 10,008 recordings shown", 100),
        ("#verdict=equal&page=96", "9,502 of 10,008 recordings shown", 2),
    ] {
        let document = chromium.document(fragment);
        assert_eq!(text_of(&document, "shown"), expected, "{fragment}");
        assert_eq!(document.matches(" data-id=").count(), on_page, "{fragment}");
    }
    let summary = large().pop();
    let Some(Line::Summary(summary)) = summary else { panic!("{summary:?}") };
    let document = chromium.document(&format!("#cause={}", summary.causes[0].id));
    assert_eq!(text_of(&document, "shown"), "402 of 10,008 recordings shown");
}

#[test]
fn a_browser_shows_hostile_text_as_text() {
    let Some(chromium) = Chromium::with_report(&samples::report()) else { return };
    let hostile = samples::id("payments", 7);
    for fragment in ["", "#q=%3Cimg", &format!("#id={hostile}"), "#q=</script><img src=x onerror=alert(1)>"] {
        let document = chromium.document(fragment);
        assert!(!document.contains("<title>owned"), "{fragment}");
        assert!(!document.contains("<img") && !document.contains("<b>bold"), "{fragment}");
        assert!(!document.contains(['\u{1b}', '\u{202e}', '\u{0}']), "{fragment}");
    }
    let document = chromium.document(&format!("#id={hostile}"));
    assert!(
        document.contains("&lt;/script&gt;&lt;script&gt;") && document.contains("\\u{202e}"),
        "{document}"
    );
    assert!(document.contains(&format!("playback-host replay {hostile}")));
}

#[test]
fn a_failed_comparison_says_nothing_about_the_service() {
    let Some(chromium) = Chromium::with_report(&samples::report()) else { return };
    let document = chromium.document(&format!("#id={}", samples::id("orders", 8)));
    assert!(document.contains("Nothing is known about the service.") && !document.contains("as recorded<"));
}

#[test]
fn a_browser_shows_numbers_exactly() {
    let Some(chromium) = Chromium::with_report(&samples::report()) else { return };
    let document = chromium.document(&format!("#id={}", samples::id("orders", 2)));
    assert!(document.contains("9007199254740993"), "{document}");
    let document = chromium.document(&format!("#id={}", samples::id("orders", 1)));
    assert!(document.contains("Nothing changed.") && document.contains("4 by <code>/**/trace-id</code>"));
}

#[test]
fn a_browser_shows_the_cost_of_a_category_and_of_its_worst_recording() {
    let report = costs::report(&costs::comparisons(), "5%");
    let Some(chromium) = Chromium::with_report(&report) else { return };
    let document = chromium.document("");
    assert_eq!(
        text_of(&document, "headline"),
        "No change in 101 recordings, and the cost increased more than it may"
    );
    let (_, table) = document.split_once("id=\"costs-title\"").unwrap();
    for part in [
        "<td class=\"number\">100,000</td>",
        "<span class=\"failed\">+6%</span>",
        "+402% <a",
        ">exceeded<",
        ">-20%<",
    ] {
        assert!(table.contains(part), "{part} {table}");
    }
    let document = chromium.document(&format!("#id={}", samples::id("orders", 100)));
    assert!(document.contains("<div>instructions: 1,000 before, 5,020 now</div>"), "{document}");
    let without = Chromium::with_report(&samples::report()).unwrap().document("");
    assert!(without.contains("<section id=\"costs\" aria-labelledby=\"costs-title\" hidden"), "{without}");
}

/// Presses keys one after the other, and notes after each where the focus is and what is shown.
const KEYS: &str = r##"
(async () => {
  const seen = [];
  const press = async (key) => {
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    if (key === "Enter" && document.activeElement.matches("a")) document.activeElement.click();
    await new Promise((resume) => setTimeout(resume, 100));
    const focused = document.activeElement;
    seen.push(`${key}:${focused.dataset.id?.slice(-4) ?? focused.id}@${location.hash.replace(/.*id=.*(....)$/, "id$1")}`);
  };
  await press("/");
  for (const key of ["ArrowDown", "ArrowDown", "Enter", "ArrowRight", "ArrowLeft", "ArrowRight", "Escape", "End", "ArrowDown"]) await press(key);
  await press("Home");
  document.querySelector("#causes a").focus();
  await press("Enter");
  $("q").focus();
  $("q").value = "no recording has this";
  await press("Enter");
  seen.push($("shown").textContent);
  await press("Escape");
  seen.push($("shown").textContent);
  $("loading")?.remove();
  document.body.prepend(el("p", { id: "seen" }, seen.join(" ")));
})();
"##;

#[test]
fn the_page_works_by_keyboard_alone() {
    let page = samples::written(&large(), HtmlWriter::new);
    // The policy forbids any script but the page's own.
    let (before, policy) = page.split_once("<meta http-equiv=").unwrap();
    let page = format!("{before}{}", policy.split_once('\n').unwrap().1);
    let page = page.replace("</script>\n</body>", &format!("{KEYS}</script>\n</body>"));
    let Some(chromium) = Chromium::with_page(&page) else { return };
    let document = chromium.document("");
    let expected = [
        "/:q@",
        "ArrowDown:0003@ ArrowDown:01f4@",
        "Enter:detail-title@id01f4 ArrowRight:detail-title@id01f5 ArrowLeft:detail-title@id01f4",
        "ArrowRight:detail-title@id01f5 Escape:01f5@",
        "End:0256@ ArrowDown:0257@#page=2 Home:0257@#page=2",
        "Enter:recordings-title@#cause=7fb84d8c",
        "Enter:q@#q=no+recording+has+this&amp;cause=7fb84d8c 0 of 10,008 recordings shown",
        "Escape:q@#cause=7fb84d8c 402 of 10,008 recordings shown",
    ];
    assert_eq!(text_of(&document, "seen"), expected.join(" "));
}

/// Writes the reports to look at, and leaves them in the directory of temporary files.
#[test]
#[ignore = "for people who change the page and want to look at it"]
fn write_the_page_to_look_at() {
    let path: &Path = &std::env::temp_dir().join("comparison-report.html");
    std::fs::write(path, samples::written(&large(), HtmlWriter::new)).unwrap();
    println!("{}", path.display());
}
