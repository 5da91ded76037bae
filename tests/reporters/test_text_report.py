from dataclasses import replace

import pytest

from report_testing import context, files, report_of
from rule_testing import concept, dataset, problem
from tagmetry.dataset import Excluded
from tagmetry.messages import message
from tagmetry.plugins import load_plugins
from tagmetry.reporters.text_report import SHOWN_CONCEPTS, SHOWN_PER_RULE, SHOWN_SKIPPED, reporter
from tagmetry.wrapping import columns, wrapped


@pytest.fixture(scope="module")
def rules():
    """The built-in rules by id."""
    return dict(load_plugins(foreign=False).rules)


def shown(report, *, concise=False, **settings):
    return files(reporter, report, told=context(**settings), concise=concise)[""]


def group(text, rule):
    """The lines of one rule's findings, without its heading."""
    found = text.split("\n")
    start = next(place for place, line in enumerate(found) if line.endswith(f"  {rule}")) + 1
    return found[start : found.index("", start)]


def hats(*captions, **parts):
    return concept("hat", captions=list(captions), trigger="sks", class_word="hat", **parts)


def test_a_whole_report(rules):
    data = dataset(
        hats(*["sks, hat, smile, white background"] * 9, "sks, hat, frown, white background", repeats=3),
        concept("person", n=2, role="regularization"),
        near=[("hat/000.png", "hat/001.png")],
        problems=[problem("hat/x.png", "unreadable", "empty")],
        excluded=[Excluded("notes.md", "other-file", message("neither an image nor a caption"))],
    )
    chosen = ("unreadable-image", "tag-frequency", "trigger-coupling", "near-duplicate-cluster", "dataset-size")
    assert shown(report_of(data, *(rules[rule] for rule in chosen))).split("\n") == [
        "hats  (plain-folders)",
        "  26 files seen = 12 images audited + 12 captions used + 2 explained",
        '  hat: 10 images, 9 different pictures, repeats 3, trigger "sks", class word',
        '    "hat"',
        "  person [regularization]: 2 images",
        "  left out, 1: neither an image nor a caption (notes.md)",
        "  policy: tagmetry:recommended; caption_style=tags",
        "",
        "✖ error  unreadable-image",
        "  hat/x.png is empty",
        "  -> data: replace the file, or remove it together with its caption",
        "",
        "▲ warning  tag-frequency",
        '  "smile" is on 90 % of the images of "hat" (9 of 10)',
        '  "white background" is on 100 % of the images of "hat" (10 of 10)',
        "    limit: 90 % (advice on balancing)",
        '  -> data: if the tags are reliable, take "smile" out of one caption, so that at',
        "     most 80 % keep it, such as that of hat/000.png (likewise for the others)",
        "  -> training: turn on tag dropout (about 0.1) with the trigger kept in front",
        "",
        "▲ warning  trigger-coupling",
        '  "white background" is in 100 % of the captions with the trigger "sks" (10 of',
        "    10; 95 % interval 72 % to 100 %)",
        "    limit: 95 % (advice on failure modes)",
        '  -> data: add images of "hat" in other surroundings, and name those in their',
        "     captions",
        '  -> data: or take "white background" out of some captions, such as those of',
        "     hat/000.png, hat/005.png",
        '  -> data: if "sks" shall always bring "white background" along, declare that:',
        "     profile.concepts.NAME.expected_fusion",
        "",
        "● info  near-duplicate-cluster",
        "  hat/000.png has one near-duplicate (likeness 99 %): hat/001.png",
        "  -> data: look at them side by side; where they are copies, keep only",
        "     hat/000.png",
        "",
        "risks",
        "  what the findings point to; no symptom was seen, for nothing has been trained",
        "  style-drift, high: tag-frequency (2), trigger-coupling",
        "  instability, high: unreadable-image",
        "  memorization, medium: trigger-coupling, near-duplicate-cluster",
        "  concept-bleed, medium: trigger-coupling",
        "  prompt-sensitivity, medium: tag-frequency (2)",
        "",
        "balance plan",
        *group_of_plan(data, rules),
        "",
        "not judged (no base model is named: set profile.base_model or use --base-model):",
        "  dataset-size",
        "",
        "NOT READY: mend the errors before training",
        "  1 error, 3 warnings, 1 note",
        "",
    ]


