import base64
import hashlib
import io
import itertools
import json
import random
import re
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from PIL import Image

from html_pages import Page, altered
from report_testing import context, files, report_of
from rule_testing import concept, dataset, orphan, problem
from tagmetry.dataset import Excluded
from tagmetry.documentation.texts import all_texts
from tagmetry.failures import Failure
from tagmetry.finding import Measurement, Severity
from tagmetry.messages import Translator, message, paragraphs, visible
from tagmetry.plugins import load_plugins
from tagmetry.profile import Setting
from tagmetry.report import PluginOutcome, ReportedFinding, RuleOutcome
from tagmetry.reporters.html import reporter
from tagmetry.reporting import summary
from tagmetry.rule import Remedies, Rule


@pytest.fixture(scope="module")
def rules():
    """The built-in rules by id."""
    return dict(load_plugins(foreign=False).rules)


@pytest.fixture(scope="module")
def everything(rules):
    """A report with something in every section, every name of its data holding the word `plainly`."""
    return _everything(rules)


def _picture(color, side=48):
    held = io.BytesIO()
    with Image.new("RGB", (side, side), color) as image:
        image.save(held, "WEBP")
    return held.getvalue()


def _everything(rules):
    tags = ["plainly trigger", "plainly class", "plainly always", "plainly hat", "plainly cap"]
    hats = concept(
        "plainly hats",
        captions=[
            *[", ".join(tags[: 3 + place % 3]) for place in range(30)],
            "plainly trigger, " + ", ".join(f"plainly long tag {place}" for place in range(40)),
            None,
        ],
        sizes=[*[(1024, 1024)] * 16, *[(400, 600)] * 14, (768, 1024), (1024, 768)],
        names=[f"plainly {place:02d}.png" for place in range(32)],
        trigger="plainly trigger",
        class_word="plainly class",
        repeats=4,
    )
    dogs = concept("plainly dogs", captions=["plainly dog, plainly grass"] * 6, trigger="plainly dog")
    reg = concept("plainly reg", n=4, role="regularization")
    at = "plainly hats/plainly {:02d}.png".format
    data = dataset(
        hats,
        dogs,
        reg,
        exact=[(at(0), at(1))],
        near=[(at(2), at(3), at(4), at(5), at(6))],
        problems=[problem("plainly hats/plainly broken.png", "unreadable", "corrupt", reason="plainly bad")],
        orphans=[orphan("plainly hats/plainly orphan.txt")],
        excluded=[
            Excluded("plainly notes.md", "other-file", message("neither an image nor a caption")),
            Excluded(".plainly", "hidden-folder", message("hidden folder {path}", path=".plainly"), 3),
        ],
        base_model="sd15",
        root="plainly set",
        layout="plainly layout",
    )
    thumbnails = {path: _picture((place * 5 % 256, 90, 160)) for place, path in enumerate(data.paths)}
    made = report_of(data, *rules.values(), thumbnails=thumbnails)
    setting = Setting("sd15", "policy", "plainly.yaml:3", message("plainly {what}", what="plainly basis"))
    return replace(
        made,
        policy=replace(
            made.policy,
            name="plainly policy",
            sources=("plainly.yaml",),
            profile={**made.policy.profile, "base_model": setting, "resolution": Setting(512, "inferred")},
        ),
        plugins=(PluginOutcome("plainly plugin", "plainly 1.0", "failed", "plainly reason"),),
        notices=(message("{path} is not used", path="plainly notice"),),
        version="0.0.0 plainly",
        token_counter="plainly counter",
        findings=tuple(replace(finding, limit_origin="plainly.yaml:7") for finding in made.findings),
    )


def page_of(report, *, told=None, **options):
    written = files(reporter, report, told=told, **options)
    assert list(written) == [""]
    return Page(written[""])


def raw(report, **options):
    return files(reporter, report, **options)[""]


# --- what it says --------------------------------------------------------------------------------------


def test_every_open_finding_has_its_anchor_once(everything):
    page = page_of(everything)
    anchors = {name: n for name, n in page.ids.items() if name.startswith("finding-")}
    assert anchors == {f"finding-{finding.fingerprint}": 1 for finding in everything.findings}


