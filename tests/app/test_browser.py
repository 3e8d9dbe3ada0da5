"""One officer's way through the dashboard in a real Chromium, in light and dark: alert, chart, evidence.

Every request that leaves this machine is stopped and counted as a failure. Screenshots are kept in
`var/screenshots/`.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from dashboard.archive.deliveries import Archive
from dashboard.archive.journal import Run
from dashboard.catalog.active.active_catalog import load_active_catalog, save_last_good
from tests.fetch_server import Server, reply
from tests.refresh.test_heartbeat import beat
from tests.refreshing import Place
from tests.serving import serving

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "var" / "screenshots"
SOON = 20_000  # ms; it takes two or three seconds where nothing else runs
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
DRAWN = '[data-testid="stApp"][data-test-script-state="notRunning"]'
NOVEMBER = "as_of=2024-11-26"

POLICY = "Content Security Policy"  # stands in each message of Chromium about a violation
# Some violations raise the event alone. One is expected: a library that counts in WebAssembly where it may asks whether
# it may, and else counts without.
_TELL_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) => {
  if (event.blockedURI === "wasm-eval" && event.sourceFile.startsWith(`${location.origin}/static/js/`)) return;
  console.error("Content Security Policy", event.effectiveDirective, event.blockedURI, event.sourceFile);
})"""
_SAVE_AS_DOWNLOAD = ";delete window.showSaveFilePicker"  # a dialog that nobody here can answer

expect.set_options(timeout=SOON)

# CI must have a browser: there the tests fail without one, and do not pass over in silence.
is_without = CHROMIUM is None and not os.environ.get("CI")
no_browser = pytest.mark.skipif(is_without, reason="no Chromium found on this machine")
pytestmark = [pytest.mark.browser, no_browser]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving(ROOT / "indicators.yaml") as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "CI is set, but there is no Chromium"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield found
        found.close()


@contextmanager
def visiting(browser: Browser, scheme: str) -> Iterator[Page]:
    """A fresh visitor, whose every request to elsewhere is stopped.

    None may be tried, no script may fail, and nothing may be kept from the page by its policy.
    """
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    elsewhere: list[str] = []
    failures: list[str] = []

    def guard(route: Route) -> None:
        if urlsplit(route.request.url).hostname in ("127.0.0.1", "localhost"):
            route.continue_()
        else:
            elsewhere.append(route.request.url)
            route.abort()

    context.route("**/*", guard)
    page = context.new_page()
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda message: failures.append(message.text) if POLICY in message.text else None)
    page.add_init_script(_TELL_VIOLATIONS + _SAVE_AS_DOWNLOAD)
    page.set_default_timeout(60_000)
    yield page
    context.close()
    assert elsewhere == []
    assert failures == []


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(DRAWN)


def check(page: Page, name: str) -> None:
    """Keep a screenshot, and let axe find nothing that keeps anyone from reading the page."""
    page.wait_for_selector(DRAWN)
    page.evaluate("() => document.fonts.ready.then(() => true)")
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert serious == [], [(one["id"], [node["html"] for node in one["nodes"]]) for one in serious]


def download(page: Page, element: str, what: str) -> None:
    """Save what an element shows, by the button over it."""
    page.get_by_test_id(element).first.scroll_into_view_if_needed()
    page.get_by_test_id(element).first.hover()
    with page.expect_download() as saved:
        page.locator(f'button[aria-label^="{what}"]').first.click()
    assert Path(saved.value.path()).stat().st_size > 100, what


