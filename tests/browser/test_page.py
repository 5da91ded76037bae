"""The page as a reader has it in front of them: a real browser, no network, any width, both colours."""

import io
import itertools
import json
import re
import shutil
from importlib import resources
from urllib.parse import quote, unquote

import pytest
from PIL import Image

from command_testing import run
from report_testing import context, files, report_of
from rule_testing import concept, dataset
from tagmetry.messages import Translator
from tagmetry.plugins import load_plugins
from tagmetry.reporters.html import reporter
from tagmetry.reporters.html.payload import WORDS

pytestmark = pytest.mark.browser


# --- at a glance ----------------------------------------------------------------------------------------


def test_the_page_shows_its_images_and_is_silent(made, opened):
    with opened(made.page) as page:
        assert page.found() == made.data["dataset"]["n_images"] == page.tab.locator(".tile").count()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_reaches_beyond_the_side_of_the_screen(made, opened, width, theme):
    with opened(made.page, width=width, theme=theme) as page:
        page.tab.evaluate("() => { for (const one of document.querySelectorAll('details')) one.open = true; }")
        assert page.tab.evaluate("() => document.documentElement.scrollWidth") <= width


def test_without_script_verdict_findings_and_charts_are_there(made, opened):
    with opened(made.page, script=False) as page:
        assert page.tab.locator("#verdict h2").is_visible()
        for finding in made.data["findings"]:
            assert page.tab.locator(f"[id='finding-{finding['fingerprint']}']").count() == 1
        assert page.tab.locator(".card").first.is_visible()
        assert page.tab.locator("svg.histogram").first.is_visible()
        assert page.tab.locator("#resolutions svg").first.is_visible()
        # What only a script could fill is not offered.
        assert not page.tab.locator("#search").is_visible()
        counts = " ".join(page.tab.locator(".counts").inner_text().split())
    expected = made.data["summary"]
    assert [int(n) for n in re.findall(r"\d+", counts)] == [expected["error"], expected["warning"], expected["info"]]


# --- search ---------------------------------------------------------------------------------------------


def test_every_tag_and_pair_of_tags_leads_to_as_many_images_as_it_counts(made, opened):
    with opened(made.page) as page:
        links = page.tab.evaluate(
            "() => [...document.querySelectorAll('td a[href^=\"#images?\"]')].map((one) => [one.hash, one.textContent])"
        )
        assert {re.sub(r'"[^"]*"', "", unquote(where)) for where, _ in links} == {
            "#images?role:= concept:= tag:=",
            "#images?role:= concept:= tag:= tag:=",
        }
        for where, shown in links:
            page.go(where)
            assert page.found() == int(shown), unquote(where)


def test_a_square_of_two_tags_tells_them_and_shows_their_images(made, opened):
    with opened(made.page) as page:
        heat = page.tab.locator("svg.heat[data-terms]").first
        heat.scroll_into_view_if_needed()
        heat.hover(position={"x": 9, "y": 27})
        names = heat.locator("text").all_text_contents()[:2]
        said = page.text(".heat-told")
        assert said.startswith(" + ".join(names))
        heat.click(position={"x": 9, "y": 27})
        assert f": {page.found()} images" in said
        assert page.tab.input_value("#search").endswith(f'tag:="{names[0]}" tag:="{names[1]}"')


def test_every_rule_leads_to_the_images_of_its_findings(made, opened):
    paths = {}
    for finding in made.data["findings"]:
        paths.setdefault(finding["rule"], set()).update(finding["subject"]["paths"])
    with opened(made.page) as page:
        links = page.tab.evaluate("() => [...document.querySelectorAll('.card .rule a')].map((one) => one.hash)")
        assert links
        for where in links:
            rule = re.search(r'rule:="([^"]+)"', unquote(where))[1]
            page.go(where)
            found = page.tab.evaluate(
                "() => [...document.querySelectorAll('.tile')].map((one) => one.getAttribute('aria-label').slice(5))"
            )
            readable = [path for path in paths[rule] if path.endswith(".png") and "broken" not in path]
            assert sorted(found) == sorted(readable), rule