def test_no_id_stands_twice_and_every_link_leads_somewhere(everything):
    page = page_of(everything)
    assert {name: n for name, n in page.ids.items() if n != 1} == {}
    elsewhere = [link for link in page.links if not link.startswith("#images?")]
    assert [link for link in elsewhere if not link.startswith("#") or link[1:] not in page.ids] == []
    used = [attributes["href"] for tag, attributes in page.elements if tag == "use"]
    assert [link for link in used if link[1:] not in page.ids] == []


def test_labels_name_elements_that_exist(everything):
    page = page_of(everything)
    labels = [attributes["aria-labelledby"] for _, attributes in page.elements if "aria-labelledby" in attributes]
    assert labels
    assert [label for label in labels if label not in page.ids] == []


def test_one_main_heading_and_the_landmarks(everything):
    page = page_of(everything)
    tags = [tag for tag, _ in page.elements]
    assert [tags.count(tag) for tag in ("h1", "main", "footer")] == [1, 1, 1]
    assert page.having("html") == [{"lang": "en", "dir": "ltr"}]
    assert page.links[0] == "#content"


def test_headings_skip_no_level(everything):
    levels = [int(tag[1]) for tag, _ in page_of(everything).elements if re.fullmatch("h[1-6]", tag)]
    assert [pair for pair in itertools.pairwise(levels) if pair[1] - pair[0] > 1] == []


def test_counts_are_the_reports(everything):
    text = page_of(everything).text
    counts = everything.summary
    assert f"{counts.error} error" in text and f"{counts.warning} warning" in text and f"{counts.info} note" in text
    assert sum(1 for finding in everything.findings) == counts.error + counts.warning + counts.info


def test_each_card_counts_its_findings(everything):
    page = page_of(everything)
    for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO):
        for rule in {finding.rule for finding in everything.findings if finding.severity == severity}:
            n = sum(1 for one in everything.findings if (one.rule, one.severity) == (rule, severity))
            position = next(
                place for place, (_, found) in enumerate(page.elements) if found.get("id") == f"{severity.label}-{rule}"
            )
            entries = 0
            for tag, attributes in page.elements[position + 1 :]:
                if "card" in attributes.get("class", "").split() or tag == "section":
                    break
                entries += attributes.get("id", "").startswith("finding-")
            assert (rule, entries) == (rule, n)


def test_the_account_adds_up(everything):
    dataset_files = everything.dataset.files
    assert dataset_files.adds_up
    text = page_of(everything).text
    assert f"images audited {dataset_files.audited_images}" in text
    assert f"captions used {dataset_files.used_captions}" in text
    assert f"explained: left out or reported {dataset_files.explained}" in text
    assert f"files seen {dataset_files.seen}" in text


def test_what_is_left_out_is_grouped_by_its_reason(everything):
    text = page_of(everything).text
    assert "3 files in hidden folders .plainly" in text
    assert "1 neither an image nor a caption plainly notes.md" in text
    assert "2 further files could not be used; findings above say why." in text


def test_the_keeper_stands_first_and_captions_are_compared(rules):
    hats = concept(
        "hat", captions=["sks, red, tall", "sks, red_, small", "sks, red, tall"], names=["a.png", "b.png", "c.png"]
    )
    data = dataset(hats, near=[("hat/b.png", "hat/a.png", "hat/c.png")])
    text = page_of(report_of(data, rules["near-duplicate-cluster"])).text
    duplicates = text[text.index("Duplicates 1 group") :]
    assert "1 group of alike images; keeping one of each would leave out 2 images." in duplicates
    kept, first, _ = (duplicates.index(name) for name in ("hat/b.png", "hat/a.png", "hat/c.png"))
    assert kept < first
    assert "likeness 99 % hat/a.png 1,024 × 1,024 px + tall − small" in duplicates