def assert_no_scrolling(page: Page) -> None:
    main = page.get_by_test_id("stMain")
    height = main.evaluate("element => [element.scrollHeight, element.clientHeight]")
    assert height[0] <= height[1], f"Watch is {height[0]} pixels high and {height[1]} fit"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_officer_follows_an_alert_to_its_chart_and_its_evidence(server: str, browser: Browser, scheme: str) -> None:
    with visiting(browser, scheme) as page:
        open_page(page, f"{server}/?{NOVEMBER}")
        expect(page.get_by_text("AS OF 26 Nov 2024")).to_be_visible()
        alert = page.locator(".breach").get_by_role("link", name="Refined petroleum, estimated")
        expect(alert).to_be_visible()
        assert_no_scrolling(page)
        check(page, f"watch-{scheme}")

        alert.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Refined petroleum, estimated")).to_be_visible()
        expect(page.get_by_test_id("stVegaLiteChart").get_by_text("cap 500,000 bbl")).to_be_visible()
        assert NOVEMBER in page.url
        check(page, f"indicator-{scheme}")
        for element, what in (("stVegaLiteChart", "Download as PNG"), ("stDataFrame", "Download as CSV")):
            download(page, element, what)

        page.get_by_role("link", name="Evidence: the documents behind it").click()
        expect(page.get_by_role("heading", name="Evidence", exact=True)).to_be_visible()
        expect(page.get_by_text("002.13.c", exact=True)).to_be_visible()
        assert NOVEMBER in page.url
        check(page, f"evidence-{scheme}")


@pytest.mark.parametrize("day", ["2023-10-01", "2023-10-06", "2024-03-21", "2026-02-10", ""])
def test_watch_needs_no_scrolling_on_the_days_that_matter(server: str, browser: Browser, day: str) -> None:
    with visiting(browser, "dark") as page:
        open_page(page, f"{server}/?as_of={day}" if day else server)
        expect(page.locator(".board h2").first).to_be_visible()
        assert_no_scrolling(page)
        check(page, f"watch-{day or 'today'}-dark")


def test_back_to_today_leaves_the_past(server: str, browser: Browser) -> None:
    with visiting(browser, "light") as page:
        open_page(page, f"{server}/?{NOVEMBER}")
        page.get_by_role("button", name="Back to today").click()
        expect(page.get_by_text("AS OF 26 Nov 2024")).to_have_count(0)
        expect(page).not_to_have_url(re.compile("as_of"))