@pytest.mark.parametrize(
    ("query", "n"),
    [
        ("caption:none", 2),
        ("-caption:none", 20),
        ('tag:="sks dog"', 7),
        ('tag:="SKS_DOG"', 7),
        ("side:<600", 7),
        ("copy", 1),
        ("nowhere", 0),
    ],
)
def test_a_search_finds(made, opened, query, n):
    with opened(made.page) as page:
        page.tab.fill("#search", query)
        page.wait_for("() => new Promise((done) => setTimeout(() => done(true), 200))")
        assert page.tab.locator(".tile").count() == n


def test_findings_are_filtered_by_severity_and_word_and_a_link_brings_back_what_is_hidden(made, opened):
    severities = {(one["severity"], one["rule"]) for one in made.data["findings"] if one["status"] == "open"}
    with opened(made.page) as page:

        def cards():
            return page.tab.locator("#findings .card:visible").count()

        assert cards() == len(severities)
        page.tab.click("[data-severity=error]")
        assert cards() == sum(severity == "error" for severity, _ in severities)
        assert page.text("#findings-told") == f"{cards()} of {len(severities)} rules"
        page.tab.fill("#findings-filter", "broken.png")
        assert page.tab.locator("#findings .card:visible .rule code").all_text_contents() == ["unreadable-image"]
        page.tab.fill("#findings-filter", "no such word")
        assert cards() == page.tab.locator(".overview-of-cards li:visible").count() == 0
        page.go(f"#finding-{made.data['findings'][0]['fingerprint']}")
        assert cards() == len(severities)


def test_an_unknown_search_word_names_the_known_ones(made, opened):
    with opened(made.page, f"#images?{quote('colour:red')}") as page:
        assert "There is no search word colour. Known are: file, caption, tag" in page.text("#search-told")


# --- links that lead into the page ----------------------------------------------------------------------


def test_the_link_of_every_finding_opens_it(made, opened):
    with opened(made.page) as page:
        for finding in made.data["findings"]:
            page.go(f"#finding-{finding['fingerprint']}")
            assert page.tab.locator(f"[id='finding-{finding['fingerprint']}']").is_visible(), finding["message"]
            assert not page.tab.locator("#lost-link").is_visible()


def test_a_link_to_an_image_opens_it_and_survives_a_reload(made, opened):
    path = "4_ohwx girl/03.png"
    with opened(made.page, f"#image/{quote(path, safe='')}") as page:
        for _ in range(2):
            assert page.text("#detail-title") == path
            assert "ohwx girl, white background" in page.text("#detail .caption")
            page.tab.reload()
            page.wait_for("() => document.documentElement.dataset.ready")


def test_a_link_to_a_group_opens_its_review(made, opened):
    with opened(made.page) as page:
        anchor = page.tab.locator("[data-review]").first.get_attribute("data-review")
    with opened(made.page, f"#review/{anchor}") as page:
        assert page.tab.locator("#review").is_visible()
        assert page.tab.locator("#review .alike").count() == 2


@pytest.mark.parametrize("where", ["#finding-0000", "#image/nowhere.png", "#review/group-none"])
def test_a_link_to_what_is_not_there_says_so(made, opened, where):
    with opened(made.page, where) as page:
        assert page.tab.locator("#lost-link").is_visible()


# --- duplicates -----------------------------------------------------------------------------------------