def test_kind_and_likeness_are_told_of_each_image(rules):
    data = dataset(
        concept("hat", n=8),
        near=[("hat/000.png", "hat/001.png", "hat/002.png", "hat/003.png")],
        exact=[("hat/000.png", "hat/001.png")],
        crops=["hat/002.png"],
        variants=["hat/003.png"],
        mirrored=[("hat/004.png", "hat/005.png")],
        rotated=[("hat/006.png", "hat/007.png")],
    )
    text = page_of(report_of(data, rules["near-duplicate-cluster"], rules["mirrored-duplicates"])).text
    duplicates = text[text.index("Duplicates 3 group") :]
    for told in (
        "mirrored copies 2 images",
        "near-duplicates 4 images",
        "turned copies 2 images",
        "best kept hat/000.png",
        "the same picture hat/001.png",
        "cropped otherwise, likeness 98 % hat/002.png",
        "likeness 97 %; a detail is another hat/003.png",
        "mirrored, likeness 99 % hat/005.png",
        "turned, likeness 99 % hat/007.png",
    ):
        assert told in duplicates, told


def test_groups_of_crops_have_a_name_of_their_own(rules):
    data = dataset(concept("hat", n=2), near=[("hat/000.png", "hat/001.png")], crops=["hat/001.png"])
    text = page_of(report_of(data, rules["near-duplicate-cluster"])).text
    assert "one picture, cropped otherwise 2 images" in text


def test_groups_that_share_an_image_are_counted_once(rules):
    hats = concept("hat", n=4)
    data = dataset(hats, exact=[("hat/000.png", "hat/001.png")], near=[("hat/000.png", "hat/001.png", "hat/002.png")])
    made = report_of(data, rules["near-duplicate-cluster"], rules["exact-duplicates"])
    assert len(made.clusters) == 2
    assert "2 groups of alike images; keeping one of each would leave out 2 images." in page_of(made).text


def test_small_groups_come_before_large_ones(rules):
    hats = concept("hat", n=7)
    names = [f"hat/{place:03d}.png" for place in range(7)]
    made = report_of(dataset(hats, near=[names[:5], names[5:]]), rules["near-duplicate-cluster"])
    text = page_of(made).text
    assert text.index("near-duplicates 2 images") < text.index("near-duplicates 5 images")


def test_where_a_limit_comes_from_is_said_in_words(rules):
    rule = rules["concept-imbalance"]
    made = report_of(dataset(concept("one", n=2), concept("two", n=20)), rule)
    for origin, words in (
        ("S0", "2 times a proposal of the source on balancing (concept-imbalance.limit)"),
        ("S1", "a rule of thumb of the source on failure modes"),
        ("S2", "one practitioner's experience with Flux"),
        ("tagmetry", "Tagmetry's own choice"),
        ("trainer", "the trainer's own code"),
        ("my.yaml:12", "this policy: my.yaml:12"),
        ("C:\\sets\\my.yaml:12", "this policy: C:\\sets\\my.yaml:12"),
        ("tagmetry:sdxl", "the policy tagmetry:sdxl"),
        ("--set concept-imbalance.limit", "the command line: --set concept-imbalance.limit"),
    ):
        changed = replace(made, findings=tuple(replace(one, limit_origin=origin) for one in made.findings))
        assert words in page_of(changed).text


def test_next_steps_are_at_most_five_and_the_worst_come_first(everything):
    page = page_of(everything)
    text = page.text
    steps = text[text.index("Next steps") : text.index("What was read")]
    assert len(page.having("p", class_="action")) == 5
    assert "Replace the file, or remove it together with its caption" in steps


def test_only_the_templates_own_first_letter_becomes_a_capital():
    from tagmetry.reporters.html.wording import sentence

    say = Translator("en")
    assert sentence(message("shorten {what}", what="it"), say) == "Shorten it"
    assert sentence(message("{path} is empty", path="hat.png"), say) == "hat.png is empty"
    assert sentence(message('"{tag}" is everywhere', tag="hat"), say) == '"hat" is everywhere'
    german = Translator("de", [{"shorten {what}": "{what} kürzen"}])
    assert sentence(message("shorten {what}", what="hat.txt"), german) == "hat.txt kürzen"