@pytest.fixture(scope="module")
def long_board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard of 60 indicators in breach and 60 normal ones."""
    folder = tmp_path_factory.mktemp("long")
    entry = "title: Generated, file: generated.csv, thresholds: [{severity: critical, above: LEVEL}]"
    levels = {**{f"calm_{number}": "9" for number in range(60)}, **{f"firing_{number}": "1" for number in range(60)}}
    lines = "".join(f"  {name}: {{{entry.replace('LEVEL', level)}}}\n" for name, level in levels.items())
    (folder / "indicators.yaml").write_text(f"version: 1\nindicators:\n{lines}")
    (folder / "generated.csv").write_text(f"date,value\n{datetime.now(UTC).date()},5\n")
    with serving(folder / "indicators.yaml") as address:
        yield address


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_key_press_shows_the_rest_of_a_long_section(browser: Browser, scheme: str, long_board: str) -> None:
    with visiting(browser, scheme) as page:
        open_page(page, long_board)
        expect(page.locator(".breach .row")).to_have_count(60)
        expect(page.locator(".normal h2")).to_have_text("Normal 60")
        expect(page.locator(".normal .row")).to_have_count(50)
        button = page.get_by_role("button", name="Normal: Show all (60)")
        expect(button).to_have_attribute("aria-expanded", "false")
        check(page, f"watch-long-{scheme}")
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".normal .row")).to_have_count(60)
        expect(page.locator(".normal .row").nth(50)).to_be_focused()
        button = page.get_by_role("button", name="Normal: Show the first 50 only")
        expect(button).to_have_attribute("aria-expanded", "true")
        check(page, f"watch-long-whole-{scheme}")
        button.press("Space")
        expect(page.locator(".normal .row")).to_have_count(50)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Place]]:
    """A dashboard of 200 indicators whose board was published a moment ago, without a refresher."""
    place = Place(tmp_path_factory.mktemp("large"), this_second())
    entry = "title: Generated, sources: [s], thresholds: [{severity: critical, above: 9}]"
    lines = "".join(f"  generated_{number}: {{{entry}}}\n" for number in range(200))
    place.catalog.write_text(f"version: 1\nsources:\n  s: {{title: S, file: generated.csv}}\nindicators:\n{lines}")
    place.write("generated.csv", f"{place.now.date() - timedelta(days=2)},5", f"{place.now.date()},5")
    place.refresh()
    with serving(place.catalog, place.state) as address:
        yield address, place


def this_second() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def judging_processes(place: Place) -> list[Path]:
    """The processes that judge for the pages of this state folder."""
    return [
        process
        for process in Path("/proc").glob("[0-9]*")
        if b"dashboard.app.judging" in read_if_there(process / "cmdline")
        and bytes(place.state) in read_if_there(process / "environ")
    ]


def read_if_there(path: Path) -> bytes:
    with suppress(OSError):
        return path.read_bytes()
    return b""


def test_a_published_board_is_drawn_without_a_line_about_older_files(
    browser: Browser, large: tuple[str, Place]
) -> None:
    address, _ = large
    with visiting(browser, "light") as page:
        open_page(page, address)
        expect(page.locator(".normal h2")).to_have_text("Normal 200")
        expect(page.locator(".breach h2")).to_contain_text("judged by the refresher")
        expect(page.get_by_text("Files changed")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_board_of_older_files_is_drawn_at_once_and_a_newer_one_follows(
    browser: Browser, large: tuple[str, Place], scheme: str
) -> None:
    address, place = large
    with visiting(browser, scheme) as page:
        place.write("generated.csv", f"{place.now.date() - timedelta(days=2)},5", f"{place.now.date()},12")
        for process in judging_processes(place):
            os.kill(int(process.name), signal.SIGKILL)  # so that this takes longer than a moment
        open_page(page, address)
        line = page.get_by_role("status").filter(has_text="Files changed after this board was judged")
        expect(line).to_contain_text("It may miss an alert. Judging 200 indicators again ...")
        expect(page.locator(".normal h2")).to_have_text("Normal 200 before files changed")
        check(page, f"watch-older-{scheme}")
        expect(page.locator(".breach h2")).to_contain_text("judged by this page", timeout=3 * SOON)
        expect(page.locator(".breach .row")).to_have_count(200)
        expect(line).to_have_count(0)
    place.write("generated.csv", f"{place.now.date() - timedelta(days=2)},5", f"{place.now.date()},5")
    place.now = this_second()
    place.refresh()


def test_a_past_instant_is_judged_under_a_line_that_says_so(browser: Browser, large: tuple[str, Place]) -> None:
    address, place = large
    with visiting(browser, "light") as page:
        yesterday = place.now.date() - timedelta(days=1)
        for process in judging_processes(place):
            os.kill(int(process.name), signal.SIGKILL)  # so that this takes longer than a moment
        page.goto(f"{address}/?as_of={yesterday}")
        expect(page.get_by_text("Judging 200 indicators as of")).to_be_visible()
        expect(page.locator(".breach h2")).to_contain_text("judged by this page", timeout=3 * SOON)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A dashboard of one delivery that has a bad row and one that was rejected: its address and its state folder."""
    folder = tmp_path_factory.mktemp("sources")
    (folder / "indicators.yaml").write_text(
        """version: 1
indicators:
  bad: {title: Counts with a bad row, file: bad.csv, thresholds: [{severity: critical, above: 100}]}
  shrunk: {title: A file that shrank, file: shrunk.csv, thresholds: [{severity: critical, above: 100}]}
"""
    )
    now = datetime.now(UTC).replace(microsecond=0)
    data = f"date,value\n{now.date()},5\n{now.date() - timedelta(days=1)},=1+1\n".encode()
    archive = Archive(folder / "var")
    for name in ("bad", "shrunk"):
        (folder / f"{name}.csv").write_bytes(data)
        file = f"{name}.csv"
        run = Run(now - timedelta(hours=2), "received", file, file, archive.keep(name, data), len(data), rows=1)
        archive.record(name, replace(run, quarantined=1))
    archive.record("shrunk", Run(now, "rejected", "shrunk.csv", "shrunk.csv", message="has 1 row where 2,000 were"))
    with serving(folder / "indicators.yaml", folder / "var") as address:
        yield address, folder / "var"


