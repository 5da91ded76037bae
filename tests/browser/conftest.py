"""The page in Debian's Chromium, driven by playwright without a browser of its own.

One small report per session: real files with planted faults, written by the command as its users call it.
"""

import json
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from command_testing import draw, run

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
READY_SECONDS = 20
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OWN_SCHEMES = ("file:", "data:", "blob:")


@pytest.fixture(scope="session")
def chromium():
    """The browser, one for all tests."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Watch:
    """What the browser said about a page: nothing of it may be there."""

    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def over(self, page):
        page.on("console", lambda one: self.said.append(one.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda one: None if one.url.startswith(OWN_SCHEMES) else self.asked.append(one.url))
        page.on("dialog", lambda one: (self.dialogs.append(one.message), one.dismiss()))


class Opened:
    """A page in a tab of its own, with what tests do on it."""

    def __init__(self, tab, watch):
        self.tab = tab
        self.watch = watch

    def wait_for(self, said, *arguments):
        """Polls from here: under the page's policy the browser's own waiting cannot run."""
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            if found := self.tab.evaluate(said, *arguments):
                return found
            time.sleep(0.02)
        raise AssertionError(f"never came true: {said}")

    def go(self, hash_):
        """To another place of the page, as a link would."""
        self.tab.evaluate("hash => { location.hash = hash; }", hash_)
        self.wait_for("() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(true), 30)))")

    def text(self, selector):
        return self.tab.inner_text(selector)

    def violations(self):
        """What axe finds on the page as it stands: rule, element and reason."""
        if not AXE.is_file():
            pytest.skip("axe-core is not there: npm ci --prefix tests/browser")
        self.tab.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.tab.evaluate(
            "(tags) => axe.run(document, { runOnly: { type: 'tag', values: tags } }).then((all) => all.violations)",
            AXE_TAGS,
        )
        return [
            f"{one['id']}: {node['html'][:160]} {node['failureSummary'][-160:]}"
            for one in found
            for node in one["nodes"]
        ]

    def found(self):
        """How many images the search shows, counted by its line over the grid."""
        told = self.text("#search-told")
        digits = told.partition("of")[0] if " of " in told else told
        return int("".join(one for one in digits if one.isdigit()) or 0)


@pytest.fixture
def opened(chromium):
    """Opens a file: `with opened(path, hash) as page`. Every tab is closed at the end."""

    @contextmanager
    def open_page(path, where="", *, script=True, width=1280, theme="light", ready=True):
        with_settings = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            java_script_enabled=script,
            accept_downloads=True,
            offline=True,
            reduced_motion="reduce",
        )
        try:
            tab = with_settings.new_page()
            watch = Watch()
            watch.over(tab)
            tab.goto(path.as_uri() + where)
            page = Opened(tab, watch)
            if script and ready:
                page.wait_for("() => document.documentElement.dataset.ready")
            yield page
            # Here, so that every test of a page is one of its silence too.
            assert (watch.said, watch.asked, watch.dialogs) == ([], [], [])
        finally:
            with_settings.close()

    return open_page


@dataclass(frozen=True)
class Made:
    """A report on disk with its JSON, and the dataset it is about."""

    page: Path
    data: dict
    dataset: Path
    place: Path


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A dataset of two concepts with duplicates, empty and missing captions, as the command reports it."""
    place = tmp_path_factory.mktemp("browser")
    root = place / "my set"
    girl, dog = root / "4_ohwx girl", root / "2_sks dog"
    words = ["smile", "long hair", "red dress", "outdoors", "night", "hat", "close-up", "sitting"]
    for i in range(14):
        draw(girl / f"{i:02d}.png", seed=i, size=(640, 768) if i % 3 else (1024, 1024))
        tags = ["ohwx girl", "white background", *(words[(i + step) % len(words)] for step in range(2 + i % 3))]
        (girl / f"{i:02d}.txt").write_text(", ".join(tags), encoding="utf-8")
    for i in range(6):
        draw(dog / f"{i}.png", seed=40 + i, size=(512, 512))
        (dog / f"{i}.txt").write_text(f"sks dog, grass, {words[i]}", encoding="utf-8")
    shutil.copyfile(girl / "01.png", girl / "01 copy.png")
    (girl / "01 copy.txt").write_text("ohwx girl, white background, forest, smile", encoding="utf-8")
    shutil.copyfile(dog / "0.png", dog / "0 again.png")
    (dog / "0 again.txt").write_text("sks dog, grass, smile, forest", encoding="utf-8")
    (girl / "12.txt").write_text("", encoding="utf-8")
    (girl / "13.txt").unlink()
    (dog / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    page, data = place / "report.html", place / "report.json"
    result = run(
        "check", root, "-o", f"html={page}", "-o", f"json={data}", "--base-model", "sd15", "--fail-on", "never",
        cwd=place,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    return Made(page, json.loads(data.read_text(encoding="utf-8")), root, place)