def test_risks_are_no_symptoms(everything):
    text = page_of(everything).text
    assert "no symptom was seen, for nothing has been trained" in text
    for risk in everything.risks:
        assert f"risk-{risk.failure_mode}" in page_of(everything).ids


def test_findings_that_do_not_count_are_told_apart(everything):
    first, *others = everything.findings
    changed = replace(everything, findings=(replace(first, status="suppressed"), *others))
    page = page_of(replace(changed, summary=summary(changed.findings, incomplete=False)))
    assert "Findings that do not count 1 suppressed" in page.text
    assert page.ids[f"finding-{first.fingerprint}"] == 1
    assert page.text.count("1 suppressed by the policy") == 1


def test_a_plan_is_called_a_proposal_unless_it_was_asked_for(everything):
    assert "A proposal: nothing has been changed." in page_of(everything).text
    applied = replace(everything, plan=replace(everything.plan, applied=True))
    assert "The trainer configurations of this run follow this plan" in page_of(applied).text


def test_trigger_coverage_counts_words_not_letters():
    hats = concept("hat", captions=["sks, hat", "asks, hat", "a photo of SKS hat", ""], trigger="sks", class_word="cap")
    text = page_of(report_of(dataset(hats))).text
    assert "trigger word sks in 2 of 3 captions class word cap in 0 of 3 captions" in text


def test_a_caption_of_exactly_the_limit_is_within_it():
    at, over = "a " * 75, "a " * 76
    data = dataset(concept("hat", captions=[at.strip(), over.strip()]))
    page = page_of(report_of(data))
    assert "1 of 2 captions is longer than 75 tokens." in page.text
    bars = [attributes for attributes in page.having("rect") if attributes.get("class") in ("within", "beyond")]
    drawn = [bar["class"] for bar in bars if bar["height"] != "0.00%"]
    assert drawn == ["within", "beyond"]
    assert "71 to 75 1 76 to 80 beyond the limit 1" in page.text


def test_a_setting_moves_the_token_limit():
    data = dataset(concept("hat", captions=["a " * 100]), max_token_length=150)
    assert "0 of 1 captions are longer than 150 tokens." in page_of(report_of(data)).text


def test_estimated_tokens_are_called_so():
    data = dataset(concept("hat", captions=["one, two"]), tokens_exact=False)
    assert "Estimated (estimate): the counts are lower bounds" in page_of(report_of(data)).text


def test_short_sides_are_counted_on_both_sides_of_each_step():
    sizes = [(511, 900), (512, 900), (900, 767), (768, 768), (1023, 2000), (1024, 2000)]
    text = page_of(report_of(dataset(concept("hat", sizes=sizes)))).text
    for words in ("below 512 px 17 % 1", "512 to 767 px 33 % 2", "768 to 1,023 px 33 % 2", "1,024 px and more 17 % 1"):
        assert words in text


# --- unusual reports -----------------------------------------------------------------------------------


def test_nothing_found():
    page = page_of(report_of(dataset(concept("hat", n=40, captions=[f"sks, tag {n}" for n in range(40)]))))
    assert "Ready to train" in page.text
    assert "Nothing was found." in page.text
    assert "No two training images were found to be alike." in page.text
    assert "Nothing: every file was used." in page.text


def test_notes_alone_are_worth_a_look(rules):
    made = report_of(dataset(concept("hat", n=5)), rules["too-small-to-balance"])
    assert {finding.severity for finding in made.findings} == {Severity.INFO}
    text = page_of(made).text
    assert "Ready to train" in text and "Worth a look" in text and "Next steps" not in text


def test_the_plan_shows_other_branches_and_every_way_of_balancing():
    group = tuple(f"hat/{number:03d}.png" for number in range(4))
    captions = [f"hat, view {number}" for number in range(36)]
    data = dataset(concept("hat", captions=captions), concept("cap", captions=captions[:6]), near=[group])
    text = page_of(report_of(data)).text
    assert "From 200 on: in earnest, multipliers up to 3" in text
    assert "Copies of one picture add up" in text
    assert "Steps per epoch: 42 →" in text
    for way in ("weak randomization", "parts of a folder", "weights of images", "curriculum"):
        assert way in text