@pytest.fixture
def delivered(sources: tuple[str, Path]) -> tuple[str, Path]:
    """The same, with a refresher that beats, and nothing asked for."""
    _, state = sources
    beat(state, datetime.now(UTC))
    (state / "requests" / "shrunk").unlink(missing_ok=True)
    return sources


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_officer_finds_why_a_source_delivers_nothing_and_requests_a_refresh(
    browser: Browser, scheme: str, delivered: tuple[str, Path]
) -> None:
    address, state = delivered
    with visiting(browser, scheme) as page:
        open_page(page, f"{address}/sources")
        expect(page.get_by_text("✕ rejected")).to_be_visible()
        check(page, f"sources-{scheme}")
        page.get_by_role("link", name="A file that shrank").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert").filter(has_text="has 1 row where 2,000 were")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("button", name="Download the quarantined rows as CSV").press("Enter")
        assert '"\'=1+1"' in Path(download.value.path()).read_text("utf-8-sig")
        check(page, f"source-{scheme}")

        beat(state, datetime.now(UTC))
        expect(page.get_by_text(re.compile(r"refresher (just now|\d+ s ago)"))).to_be_visible()
        page.get_by_role("button", name="Refresh now").press("Enter")
        expect(page.get_by_text("Asked for at")).to_be_visible()
        assert (state / "requests" / "shrunk").is_file()
        (state / "heartbeat.json").unlink()
        expect(page.get_by_role("alert").filter(has_text="No refresher is running")).to_be_visible()
        check(page, f"source-without-refresher-{scheme}")


def test_the_sources_can_be_read_on_a_narrow_screen(browser: Browser, delivered: tuple[str, Path]) -> None:
    address, _ = delivered
    with visiting(browser, "light") as page:
        page.set_viewport_size({"width": 390, "height": 844})
        for path in ("sources", "sources?source=shrunk"):
            open_page(page, f"{address}/{path}")
            expect(page.get_by_text("A file that shrank").first).to_be_visible()
            width = page.get_by_test_id("stMain").evaluate("element => [element.scrollWidth, element.clientWidth]")
            assert width[0] <= width[1], path
            check(page, f"{path.replace('?source=', '-')}-narrow")


def test_an_edit_is_on_an_open_page_soon_and_a_broken_one_stands_under_a_banner(
    browser: Browser, tmp_path: Path
) -> None:
    text = (
        "version: 1\nindicators:\n  ships: {title: Ships, file: s.csv, thresholds: [{severity: critical, above: 9}]}\n"
    )
    path, state = tmp_path / "indicators.yaml", tmp_path / "var"
    path.write_text(text)
    (tmp_path / "s.csv").write_text(f"date,value\n{datetime.now(UTC).date()},5\n")
    with serving(path, state) as address, visiting(browser, "light") as page:
        open_page(page, address)
        expect(page.locator(".normal").get_by_role("link", name="Ships")).to_be_visible()
        path.write_text(text.replace("above: 9", "above: 2"))
        expect(page.locator(".breach").get_by_role("link", name="Ships")).to_be_visible()
        save_last_good(load_active_catalog(path, None, state), state)
        path.write_text(text.replace("above: 9", "abov: 9"))
        banner = page.get_by_role("alert").filter(has_text="Judged by last good definitions")
        expect(banner).to_contain_text("indicators.yaml:3:72 indicators.ships.thresholds[0].abov")
        expect(page.locator(".breach").get_by_role("link", name="Ships")).to_be_visible()
        check(page, "watch-kept-light")
        banner.get_by_role("link", name="Ships").click()
        expect(page.get_by_role("heading", name="Ships")).to_be_visible()
        expect(page.get_by_role("alert").filter(has_text="Judged by its last good definition")).to_be_visible()
        path.write_text("version: 1\nindicators:\n\tships: {}\n")
        unreadable = page.get_by_role("alert").filter(has_text="The catalogue cannot be read")
        expect(unreadable).to_be_visible()
        check(page, "indicator-unreadable-light")


