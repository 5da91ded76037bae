"""Every view of the page, in each language, colour and width: for everyone's eyes, and in one language at a time."""

import re

import pytest

from command_testing import run
from saved_report_testing import finding, saved
from tagmetry.messages import languages

pytestmark = pytest.mark.browser

SECTIONS = (
    "verdict", "findings", "images", "duplicates", "captions", "coverage", "together", "resolutions", "trainer",
    "balance", "risks", "left-out", "rules", "provenance", "help",
)  # fmt: skip
OPEN_ALL = "() => { for (const one of document.querySelectorAll('details')) one.open = true; }"

CONTRAST = """() => {
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const linear = (one) => (one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4);
    const [x, y, z] = [r, g, b].map((one) => linear(one / 255));
    return .2126 * x + .7152 * y + .0722 * z;
  };
  const over = (top, under) => { const a = top[3] ?? 1; return [0, 1, 2].map((i) => top[i] * a + under[i] * (1 - a)); };
  const ground = (element) => {
    const seen = [];
    for (let one = element; one; one = one.parentElement) {
      const color = numbers(getComputedStyle(one).backgroundColor);
      if ((color[3] ?? 1) > 0) { seen.push(color); if ((color[3] ?? 1) === 1) break; }
    }
    return seen.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const weak = new Set();
  const walker = document.createTreeWalker(document.getElementById("body"), NodeFilter.SHOW_TEXT);
  let n = 0;
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility() || element.closest(":disabled, title, option, .hidden")) continue;
    const style = getComputedStyle(element);
    const inSvg = element.namespaceURI !== document.documentElement.namespaceURI;
    const front = numbers(inSvg ? style.fill : style.color);
    const back = ground(element);
    const pair = [light(over(front, back)), light(back)].sort((a, b) => b - a);
    const ratio = (pair[0] + .05) / (pair[1] + .05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    n += 1;
    const name = `${element.tagName}.${element.className.baseVal ?? element.className}`;
    if (ratio < (large ? 3 : 4.5)) weak.add(`${ratio.toFixed(2)} ${name}: ${text.slice(0, 40)}`);
  }
  return [n, [...weak]];
}"""

GRAPHICS = """() => {
  const style = getComputedStyle(document.documentElement);
  const probe = document.createElement("i");
  document.body.append(probe);
  const light = (name) => {
    probe.style.color = style.getPropertyValue(name);
    const parts = getComputedStyle(probe).color.match(/[\\d.]+/g).map(Number).map((one) => one / 255);
    const [r, g, b] = parts.map((one) => (one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4));
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const ratio = (one, other) => {
    const [a, b] = [light(one), light(other)].sort((x, y) => y - x);
    return (a + .05) / (b + .05);
  };
  const pairs = {};
  for (const front of ["--bar", "--bar-marked", "--error", "--warning", "--note", "--good", "--accent", "--quiet"])
    for (const back of ["--ground", "--surface"]) pairs[`${front} on ${back}`] = ratio(front, back);
  probe.remove();
  return pairs;
}"""


def in_language(page, language):
    button = page.tab.locator(f"button[data-language={language}]")
    if button.get_attribute("aria-pressed") != "true":
        button.click()
    assert page.tab.evaluate("() => document.documentElement.lang") == language


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(made, opened, language, theme):
    with opened(made.page, theme=theme) as page:
        in_language(page, language)
        page.tab.evaluate(OPEN_ALL)
        n, weak = page.tab.evaluate(CONTRAST)
        assert n > 500
        assert weak == []
        assert {pair: ratio for pair, ratio in page.tab.evaluate(GRAPHICS).items() if ratio < 3} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_japanese(made, opened, theme):
    with opened(made.page, theme=theme) as page:
        in_language(page, "ja")
        page.tab.evaluate(OPEN_ALL)
        assert page.violations() == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", languages())
def test_every_view_is_for_everyone_and_fits_the_screen(made, opened, language, theme, width):
    with opened(made.page, theme=theme, width=width) as page:
        in_language(page, language)
        page.tab.evaluate(OPEN_ALL)
        there = page.tab.evaluate("() => [...document.querySelectorAll('main > section')].map((one) => one.id)")
        assert set(there) == set(SECTIONS) - {"trainer"} | (set(there) & {"trainer"})
        for section in there:
            page.go(f"#{section}")
            assert page.tab.evaluate("() => document.documentElement.scrollWidth") <= width, section
            assert page.violations() == [], section
        for view in ("side", "slide", "difference"):
            page.tab.click("#review-start")
            page.tab.click(f"[data-view={view}]")
            assert page.violations() == [], view
            page.tab.keyboard.press("Escape")
        page.tab.click("[data-shown-as=table]")
        page.tab.locator("#rows button").first.click()
        assert page.violations() == []


SHOWN = """() => {
  const shown = [];
  const walker = document.createTreeWalker(document.getElementById("body"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.replace(/\\s+/g, " ").trim();
    const apart = "[data-language], .paths, .word, bdi:not([dir]), .heat, code, output, .brand";
    if (text && !element.closest(apart)) shown.push(text);
  }
  return shown;
}"""
SAME_EVERYWHERE = re.compile(r"[\W\d_]*|[a-z0-9_]+|kohya.*|sd-scripts.*|tagmetry.*|SHA-256", re.IGNORECASE)


@pytest.fixture(scope="module")
def by_trainer(made):
    """The page with the view of a trainer, a base model that has a checklist, and changes since a baseline."""
    page = made.place / "all.html"
    result = run(
        "check", made.dataset, "-o", f"html={page}", "--base-model", "flux", "--trainer", "kohya", "--purpose",
        "character", "--baseline", made.place / "report.json", "--fail-on", "never", cwd=made.place,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    return page


@pytest.fixture(scope="module")
def overview(made):
    reports = [
        saved(made.place / f"{name}.json", name[0], finding(1, "error", "missing-caption"), sha256=name[-1] * 64)
        for name in ("a-1", "a-2", "b-1")
    ]
    page = made.place / "overview.html"
    words = [word for path in reports for word in ("--from", path)]
    assert run("report", *words, "-o", f"overview={page}", cwd=made.place).returncode == 0
    return page


@pytest.mark.parametrize("which", ["review", "overview"])
def test_nothing_of_the_page_stays_in_english_when_it_speaks_another_language(
    made, by_trainer, overview, opened, which
):
    data = {*made.data["dataset"], "my set", "ohwx girl", "sks dog"}
    with opened(by_trainer if which == "review" else overview) as page:
        page.tab.evaluate(OPEN_ALL)
        english = set(page.tab.evaluate(SHOWN))
        in_language(page, "ja")
        page.tab.evaluate(OPEN_ALL)
        same = [text for text in page.tab.evaluate(SHOWN) if text in english]
    prose = {text for text in same if len(re.findall(r"[A-Za-z]{2,}", text)) >= 2 and text not in data}
    assert {text for text in prose if not SAME_EVERYWHERE.fullmatch(text)} == set()