def test_no_captions():
    page = page_of(report_of(dataset(concept("hat", captions=[None] * 5))))
    assert "There are no captions beside the training images." in page.text
    assert page.having("svg", class_="histogram") == []


def test_sentences_have_no_tags():
    captions = [f"A tall red hat lies on table number {n}." for n in range(12)]
    page = page_of(report_of(dataset(concept("hat", captions=captions), caption_style="sentences")))
    assert "caption style sentences" in page.text
    assert "different tags" not in page.text
    assert "12 of 12" in page.text


def test_only_regularization_images():
    text = page_of(report_of(dataset(concept("reg", n=3, role="regularization")))).text
    assert "0 training images 3 regularization images" in text


def test_an_incomplete_review_says_so_first(everything):
    failed = RuleOutcome("some-rule", "failed", 0, message("{reason}", reason="it fell over"))
    changed = replace(
        everything,
        rules=(*everything.rules, failed),
        failures=(Failure("rule", "some-rule", "acme", "2.1", "it fell over"),),
        summary=replace(everything.summary, verdict="incomplete"),
    )
    text = page_of(changed).text
    told = text.index("Rule some-rule of plugin acme 2.1 failed: it fell over")
    assert text.index("Incomplete review") < told < text.index("Next steps")
    assert "failed some-rule it fell over" in text


def test_many_findings_of_one_rule_are_folded_after_the_first(rules):
    data = dataset(concept("hat", n=300, sizes=(400, 400)))
    made = report_of(data, rules["resolution-below-base-model"])
    page = page_of(made)
    assert sum(n for name, n in page.ids.items() if name.startswith("finding-")) == 300
    assert "288 more of this rule" in page.text


def test_very_many_findings_are_told_in_lines_and_then_counted():
    rule = Rule(id="acme/many", severity=Severity.WARNING, evidence="heuristic", messages={"found": "{n:count} it is"})
    data = dataset(concept("hat", n=1))
    made = report_of(data)
    findings = tuple(_finding(rule, n, data) for n in range(5_020))
    page = page_of(replace(made, findings=findings, summary=summary(findings, incomplete=False)))
    assert sum(n for name, n in page.ids.items() if name.startswith("finding-")) == 5_000
    assert "20 more are not listed on this page; the JSON report has them all" in page.text
    assert "5,020 warnings" in page.text


def _finding(rule, n, data):
    return ReportedFinding(
        fingerprint=f"{n:016x}",
        rule=rule.id,
        severity=rule.severity,
        status="open",
        message_id="found",
        message=message(rule.messages["found"], n=n),
        subject=data.subject(),
        measured=Measurement("figure", n),
        limit_origin="",
        evidence="heuristic",
        points_to=(),
        data_remedies=(),
        training_remedies=(),
        location=None,
    )


def test_a_rule_without_documentation_is_shown_by_its_id():
    rule = Rule(id="acme/bare", severity=Severity.ERROR, evidence="community", messages={"found": "{n:count} it is"})
    data = dataset(concept("hat", n=1))
    findings = (_finding(rule, 7, data),)
    page = page_of(replace(report_of(data), findings=findings, summary=summary(findings, incomplete=False)))
    assert "error acme/bare acme/bare" in page.text
    assert page.ids["error-acme/bare"] == 1


def test_remedies_that_differ_stand_with_their_findings():
    rule = Rule(
        id="acme/told",
        severity=Severity.WARNING,
        evidence="community",
        messages={"found": "number {n:count}"},
        remedies=Remedies(data=("mend {n:count}",), training=("train less",)),
    )
    data = dataset(concept("hat", n=1))
    findings = tuple(
        replace(
            _finding(rule, n, data),
            data_remedies=(message("mend {n:count}", n=n),),
            training_remedies=(message("train less"),),
        )
        for n in (1, 2)
    )
    text = page_of(replace(report_of(data), findings=findings, summary=summary(findings, incomplete=False))).text
    card = text[text.index("warning acme/told acme/told") :]
    assert card.count("Mend 1") == 1 and card.count("Mend 2") == 1 and card.count("Train less") == 1