def test_hostile_text_fetches_nothing_and_runs_nothing(browser: Browser, tmp_path: Path) -> None:
    hostile = "![x](https://evil.example/x.png) <img src=https://evil.example/y.png onerror=alert(1)> :red-badge[fake]"
    (tmp_path / "indicators.yaml").write_text(
        f"""version: 1
indicators:
  sound:
    title: '{hostile}'
    unit: '{hostile}'
    action: '{hostile}'
    file: sound.csv
    thresholds:
      - {{severity: critical, above: 1, note: '{hostile}'}}
"""
    )
    (tmp_path / "sound.csv").write_text(f'date,value,published_at,note\n2024-01-01,5,2024-01-02,"{hostile}"\n')
    with serving(tmp_path / "indicators.yaml") as address, visiting(browser, "light") as page:
        page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
        open_page(page, address)
        page.locator(".breach, .aged").get_by_role("link").first.click()
        expect(page.get_by_role("heading", name="![x]")).to_be_visible()
        expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible()
        page.wait_for_selector(DRAWN)
        assert page.locator("img[src*=evil], .stMarkdownBadge").count() == 0


KEPT_FROM = {
    "script-src-elem": ["inline", "blob"], "img-src": ["https://evil.example/x.png", "https://evil.example/y.png"],
    "frame-src": ["https://evil.example"], "connect-src": ["https://evil.example/"],
    "form-action": ["https://evil.example/?"],
}  # fmt: skip
TRY_ALL = """() => {
  window.kept = [];
  const keep = (event) => kept.push([event.effectiveDirective, event.blockedURI]);
  document.addEventListener("securitypolicyviolation", keep);
  const made = (tag, values) => Object.assign(document.createElement(tag), values);
  const add = (tag, values) => document.body.append(made(tag, values));
  add("script", { textContent: "window.ran = true" });
  add("script", { src: URL.createObjectURL(new Blob(["window.ran = true"])) });
  add("img", { src: "https://evil.example/x.png" });
  add("iframe", { src: "https://evil.example/" });
  add("div", { innerHTML: "<i style='background: url(https://evil.example/y.png)'>x</i>" });
  fetch("https://evil.example/").catch(() => {});
  const form = made("form", { action: "https://evil.example/" });
  document.body.append(form);
  form.submit();
}"""


def test_the_policy_blocks_everything_that_this_server_does_not_serve(server: str, browser: Browser) -> None:
    page = browser.new_page()
    open_page(page, server)
    page.evaluate(TRY_ALL)
    wanted = sorted([directive, uri] for directive, uris in KEPT_FROM.items() for uri in uris)
    page.wait_for_function("count => kept.length >= count", arg=len(wanted))
    assert sorted(page.evaluate("() => kept")) == wanted
    assert page.evaluate("() => window.ran") is None
    page.close()


FOREIGN_PAGE = """<script>
  const attempt = (name, promise) => promise.then(() => "let in", () => "refused").then((said) => {
    document.body.append(`${name} ${said}; `);
  });
  const opened = (socket) => new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = reject; });
  const loaded = (tag, values) => new Promise((resolve, reject) => {
    document.body.append(Object.assign(document.createElement(tag), { onload: resolve, onerror: reject, ...values }));
  });
  addEventListener("load", () => {
    attempt("websocket", opened(new WebSocket("ws://HOST/_stcore/stream")));
    attempt("request", fetch("http://HOST/_stcore/health", { mode: "no-cors", credentials: "include" }));
    attempt("image", loaded("img", { src: "http://HOST/favicon.png" }));
    document.body.append(Object.assign(document.createElement("iframe"), { src: "http://HOST/" }));
  });
</script><body></body>"""


def test_a_page_of_another_program_on_this_machine_reaches_nothing(server: str, browser: Browser) -> None:
    page = browser.new_page()
    with Server(
        reply(FOREIGN_PAGE.replace("HOST", urlsplit(server).netloc).encode(), Content_Type="text/html")
    ) as other:
        page.goto(f"http://127.0.0.1:{other.port}/")
        for name in ("websocket", "request", "image"):
            expect(page.locator("body")).to_contain_text(f"{name} refused")
        expect(page.frame_locator("iframe").get_by_test_id("stApp")).to_have_count(0)
        assert page.frames[1].url.startswith("chrome-error:")
    page.close()