def test_duplicates_are_decided_and_saved_with_keys_alone_and_the_copy_follows(made, opened, tmp_path):
    with opened(made.page) as page:
        keys = page.tab.keyboard
        page.tab.focus("#review-start")
        keys.press("Enter")
        title = page.text("#review-title")
        keys.press("2")
        assert page.tab.locator("#review .is-keep").count() == page.tab.locator("#review .is-drop").count() == 1
        keys.press("u")
        assert page.tab.locator("#review .is-keep").count() == 0
        keys.press("1")
        keys.press("m")
        assert "forest" in page.text("#review .joined")
        keys.press("n")
        assert page.text("#review-title") != title
        keys.press("b")
        assert page.tab.locator("#review .is-keep").count() == 2
        keys.press("p")
        assert page.text("#review-title") == title
        keys.press("Escape")
        assert not page.tab.locator("#review").is_visible()
        for _ in range(4):
            keys.press("Tab")
            if page.tab.evaluate("() => document.activeElement.id") == "decisions-save":
                break
        with page.tab.expect_download() as download:
            keys.press("Enter")
        saved = tmp_path / "decisions.json"
        download.value.save_as(saved)
    choices = {one["path"]: one["choice"] for one in json.loads(saved.read_text(encoding="utf-8"))["images"]}
    result = run(
        "review",
        "apply",
        saved,
        "--dataset",
        made.dataset,
        "--to",
        tmp_path / "out",
        "--dry-run",
        "--format",
        "json",
        cwd=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    steps = {one["path"]: one["action"] for one in json.loads(result.stdout)}
    assert list(choices.values()).count("drop") == 1
    for path, choice in choices.items():
        assert (steps[path] == "dropped") == (choice == "drop"), path


def test_single_keys_rest_where_they_are_switched_off(made, opened):
    with opened(made.page) as page:
        page.tab.click("#review-start")
        page.tab.evaluate("() => { document.getElementById('review-keys').checked = false; }")
        page.tab.keyboard.press("1")
        assert page.tab.locator("#review .is-keep").count() == 0


def test_decisions_are_there_again_after_a_reload(made, opened):
    with opened(made.page) as page:
        page.tab.click("#review-start")
        page.tab.keyboard.press("1")
        page.tab.keyboard.press("Escape")
        said = page.text(".decisions .decided")
        page.tab.click("#decisions-save")
        page.tab.reload()
        page.wait_for("() => document.documentElement.dataset.ready")
        assert said == page.text(".decisions .decided") == "2 images decided, 1 of them to be dropped"


# --- language, colours, print ---------------------------------------------------------------------------


def _foreign():
    """A language in which the words of the page itself stand between marks and are longer."""
    said = set(WORDS.values())
    for template in resources.files("tagmetry.reporters.html").iterdir():
        if template.name.endswith(".html"):
            said.update(re.findall(r'_\("([^"]+)"\)', template.read_text(encoding="utf-8")))
    return Translator("fr", [{text: f"‹{text} and so on›" for text in said}])


@pytest.fixture(scope="module")
def in_memory(tmp_path_factory):
    """Writes the page of a report in memory to a file."""
    place = tmp_path_factory.mktemp("pages")
    names = itertools.count()

    def write(report, **told):
        path = place / f"{next(names)}.html"
        path.write_text(files(reporter, report, told=context(**told))[""], encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="module")
def small():
    hats = concept("hats", captions=["hat, red", "hat, blue", None, "hat"] * 4, trigger="hat")
    data = dataset(hats, base_model="sd15", root="small")
    near = [tuple(data.paths[:2])]
    return report_of(
        dataset(hats, base_model="sd15", root="small", near=near), *load_plugins(foreign=False).rules.values()
    )


def test_another_language_comes_without_a_reload_and_what_was_open_stays_open(in_memory, small, opened):
    with opened(in_memory(small, others=lambda: (_foreign(),))) as page:
        page.tab.evaluate("() => { window.stayed = true; document.querySelectorAll('#help details')[2].open = true; }")
        was = page.tab.evaluate("() => [...document.querySelectorAll('details')].map((one) => one.open)")
        page.tab.click("button[data-language=fr]")
        assert page.tab.evaluate("() => window.stayed && document.documentElement.lang") == "fr"
        assert page.text("#findings-title").startswith("‹Findings")
        assert "‹" in page.text("#search-told")
        assert page.tab.evaluate("() => [...document.querySelectorAll('details')].map((one) => one.open)") == was
        page.tab.click("button[data-language=en]")
        assert page.text("#findings-title") == "Findings"


def test_longer_words_do_not_break_a_narrow_page(in_memory, small, opened):
    with opened(in_memory(small, others=lambda: (_foreign(),)), width=390) as page:
        page.tab.click("button[data-language=fr]")
        assert page.tab.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_the_colours_change_and_come_back(made, opened):
    def ground():
        return page.tab.evaluate("() => getComputedStyle(document.body).backgroundColor")

    with opened(made.page) as page:
        light = ground()
        page.tab.click("button[data-theme=dark]")
        assert ground() != light
        page.tab.click("button[data-theme=auto]")
        assert ground() == light


def test_it_prints_with_all_its_headings(made, opened, tmp_path):
    with opened(made.page) as page:
        page.tab.pdf(path=tmp_path / "page.pdf", format="A4", tagged=True, outline=True)
        page.tab.emulate_media(media="print")
        hidden = page.tab.evaluate(
            "() => [...document.querySelectorAll('main > section:not(#images) h2')]"
            ".filter((one) => !one.closest('dialog') && !one.offsetHeight)"
            ".map((one) => one.textContent)"
        )
        assert hidden == []
        assert not page.tab.locator(".decisions").is_visible()
    data = (tmp_path / "page.pdf").read_bytes()
    assert data.startswith(b"%PDF") and 1 <= len(re.findall(rb"/Type\s*/Page\b", data)) <= 40


# --- strangers' text ------------------------------------------------------------------------------------

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</template><script>alert(2)</script>",
    "\"'><svg onload=alert(3)>",
    "javascript:alert(4)",
    "{{ 7*7 }} ${7*7}",
    "\u202egnp.exe",
    "<!--",
    "]]>",
)