# --- pictures ------------------------------------------------------------------------------------------


def test_equal_pictures_are_stored_once(rules):
    data = dataset(concept("hat", n=30, sizes=(400, 400)), near=[[f"hat/{n:03d}.png" for n in range(30)]])
    same = _picture("red")
    made = report_of(
        data,
        rules["resolution-below-base-model"],
        rules["near-duplicate-cluster"],
        thumbnails=dict.fromkeys(data.paths, same),
    )
    page = page_of(made)
    assert [image["href"] for image in page.having("image")] == [
        "data:image/webp;base64," + base64.b64encode(same).decode()
    ]
    assert len(page.having("svg", class_="picture")) > 60


def test_five_hundred_pictured_images_stay_below_five_megabytes(rules):
    chance = random.Random(1)
    data = dataset(
        concept("hat", n=500, sizes=(400, 400), captions=[f"sks, hat, tag {n}" for n in range(500)], trigger="sks"),
        near=[(f"hat/{n:03d}.png", f"hat/{n + 1:03d}.png") for n in range(0, 500, 2)],
    )
    # 4.5 kB is what 192 px of a photograph take.
    head = b"RIFF\x00\x00\x00\x00WEBP"
    thumbnails = {path: head + chance.randbytes(4500) for path in data.paths}
    text = raw(report_of(data, *rules.values(), thumbnails=thumbnails))
    assert text.count("data:image/webp") == 500
    assert len(text.encode()) < 5_000_000


def test_an_image_without_a_thumbnail_has_a_place(rules):
    page = page_of(report_of(dataset(concept("hat", n=1, sizes=(400, 400))), rules["resolution-below-base-model"]))
    assert "no preview" in page.text
    assert page.having("image") == []


def test_bytes_that_are_no_thumbnail_are_not_embedded(rules):
    data = dataset(concept("hat", n=1, sizes=(400, 400)))
    made = report_of(data, rules["resolution-below-base-model"], thumbnails={data.paths[0]: b"<svg onload=x>"})
    assert page_of(made).having("image") == []


def test_pictures_keep_their_shape(rules):
    data = dataset(concept("hat", sizes=[(400, 1200), (60, 30)]))
    made = report_of(
        data,
        rules["resolution-below-base-model"],
        thumbnails={path: _picture(color) for path, color in zip(data.paths, ("red", "blue"), strict=True)},
    )
    assert [(image["width"], image["height"]) for image in page_of(made).having("image")] == [
        ("64", "192"),
        ("60", "30"),
    ]


def test_pictures_start_blurred_only_when_asked(everything):
    page = page_of(everything, blur="true")
    assert page.having("body") == [{"class": "blurred"}]
    assert page.having("input", id="reveal") != []
    plain = page_of(everything)
    assert plain.having("body") == [{}] and plain.having("input", id="reveal") == []


# --- nothing in, nothing out ---------------------------------------------------------------------------

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></title></svg></script><h1>",
    "{{ 7*7 }}{% raw %}{#",
    "--><!-- ]]>",
    "&lt;b&gt;&amp",
    "javascript:alert(1)//http://example.org",
    "\u2028\u2029\u202e\u2066\u200b\ufeff",
    "\x00\x1b[31m\x7f\x85",
    "\ud800\udfff",
    "日本語עברית",
]


def _renamed(report, name):
    return altered(report, lambda text: text.replace("plainly", name))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_text_changes_no_element(everything, payload):
    # As long as what is shown of the payload, so that both are cut alike.
    harmless = page_of(_renamed(everything, f"x{'y' * len(visible(payload))}x"))
    hostile = page_of(_renamed(everything, f"x{payload}x"))
    assert hostile.shape == harmless.shape
    assert hostile.text.count(f"x{' '.join(visible(payload).split())}x") > 50


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_text_leaves_a_page_that_can_be_written(everything, payload):
    text = raw(_renamed(everything, payload))
    assert text.encode("utf-8")
    hidden = [
        sign for sign in text if sign != "\n" and (ord(sign) < 32 or sign in "\x7f\x85\u2028\u202e\u2066\u200b\ufeff")
    ]
    assert hidden == []