def test_more_detail_tells_how_a_level_of_risk_came_about(rules):
    report = report_of(dataset(hats("sks, hat", None)), rules["missing-caption"])
    assert "  prompt-sensitivity, medium: missing-caption\n" in shown(report)
    assert "  prompt-sensitivity, medium: missing-caption [warnings >= 1]\n" in shown(report, verbosity=1)


def test_without_findings_there_are_no_risks(rules):
    assert "risks" not in shown(report_of(dataset(hats("sks, hat")), rules["missing-caption"]))


@pytest.mark.parametrize(("n", "verbosity"), [(SHOWN_SKIPPED, 0), (SHOWN_SKIPPED + 1, 1)])
def test_what_could_not_judge_is_named(rules, n, verbosity):
    settings = [rule for rule in rules.values() if rule.scope == "each_config"][:n]
    told = shown(report_of(dataset(hats("sks, hat")), *settings), verbosity=verbosity)
    assert all(rule.id in told for rule in settings)


def test_many_that_could_not_judge_for_one_reason_are_counted(rules):
    settings = [rule for rule in rules.values() if rule.scope == "each_config"][: SHOWN_SKIPPED + 1]
    told = shown(report_of(dataset(hats("sks, hat")), *settings))
    assert "not judged (no trainer config was given; --config FILE gives one): 7 rules; -v\n  names them\n" in told


def group_of_plan(data, rules):
    """The plan's steps in lines: one for each, indented."""
    report = report_of(data)
    told = [f"{step.node}: {step.value.english()}; {step.taken.english()}" for step in report.plan.trace]
    return [line for step in told for line in wrapped(step, 80, indent="    ", first="  ")]


def test_a_single_file_of_a_kind_is_told_in_the_singular():
    text = shown(report_of(dataset(concept("hat", captions=["sks, smile"]))))
    assert "\n  2 files seen = 1 image audited + 1 caption used + 0 explained\n  hat: 1 image\n" in text


def test_a_limit_that_all_findings_share_is_told_once(rules):
    data = dataset(concept("hat", sizes=[(300, 300)] * 3), base_model="sd15")
    assert group(shown(report_of(data, rules["resolution-below-base-model"])), "resolution-below-base-model")[:5] == [
        "  hat/000.png has a short side of 300 px; SD1.5 needs at least 512 px",
        "  hat/001.png has a short side of 300 px; SD1.5 needs at least 512 px",
        "  hat/002.png has a short side of 300 px; SD1.5 needs at least 512 px",
        "    limit: 512 px (advice on failure modes)",
        "  -> data: replace it by a larger original, or leave it out",
    ]


def test_limits_that_differ_are_told_one_by_one(rules):
    report = report_of(dataset(hats(*["sks, smile, frown"] * 10)), rules["tag-frequency"])
    first, second = report.findings
    other = replace(second, limit_origin="tagmetry.yaml:4", measured=replace(second.measured, limit=0.95))
    assert group(shown(replace(report, findings=(first, other))), "tag-frequency")[:4] == [
        '  "frown" is on 100 % of the images of "hat" (10 of 10)',
        "    limit: 90 % (advice on balancing)",
        '  "smile" is on 100 % of the images of "hat" (10 of 10)',
        "    limit: 95 % (tagmetry.yaml:4)",
    ]


def test_many_findings_of_a_rule_are_counted_and_all_shown_on_demand(rules):
    report = report_of(dataset(concept("hat", captions=[None] * (SHOWN_PER_RULE + 2))), rules["missing-caption"])
    said = group(shown(report), "missing-caption")
    assert said[SHOWN_PER_RULE - 1 : SHOWN_PER_RULE + 1] == [
        "  hat/004.png has no caption",
        "  … and 2 more of this rule (-v shows all)",
    ]
    assert "  hat/006.png has no caption" in group(shown(report, verbosity=1), "missing-caption")


def test_remedies_of_several_messages_are_all_told(rules):
    data = dataset(concept("hat", captions=[None, ""]))
    assert [
        line for line in group(shown(report_of(data, rules["missing-caption"])), "missing-caption") if "->" in line
    ] == [
        "  -> data: describe the picture in a text file that has the image's name and",
        "  -> data: write into it what is in the picture",
    ]


