"""The measuring itself needs the datasets; here it is held that findings and judgements cannot drift apart."""

import importlib.util
import sys
from pathlib import Path

import pytest
import yaml

from tagmetry.plugins import load_plugins

BENCHMARKS = Path(__file__).parent


@pytest.fixture(scope="module")
def real_sets():
    spec = importlib.util.spec_from_file_location("real_sets", BENCHMARKS / "real_sets.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["real_sets"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["real_sets"]


def finding(name, *, rule="missing-caption", severity="warning", message="{} has no caption", kind="sample"):
    return {
        "rule": rule,
        "severity": severity,
        "message": message.format(name),
        "message_id": "missing",
        "values": {},
        "subject": {"kind": kind, "name": name, "paths": [name]},
    }


def judged(real_sets, monkeypatch, entries, by_model):
    """The rows and mistakes of a set of one part, given the findings by base model; none where nothing is said."""
    monkeypatch.setattr(real_sets, "judgement_entries", lambda: {"hats": entries})
    one = real_sets.RealSet("hats", "Hats", "", "", {"": Path()})
    reports = {(base_model, ""): {"findings": by_model.get(base_model, [])} for base_model in real_sets.BASE_MODELS}
    return real_sets.judgements_of(one, reports)


def entry(subject, **more):
    return {"rule": "missing-caption", "subject": subject, "judgement": "right", "why": "there is none", **more}


def test_a_finding_without_a_judgement_is_a_mistake(real_sets, monkeypatch):
    rows, mistakes = judged(real_sets, monkeypatch, [], {"flux": [finding("a.png")]})
    assert rows == []
    assert mistakes == [
        (
            "hats: no judgement for {rule: missing-caption, subject: 'a.png', base_models: [flux]}: "
            "warning: a.png has no caption"
        )
    ]


def test_a_judgement_without_its_finding_is_a_mistake(real_sets, monkeypatch):
    _, mistakes = judged(real_sets, monkeypatch, [entry("a.png", base_models=["sdxl"])], {})
    assert mistakes == ["hats: missing-caption on a.png, base model sdxl: 0 findings, the judgement is of 1"]


def test_one_finding_more_than_was_judged_is_a_mistake(real_sets, monkeypatch):
    found = {"none": [finding("a.png"), finding("b.png"), finding("c.png")]}
    _, mistakes = judged(real_sets, monkeypatch, [entry("*", n=2, base_models=["none"])], found)
    assert mistakes == ["hats: missing-caption on *, base model none: 3 findings, the judgement is of 2"]


def test_two_judgements_of_one_finding_are_a_mistake(real_sets, monkeypatch):
    entries = [entry("a*", base_models=["none"]), entry("*", base_models=["none"])]
    _, mistakes = judged(real_sets, monkeypatch, entries, {"none": [finding("a.png")]})
    assert mistakes[0].startswith("hats: 2 judgements for {rule: missing-caption, subject: 'a.png'")


def test_a_note_needs_no_judgement(real_sets, monkeypatch):
    assert judged(real_sets, monkeypatch, [], {"none": [finding("a.png", severity="info")]}) == ([], [])


def test_base_models_with_the_same_subjects_share_a_row(real_sets, monkeypatch):
    warnings, errors = [
        [finding(name, severity=severity) for name in ("b.png", "a.png")] for severity in ("warning", "error")
    ]
    found = {"none": warnings, "sd15": warnings, "sdxl": warnings, "flux": errors}
    rows, mistakes = judged(real_sets, monkeypatch, [entry("*", n=2)], found)
    assert mistakes == []
    assert [(row.subjects, row.n) for row in rows] == [(("a.png", "b.png"), 2)]
    said = ("… has no caption",)
    assert rows[0].told == {
        "none": ("warning", said),
        "sd15": ("warning", said),
        "sdxl": ("warning", said),
        "flux": ("error", said),
    }
    assert real_sets.figures(rows) == "2 findings above info: 2 right, 0 wrong, 0 debatable"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"judgement": "good"}, "'good' is no judgement; it is one of right, wrong, debatable"),
        ({"because": "x"}, "a judgement has unknown keys: because"),
    ],
)
def test_a_judgement_that_is_written_wrongly_is_a_mistake(real_sets, change, said):
    assert list(real_sets.entry_mistakes(entry("a.png") | change)) == [said]


def test_subjects_are_told_by_folder(real_sets):
    assert real_sets.subjects_told(("a/1.png",), 9) == "`a/1.png`"
    assert real_sets.subjects_told(("a/1.png", "a/2.png", "b.png"), 9) == "3: `b.png`; `a/`: `1.png`, `2.png`"
    assert real_sets.subjects_told(("a/1.png", "a/2.png"), 2) == "all 2 images"
    assert real_sets.subjects_told(tuple(f"a/{n:02}.png" for n in range(40)), 99) == "40: `a/`: 40"


def test_the_judgements_are_of_known_rules_and_written_as_they_must_be(real_sets):
    entries = [one for entries in real_sets.judgement_entries().values() for one in entries]
    assert [text for one in entries for text in real_sets.entry_mistakes(one)] == []
    assert {one["rule"] for one in entries} <= set(load_plugins(foreign=False).rules)


def test_every_set_of_the_judgements_stands_on_the_page(real_sets):
    page = (BENCHMARKS.parents[1] / "docs" / "measured" / "real-sets.md").read_text(encoding="utf-8")
    for key, entries in real_sets.judgement_entries().items():
        assert [one["why"] for one in entries if f"| {one['judgement']} | {one['why']} |" not in page] == [], key


def test_every_caption_names_its_trigger_and_class(real_sets):
    captions = yaml.safe_load(real_sets.CAPTIONS.read_text(encoding="utf-8"))
    assert len(captions) == 14
    for subject in captions.values():
        for texts in subject["images"].values():
            assert set(texts) == {"tags", "sentence"}
            for text in texts.values():
                assert subject["trigger"] in text and subject["class_word"] in text