def test_seven_times_seven_is_never_worked_out(everything):
    assert "<h1><bdi>{{ 7*7 }} set</bdi></h1>" in raw(_renamed(everything, "{{ 7*7 }}"))


def test_endless_names_are_cut(everything):
    text = raw(_renamed(everything, "x" * 50_000))
    assert len(text) < 2_000_000
    assert "x" * 700 not in text


def test_the_security_policy_names_the_very_style_and_script(everything):
    page = page_of(everything)
    rules = dict(part.split(" ", 1) for part in page.meta("Content-Security-Policy").split("; "))
    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": _hash(page.style),
        "script-src": _hash(page.script),
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    assert page.meta("referrer") == "no-referrer"


def _hash(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def test_nothing_is_fetched_and_nothing_inline_but_the_one_style_and_script(everything):
    page = page_of(everything)
    tags = [tag for tag, _ in page.elements]
    assert tags.count("style") == tags.count("script") == 1
    assert not {"link", "iframe", "object", "embed", "form", "base", "img"} & set(tags)
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name == "style" or name.startswith("on")], (tag, attributes)
        for name in ("href", "src", "xlink:href", "action"):
            target = attributes.get(name, "#")
            assert target.startswith("#") or (tag == "image" and target.startswith("data:image/")), target
    assert "url(" not in page.style and "@import" not in page.style
    assert not re.search(r"https?:", page.style + page.script)


def test_no_template_marks_anything_as_safe():
    package = resources.files("tagmetry.reporters.html")
    templates = [entry for entry in package.iterdir() if entry.name.endswith((".html", ".css", ".js"))]
    assert len(templates) > 8
    for template in templates:
        source = template.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe|autoescape|Markup|style=|\son\w+=|https?:", source), template.name


def test_the_same_report_gives_the_same_bytes(rules):
    assert raw(_everything(rules)) == raw(_everything(rules))


def test_no_absolute_path_unless_asked_for(rules):
    data = dataset(concept("hat", n=2))
    made = report_of(data, path=Path("/home/somebody/sets/hats"))
    assert "somebody" not in raw(made)
    shown = page_of(made, told=context(absolute_paths=True))
    assert shown.text.count("somebody") == 3


# --- texts ---------------------------------------------------------------------------------------------


def test_every_word_is_data_or_goes_through_the_door(everything):
    """A made-up language marks every word that is translated; what is left without a mark must be data."""
    page = page_of(everything, told=replace(context(), translator=Translator("xx", [_marked(everything)])))
    values = {str(setting.value) for setting in everything.policy.profile.values()}
    named = {value for row in everything.coverage for value in (*row.never, *(name for name, _ in row.values))}
    data = {"Tagmetry", "true", "false", *everything.metrics, *everything.plan.protected, *values, *named}
    # What an exception says: here rules fail whose features a dataset in memory does not have.
    data |= {line.reason.english() for line in everything.rules if line.outcome == "failed"}
    left = {
        text.strip()
        for around, text in page.texts
        if "code" not in around and re.search("[A-Za-z]", text) and "°" not in text and "plainly" not in text
    }
    assert {text for text in left - data if not re.fullmatch(r"[\d,]+ (px|bits)|0{64}", text)} == set()


def _marked(report):
    """Every text of the product as a catalogue whose translations are the English words, each with a mark."""
    catalogue = {
        text.one: (_with_marks(text.one), _with_marks(text.other)) if text.other else _with_marks(text.one)
        for text in all_texts()
    }
    for text in report.rule_texts.values():
        for part in (text.title, *(one for section in text.sections.values() for one in paragraphs(section))):
            catalogue[part] = _with_marks(part)
    return catalogue


def _with_marks(text):
    """Placeholders and what stands between backquotes are left alone."""
    return re.sub(r"\{[^}]*\}|`[^`]*`|[A-Za-z]+", lambda match: match[0] + "°" * match[0].isalpha(), text)