def test_many_concepts_are_counted(rules):
    data = dataset(*(concept(f"c{number:02d}", n=1) for number in range(SHOWN_CONCEPTS + 1)))
    text = shown(report_of(data))
    assert f"  c{SHOWN_CONCEPTS - 1:02d}: 1 image\n  … and 1 more concept (-v shows all)\n  policy" in text
    assert f"\n  c{SHOWN_CONCEPTS:02d}: 1 image\n" in shown(report_of(data), verbosity=1)


def test_what_the_captions_of_a_concept_never_name_is_told_on_request(rules):
    report = report_of(dataset(concept("hat", captions=["beach, smile", "close-up"])))
    assert "no caption names" not in shown(report)
    told = "\n".join(shown(report, verbosity=1).splitlines()[2:5])
    assert told.startswith(
        "  hat: 2 images\n    no caption names anything of: lighting, time, weather, season, viewpoint"
    )


def test_a_plan_that_lengthens_the_epoch_says_so(rules):
    text = shown(report_of(dataset(concept("cap", n=4), concept("hat", n=37))))
    assert "  cap: repeats 1 -> 14\n  hat: repeats 1 -> 4\n" in text
    assert "  one epoch is now 7 times as long: divide the number of epochs by 7\n" in text


def test_concise_lines_begin_with_the_place(rules):
    data = dataset(
        hats(*["sks, smile"] * 10),
        near=[("hat/003.png", "hat/001.png")],
        problems=[problem("hat/x.png", "unreadable", "empty")],
    )
    report = report_of(data, *(rules[rule] for rule in ("unreadable-image", "tag-frequency", "near-duplicate-cluster")))
    assert shown(report, concise=True).split("\n") == [
        "hat/x.png: error unreadable-image: hat/x.png is empty",
        'smile: warning tag-frequency: "smile" is on 100 % of the images of "hat" (10 of 10)',
        "hat/003.png: info near-duplicate-cluster: hat/003.png has one near-duplicate (likeness 99 %): hat/001.png",
        "",
    ]


def test_a_quiet_report_is_the_verdict(rules):
    assert shown(report_of(dataset(concept("hat", captions=[None])), rules["missing-caption"]), verbosity=-1) == (
        "READY WITH WARNINGS: training works, the result may suffer\n  0 errors, 1 warning, 0 notes\n"
    )


def test_signs_that_the_console_lacks_are_plain(rules):
    report = report_of(dataset(concept("hat", captions=[None])), rules["missing-caption"])
    assert "! warning  missing-caption\n" in shown(report, encodable=str.isascii)


def test_no_line_is_wider_than_the_terminal(rules):
    captions = ["ウィキペ、少女、青い髪、白背景、笑顔"] * 10
    data = dataset(
        concept("とても長い名前のコンセプト・その一", captions=captions, trigger="ウィキペ"),
        concept("b", n=12, repeats=9),
        near=[(f"b/{number:03d}.png" for number in range(9))],
    )
    text = shown(report_of(data, *rules.values()), width=60)
    assert [line for line in text.split("\n") if columns(line) > 60] == []


@pytest.mark.parametrize(
    ("text", "width", "told"),
    [
        ("one two three", 8, ["one two", "  three"]),
        ("one two", 7, ["one two"]),
        ("", 8, [""]),
        # A number stays beside its unit.
        ("it is 42 %; done", 8, ["it is", "  42 %;", "  done"]),
        ("it is 42 px", 9, ["it is", "  42 px"]),
        ("a/very/long/path.png is there", 10, ["a/very/long/path.png", "  is there"]),
        ("see a/very/long/path.png", 10, ["see", "  a/very/long/path.png"]),
        # Two columns each: four of them fill the line.
        ("画像に説明がありません。", 8, ["画像に説", "  明があ", "  りませ", "  ん。"]),
        # A full stop stands at no line's beginning.
        ("画像です。", 8, ["画像で", "  す。"]),
        ("猫 photo 犬", 8, ["猫 photo", "  犬"]),
        ("see 猫の画像の説明", 9, ["see 猫の", "  画像の", "  説明"]),
    ],
)
def test_lines_are_wrapped_by_what_a_terminal_shows(text, width, told):
    assert wrapped(text, width, indent="  ", first="") == told


def test_columns_are_those_of_a_terminal():
    assert [columns(text) for text in ("abc", "猫", "Café", "か\u3099", "ｶﾞ", "Ａ")] == [3, 2, 4, 2, 2, 2]