def test_markup_in_names_captions_and_tags_is_shown_as_it_is_written(in_memory, opened):
    rules = load_plugins(foreign=False).rules.values()

    def report(words):
        captions = [", ".join(words[: 3 + place % 6]) for place in range(16)]
        names = [f"{word.replace('/', '|')} {place}.png" for place, word in enumerate(words * 2)]
        hats = concept(f"set {words[0].replace('/', '|')}", captions=captions, names=names, trigger=words[1])
        first = dataset(hats, base_model="sd15")
        return report_of(dataset(hats, near=[tuple(first.paths[:3])], base_model="sd15", root=words[2]), *rules)

    def shape(page):
        """Elements by name, without those of charts and lists, whose number hangs on the data."""
        return page.tab.evaluate(
            "() => [...new Set([...document.querySelectorAll('*')].map((one) => one.localName))].sort()"
        )

    with opened(in_memory(report([f"plain {number}" for number in range(len(HOSTILE))]))) as page:
        harmless = shape(page)
        scripts = page.tab.locator("script").count()
    with opened(in_memory(report(list(HOSTILE)))) as page:
        assert set(shape(page)) <= set(harmless)
        assert page.tab.locator("script").count() == scripts
        assert "<img src=x onerror=alert(1)>" in page.text("#captions")
        page.tab.locator(".tile").first.click()
        assert "<script>alert(2)</script>" in page.text("#detail .caption")
        page.tab.keyboard.press("Escape")
        page.tab.click("#review-start")
        assert "<img src=x onerror=alert(1)>" in page.text("#review-body")
        page.tab.keyboard.press("m")
        page.tab.keyboard.press("Escape")
        page.tab.click("[data-shown-as=table]")
        page.tab.fill("#search", 'tag:="<img src=x onerror=alert(1)>"')
        page.wait_for("() => new Promise((done) => setTimeout(() => done(true), 200))")
        assert page.found() == 16
        assert set(shape(page)) <= {*harmless, "tr", "td"}