# --- colours -------------------------------------------------------------------------------------------


def _colours():
    """The variables of both themes from the style sheet."""
    style = resources.files("tagmetry.reporters.html").joinpath("style.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root(?:\S*) \{([^}]*)\}", style)
    light, dark, chosen = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in blocks[:3])
    assert light.keys() == dark.keys()
    assert dark == chosen, "the dark colours of the system and of the switch"
    return {"light": light, "dark": dark}


def _contrast(one, other):
    def luminance(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_texts_and_graphics_stand_out_in_both_themes(theme):
    colours = _colours()[theme]
    grounds = ("ground", "surface", "sunken")
    texts = [(text, ground) for text in ("ink", "quiet", "accent") for ground in grounds]
    for state in ("error", "warning", "note", "good"):
        texts += [(state, ground) for ground in grounds] + [(state, f"{state}-tint"), ("ink", f"{state}-tint")]
    weak = {pair: round(_contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in texts}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}
    graphics = [(shape, ground) for shape in ("bar", "bar-marked") for ground in ("ground", "surface")]
    weak = {pair: round(_contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in graphics}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 3} == {}


def test_what_the_trainer_makes_of_the_dataset_is_a_section_where_it_is_known():
    images = concept("1_hat", n=4, sizes=[(1024, 1024), (1024, 1024), (1600, 900), (200, 1000)])
    page = page_of(report_of(dataset(images, trainer="kohya", resolution=1024, batch_size=2)))
    assert "As sd-scripts 0.10.1 (48d368fa) reads the dataset, with its usual buckets at 1024 × 1024." in page.text
    assert "1,344 × 768 px" in page.text
    assert page.ids["trainer"] == 1
    assert "trainer" not in page_of(report_of(dataset(images))).ids


# --- a folder -------------------------------------------------------------------------------------------


def test_a_folder_report_is_its_page_its_data_and_pictures_by_the_thousand():
    hats = concept("hats", captions=["hat"] * 1001, trigger="hat")
    data = dataset(hats, root="many")
    report = report_of(data, thumbnails={data.paths[1000]: b"\xff\xd8\xff" + bytes(9)})
    written = files(reporter, report, told=context(as_folder=True))
    assert list(written) == ["index.html", "data/images.js", "data/pictures-0.js", "data/pictures-1.js"]
    assert written["data/pictures-0.js"] == f'tagmetryTake("pictures-0", {json.dumps([""] * 1000)});\n'
    assert written["data/pictures-1.js"] == 'tagmetryTake("pictures-1", ["/9j/AAAAAAAAAAAA"]);\n'
    assert all(text.isascii() for path, text in written.items() if path.startswith("data/"))
    page = Page(written["index.html"])
    policy = page.meta("Content-Security-Policy")
    assert "script-src 'self' 'sha256-" in policy
    assert "trusted-types tagmetry" in policy
    assert page.data == ""
    assert [one["src"] for one in page.having("script") if "src" in one] == ["data/images.js"]


def test_a_picture_that_the_page_holds_is_not_beside_it_again():
    hats = concept("hats", captions=["hat"] * 3)
    data = dataset(hats, near=[("hats/000.png", "hats/001.png")])
    thumbnails = {path: b"\xff\xd8\xff" + bytes([place] * 9) for place, path in enumerate(data.paths)}
    report = report_of(data, *load_plugins(foreign=False).rules.values(), thumbnails=thumbnails)
    written = files(reporter, report, told=context(as_folder=True))
    beside = json.loads(written["data/pictures-0.js"].partition(", ")[2].rpartition(")")[0])
    assert [bool(one) for one in beside] == [False, False, True]
    assert written["index.html"].count('href="data:image/jpeg') == 2


def test_one_file_holds_its_data_and_takes_no_script_from_beside():
    report = report_of(dataset(concept("hats", captions=["hat"])))
    ((path, text),) = files(reporter, report).items()
    assert path == ""
    page = Page(text)
    assert page.data
    assert "'self'" not in page.meta("Content-Security-Policy")
    assert page.having("script", src="data/images.js") == []