# --- folder report --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(made):
    """The same dataset as a folder report, moved to a place whose name is not plain."""
    place = made.place / "as a folder"
    result = run(
        "check", made.dataset, "-o", f"html={place}/", "--base-model", "sd15", "--fail-on", "never", cwd=made.place
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    moved = made.place / "レビュー 1"
    shutil.move(place, moved)
    return moved


def test_a_folder_report_opens_wherever_it_is_moved(made, folder, opened):
    with opened(folder / "index.html") as page:
        assert page.found() == made.data["dataset"]["n_images"]
        page.tab.click("#review-start")
        assert page.tab.locator("#review-body .picture").count() >= 2


def test_a_folder_report_takes_the_pictures_in_sight_from_beside_it(opened, tmp_path):
    names = [f"{number:04d}.png" for number in range(1200)]
    data = dataset(concept("hats", captions=["hat"] * len(names), names=names), root="many")
    held = io.BytesIO()
    with Image.new("RGB", (32, 32), "teal") as image:
        image.save(held, "WEBP")
    # All but the last have a picture.
    shown = report_of(data, thumbnails=dict.fromkeys(data.paths[:-1], held.getvalue()))
    for path, content in files(reporter, shown, told=context(as_folder=True)).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(content, encoding="utf-8")
    with opened(tmp_path / "index.html", "#images?file:119") as page:
        assert page.found() == 12
        page.wait_for(
            "() => { const all = [...document.querySelectorAll('.tile img')];"
            " return all.length === 11 && all.every((one) => one.naturalWidth === 32); }"
        )
        assert page.tab.locator(".tile .no-picture").count() == 1
        page.tab.locator(".tile").first.click()
        page.wait_for("() => document.querySelector('#detail img.picture')?.naturalWidth === 32")


def test_a_folder_report_keeps_its_policy_and_loads_only_its_own_scripts(folder, opened):
    with opened(folder / "index.html") as page:
        assert page.tab.evaluate(
            "() => { const probe = document.createElement('script');"
            " try { probe.src = 'data/other.js'; return 'set'; } catch (error) { return error.name; } }"
        ) in ("TypeError",)
        # The refusal is what was asked for; everything else stays silent.
        page.watch.said = [one for one in page.watch.said if "TrustedScriptURL" not in one]


def test_a_page_with_nothing_inline_looks_and_works_the_same(made, opened):
    place = made.place / "external"
    result = run(
        "check", made.dataset, "-o", f"html={place}/", "--set", "html.external=true", "--fail-on", "never",
        cwd=made.place,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    text = (place / "index.html").read_text(encoding="utf-8")
    assert "<style" not in text and "<script>" not in text
    assert "sha256-" not in text
    with opened(place / "index.html") as page:
        assert page.found() == made.data["dataset"]["n_images"]
        assert page.tab.evaluate("() => getComputedStyle(document.querySelector('.verdict')).display") == "grid"


def test_a_page_without_its_folder_says_what_is_missing(folder, opened, tmp_path):
    shutil.copyfile(folder / "index.html", tmp_path / "index.html")
    with opened(tmp_path / "index.html", ready=False) as page:
        page.wait_for("() => !document.getElementById('lost-data').hidden")
        assert page.tab.locator("#verdict h2").is_visible()
        assert all("ERR_FILE_NOT_FOUND" in one for one in page.watch.said)
        page.watch.said.clear()


# --- for everyone ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(made, opened, theme):
    with opened(made.page, theme=theme) as page:
        page.tab.evaluate("() => { for (const one of document.querySelectorAll('details')) one.open = true; }")
        assert page.violations() == []
        page.tab.click("#review-start")
        assert page.violations() == []
        page.tab.keyboard.press("Escape")
        page.tab.click("[data-shown-as=table]")
        page.tab.locator("#rows button").first.click()
        assert page.violations() == []
