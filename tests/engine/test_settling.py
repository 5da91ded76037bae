"""Which findings count: suppressions, the baseline and tolerances, in one order, and the gate after them."""

import json
from datetime import UTC, date, datetime

import numpy as np
import pytest

from report_testing import files
from rule_testing import concept, dataset, training_config
from tagmetry.baseline import SavedFinding, SavedReport
from tagmetry.errors import UsageError
from tagmetry.finding import Severity
from tagmetry.judging import judged_in_parts
from tagmetry.plugins import load_plugins
from tagmetry.policy.match import Masks, Match
from tagmetry.policy.model import Layer, Policy, RuleInParts, RulePatch, Suppression, Told, Tolerance
from tagmetry.python_interface import audit
from tagmetry.rule import Rule
from tagmetry.runner import exit_code
from tagmetry.settling import Circumstances, settle
from tagmetry.today import today

TODAY = date(2026, 6, 1)


def rule_of(name, scope, check, **parts):
    rule = Rule(id=name, severity=Severity.ERROR, evidence="heuristic", messages={"found": "it is odd"}, **parts)
    getattr(rule, scope)(check)
    return rule


SMALL = rule_of(
    "small",
    "each_sample",
    lambda samples, _: iter([SMALL.hits("found", samples.short_side_px < 100)]),
    roles=("train", "regularization"),
)
CAPTIONS = rule_of(
    "captions", "each_sample", lambda samples, _: iter([CAPTIONS.hits("found", samples.captioned, about="caption")])
)
TAGS = rule_of(
    "tags",
    "each_concept",
    lambda concept, _: (TAGS.finding(concept.tag(tag), "found") for tag in concept.tag_frequencies()),
)
WHOLE = rule_of("whole", "whole_dataset", lambda data, _: iter([WHOLE.finding(data.subject(), "found")]))
ALIKE = rule_of(
    "alike",
    "whole_dataset",
    lambda data, _: (ALIKE.finding(data.cluster("near", rows), "found") for rows in data.duplicates.near),
)
WATCHERS = tuple(rule for rule in load_plugins(foreign=False).rules.values() if rule.scope == "each_suppression")

DATA = dataset(
    concept("hat", captions=["red hat", "red hat", None, None], sizes=[(50, 50), (50, 50), (50, 50), (500, 500)]),
    concept("cap", captions=["cap", "cap"], sizes=[(50, 50), (500, 500)]),
    concept("reg", n=2, sizes=[(50, 50), (500, 500)], role="regularization", captions=[None, None]),
    near=[("hat/000.png", "hat/001.png"), ("hat/003.png", "cap/001.png")],
)


def settled(*rules, patches=(), suppressions=(), known=(), today=TODAY, watchers=()):
    policy = Policy("p", ("p",), "", (Layer("p", "p", rules=tuple(patches)),))
    parts = {rule.id: RuleInParts(policy, rule) for rule in rules}
    results = [judged_in_parts(one, DATA, Masks(DATA)) for one in parts.values()]
    given = Circumstances(
        today,
        tuple(suppressions),
        SavedReport(tuple(known), frozenset(parts)) if known else None,
        tuple(policy.rule(rule) for rule in watchers),
    )
    return settle(results, {name: one.whole for name, one in parts.items()}, DATA, given)


def statuses(found):
    return {one.subject.name: one.status for one in found.findings}


def accept(rule, reason="It is meant.", expires=None, **match):
    keys = {key: (value,) if isinstance(value, str) else value for key, value in match.items()}
    return Suppression(rule, reason, Match(**keys) if keys else None, expires, "p.yaml", 7)


# Suppressions


def test_what_fits_a_suppression_is_suppressed_with_its_reason():
    found = settled(SMALL, suppressions=[accept("small", path="hat/00[01].png", expires=date(2027, 3, 31))])
    assert statuses(found) == {
        "cap/000.png": "open",
        "hat/000.png": "suppressed",
        "hat/001.png": "suppressed",
        "hat/002.png": "open",
        "reg/000.png": "open",
    }
    by = found.findings[1].suppressed_by
    assert (by.reason, by.expires, by.place) == ("It is meant.", "2027-03-31", "p.yaml:7")
    assert found.findings[0].suppressed_by is None


def test_a_suppression_is_about_one_rule():
    found = settled(SMALL, WHOLE, suppressions=[accept("whole")])
    assert {one.rule: one.status for one in found.findings} == {"small": "open", "whole": "suppressed"}


@pytest.mark.parametrize(
    ("match", "suppressed"),
    [
        ({"concept": "hat"}, ["hat/000.png", "hat/001.png", "hat/002.png"]),
        ({"role": "regularization"}, ["reg/000.png"]),
        ({"role": ("train", "regularization"), "concept": "[cr]*"}, ["cap/000.png", "reg/000.png"]),
        ({"path": "**", "concept": "cap"}, ["cap/000.png"]),
        ({"concept": "dress"}, []),
    ],
)
def test_images_are_told_apart_by_their_concept_and_role(match, suppressed):
    found = settled(SMALL, suppressions=[accept("small", **match)])
    assert [name for name, status in statuses(found).items() if status == "suppressed"] == suppressed


def test_a_caption_is_meant_by_its_own_path_or_by_that_of_its_image():
    for pattern in ("cap/000.txt", "cap/000.png"):
        found = settled(CAPTIONS, suppressions=[accept("captions", path=pattern)])
        assert [name for name, status in statuses(found).items() if status == "suppressed"] == ["cap/000.txt"]


def test_of_the_images_of_a_tag_or_cluster_all_have_to_be_meant():
    assert statuses(settled(TAGS, suppressions=[accept("tags", path="hat/*")])) == {
        "cap": "open",
        "red hat": "suppressed",
    }
    assert statuses(settled(TAGS, suppressions=[accept("tags", path="hat/000.png")]))["red hat"] == "open"
    assert statuses(settled(TAGS, suppressions=[accept("tags", concept="cap", role="train")]))["cap"] == "suppressed"
    for pattern, expected in (("hat/*", {"suppressed", "open"}), ("**", {"suppressed"}), ("cap/*", {"open"})):
        assert set(statuses(settled(ALIKE, suppressions=[accept("alike", path=pattern)])).values()) == expected


def test_a_finding_about_a_config_is_meant_by_the_path_of_its_file():
    data = dataset(
        concept("hat", n=2),
        config=training_config('[[datasets]]\nresolution = 512\n[[datasets.subsets]]\nimage_dir = "hat"\n'),
    )
    rule = rule_of(
        "configs",
        "each_config",
        lambda config, _: iter([config.finding(rule, "found", config.parts[0].place, rows=[0, 1])]),
    )
    told = judged_in_parts(RuleInParts(Policy("p", ("p",), "", ()), rule), data, Masks(data))
    for path, status in (("config.toml", "suppressed"), ("hat/*", "open"), ("**", "suppressed")):
        found = settle([told], {}, data, Circumstances(TODAY, (accept("configs", path=path),)))
        assert [finding.status for finding in found.findings] == [status]


def test_the_dataset_has_no_path_to_match():
    assert statuses(settled(WHOLE, suppressions=[accept("whole", path="**")])).popitem()[1] == "open"


def test_a_suppression_holds_on_its_last_day_and_not_after_it():
    last = accept("whole", expires=TODAY)
    assert settled(WHOLE, suppressions=[last]).findings[0].status == "suppressed"
    over = settled(WHOLE, suppressions=[last], today=date(2026, 6, 2), watchers=WATCHERS)
    assert [(one.rule, one.status) for one in over.findings] == [("whole", "open"), ("suppression-expired", "open")]


def test_the_first_suppression_that_fits_gives_its_reason_and_the_next_is_not_unused():
    both = [accept("whole", "One."), accept("whole", "Two.")]
    found = settled(WHOLE, suppressions=both, watchers=WATCHERS)
    assert [(one.rule, one.suppressed_by.reason) for one in found.findings] == [("whole", "One.")]


def test_suppressions_that_fit_nothing_or_too_much_are_findings_of_their_own():
    found = settled(
        SMALL, TAGS, suppressions=[accept("small", path="nowhere/*"), accept("elsewhere")], watchers=WATCHERS
    )
    said = [(one.rule, one.message.english()) for one in found.findings if one.rule not in ("small", "tags")]
    assert said == [("suppression-unused", "the suppression of small for path nowhere/* fits no finding")]
    assert {one.rule.id for one in found.results} >= {"suppression-unused", "suppression-too-broad"}


# One cause, one finding

LISTED = rule_of("listed", "whole_dataset", lambda data, _: iter([LISTED.finding(data.subject([2, 3]), "found")]))
NOTES = rule_of(
    "notes",
    "each_sample",
    lambda samples, _: iter([NOTES.hits("found", samples.short_side_px < 100, severity=Severity.INFO)]),
    told_by=("listed", "elsewhere"),
)


def named_by(found, rule):
    return [one.subject.name for one in found.findings if one.rule == rule]


def test_a_note_is_left_out_where_the_finding_of_another_rule_names_its_images():
    assert named_by(settled(NOTES), "notes") == ["cap/000.png", "hat/000.png", "hat/001.png", "hat/002.png"]
    both = settled(NOTES, LISTED)
    assert DATA.paths[2:4] == ("hat/000.png", "hat/001.png")
    assert named_by(both, "notes") == ["cap/000.png", "hat/002.png"]
    assert len(named_by(both, "listed")) == 1


def about(*rows):
    rule = rule_of(
        "whole-notes",
        "whole_dataset",
        lambda data, _: iter([rule.finding(data.subject(rows), "found", severity=Severity.INFO)]),
        told_by=("listed",),
    )
    return rule


@pytest.mark.parametrize(("rows", "left"), [((3, 2), 0), ((2, 3, 4), 1)])
def test_a_note_about_several_images_is_left_out_only_if_all_are_named(rows, left):
    assert len(named_by(settled(about(*rows), LISTED), "whole-notes")) == left


def test_a_warning_is_never_left_out():
    found = settled(NOTES, LISTED, patches=[RulePatch("notes", severity=Told(Severity.WARNING, "p.yaml:1"))])
    assert len(named_by(found, "notes")) == 4


def test_a_note_about_the_dataset_as_a_whole_names_no_images_and_stays():
    assert len(settled(about(), LISTED).findings) == 2


def test_a_suppressed_note_counts_as_met_and_a_suppressed_cause_tells_it_too():
    accepted = settled(NOTES, LISTED, suppressions=[accept("notes", path="hat/*")], watchers=WATCHERS)
    assert statuses(accepted)["hat/000.png"] == "suppressed"
    assert named_by(accepted, "suppression-unused") == []
    cause = settled(NOTES, LISTED, suppressions=[accept("listed")])
    assert named_by(cause, "notes") == ["cap/000.png", "hat/002.png"]


# The baseline


def as_known(found, **changes):
    return [
        SavedFinding(one.fingerprint, one.rule, one.severity, changes.get("status", "open"), "", one.subject.name)
        for one in found.findings
    ]


def test_only_what_is_not_in_the_baseline_is_open():
    before = settled(SMALL)
    found = settled(SMALL, known=as_known(before)[1:])
    assert list(statuses(found).values()) == ["open", "known", "known", "known", "known"]
    assert [len(part) for part in (found.comparison.new, found.comparison.known, found.comparison.fixed)] == [1, 4, 0]
    assert exit_code(found.findings, "error", incomplete=False) == 1
    assert exit_code(settled(SMALL, known=as_known(before)).findings, "info", incomplete=False) == 0


def test_what_is_gone_is_fixed_if_its_rule_has_judged():
    gone = [
        SavedFinding("0" * 16, "small", Severity.ERROR, "open", "", "old.png"),
        SavedFinding("1" * 16, "elsewhere", Severity.ERROR, "open", "", "old.png"),
        SavedFinding("2" * 16, "small", Severity.ERROR, "suppressed", "", "old.png"),
    ]
    comparison = settled(SMALL, known=gone).comparison
    assert [one.fingerprint[0] for one in comparison.fixed] == ["0"]
    assert [one.fingerprint[0] for one in comparison.gone] == ["1"]


def test_what_was_suppressed_before_is_new_once_its_suppression_ends():
    before = as_known(settled(WHOLE), status="suppressed")
    assert settled(WHOLE, known=before).findings[0].status == "open"


def test_what_is_suppressed_is_neither_known_nor_fixed():
    found = settled(WHOLE, known=as_known(settled(WHOLE)), suppressions=[accept("whole")])
    assert found.findings[0].status == "suppressed"
    assert (found.comparison.new, found.comparison.known, found.comparison.fixed) == ((), (), ())


# Tolerances


def tolerate(rule, *, match=None, **amount):
    return RulePatch(rule, tolerate=Told(Tolerance(**amount), "p.yaml:1"), match=match)


@pytest.mark.parametrize(
    ("amount", "status"),
    [({"count": 5}, "tolerated"), ({"count": 4}, "open"), ({"share": 5 / 8}, "tolerated"), ({"share": 0.62}, "open")],
)
def test_up_to_the_tolerance_all_are_tolerated_and_beyond_it_none(amount, status):
    found = settled(SMALL, patches=[tolerate("small", **amount)])
    assert set(statuses(found).values()) == {status}
    assert exit_code(found.findings, "error", incomplete=False) == int(status == "open")


def test_what_is_suppressed_or_known_does_not_use_up_the_tolerance():
    before = as_known(settled(SMALL))
    found = settled(
        SMALL,
        patches=[tolerate("small", count=2)],
        suppressions=[accept("small", path="cap/*")],
        known=[one for one in before if one.subject in ("hat/000.png", "reg/000.png")],
    )
    assert statuses(found) == {
        "cap/000.png": "suppressed",
        "hat/000.png": "known",
        "hat/001.png": "tolerated",
        "hat/002.png": "tolerated",
        "reg/000.png": "known",
    }


def test_parts_with_tolerances_of_their_own_count_by_themselves():
    found = settled(
        SMALL, patches=[tolerate("small", count=1), tolerate("small", match=Match(path=("hat/*",)), share=0.5)]
    )
    assert statuses(found) == {
        "cap/000.png": "open",
        "hat/000.png": "open",
        "hat/001.png": "open",
        "hat/002.png": "open",
        "reg/000.png": "open",
    }
    found = settled(
        SMALL, patches=[tolerate("small", count=2), tolerate("small", match=Match(path=("hat/*",)), share=0.5)]
    )
    assert [name for name, status in statuses(found).items() if status == "tolerated"] == ["cap/000.png", "reg/000.png"]


def test_concepts_are_counted_and_not_their_tags():
    assert set(statuses(settled(TAGS, patches=[tolerate("tags", share=1.0)])).values()) == {"tolerated"}
    assert set(statuses(settled(TAGS, patches=[tolerate("tags", count=1)])).values()) == {"open"}


def test_findings_about_the_whole_dataset_are_counted_one_by_one():
    assert set(statuses(settled(ALIKE, patches=[tolerate("alike", count=1)])).values()) == {"open"}
    assert set(statuses(settled(ALIKE, patches=[tolerate("alike", count=2)])).values()) == {"tolerated"}


def test_the_status_never_changes_a_fingerprint():
    plain = {one.subject.name: one.fingerprint for one in settled(SMALL).findings}
    found = settled(SMALL, patches=[tolerate("small", count=4)], suppressions=[accept("small", path="cap/*")])
    assert {one.subject.name: one.fingerprint for one in found.findings} == plain
    assert {one.status for one in found.findings} == {"suppressed", "tolerated"}


# The day


def test_the_day_can_be_told_by_the_environment():
    assert today({"SOURCE_DATE_EPOCH": "0"}) == date(1970, 1, 1)
    assert today({"SOURCE_DATE_EPOCH": " 1780272000 "}) == date(2026, 6, 1)
    assert abs((today({}) - datetime.now(tz=UTC).date()).days) <= 1


@pytest.mark.parametrize("told", ["soon", "9" * 30, "1.5"])
def test_a_day_that_is_none_is_wrong_usage(told):
    with pytest.raises(UsageError):
        today({"SOURCE_DATE_EPOCH": told})


# A whole run


def image(path, seed):
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 255, (80, 80, 3), dtype=np.uint8)
    with Image.fromarray(noise) as picture:
        picture.save(path)


POLICY = """\
tagmetry: 1
extends: tagmetry:recommended
rules: {missing-caption: error}
suppressions:
  - {rule: missing-caption, match: {path: "a/0.png"}, reason: Only <one> left., expires: 2026-12-31}
  - {rule: exact-duplicates, reason: Old., expires: 2020-01-01}
"""


def test_a_run_tells_every_status_in_every_output(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1780272000")
    for number in range(3):
        image(tmp_path / f"set/a/{number}.png", number)
    policy = tmp_path / "tagmetry.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    reporters = load_plugins(foreign=False).reporters
    first = audit(tmp_path / "set", str(policy), plugins=False)
    assert first.exit_code == 1
    text = json.loads(files(reporters["json"], first)[""])
    (accepted,) = [one for one in text["findings"] if one["status"] == "suppressed"]
    assert accepted["suppression"] == {
        "reason": "Only <one> left.",
        "expires": "2026-12-31",
        "place": "tagmetry.yaml:5",
    }
    assert text["summary"]["suppressed"] == 1
    assert [one["rule"] for one in text["findings"] if one["rule"].startswith("suppression-")] == [
        "suppression-expired"
    ]
    assert (
        "missing-caption: 1 finding, suppressed until 2026-12-31: Only <one> left."
        in files(reporters["text"], first)[""]
    )
    concise = files(reporters["text"], first, concise=True)[""]
    assert "a/0.png has no caption [suppressed until 2026-12-31: Only <one> left.]\n" in concise
    page = files(reporters["html"], first)[""]
    assert "Only &lt;one&gt; left. (until 2026-12-31)" in page
    saved = tmp_path / "first.json"
    saved.write_text(json.dumps(text), encoding="utf-8")
    image(tmp_path / "set/a/3.png", 3)
    (tmp_path / "set/a/1.txt").write_text("a hat", encoding="utf-8")
    second = audit(tmp_path / "set", str(policy), plugins=False, baseline=saved)
    missing = {one.subject.paths[-1]: one.status for one in second.findings if one.rule == "missing-caption"}
    assert missing == {"a/0.png": "suppressed", "a/2.png": "known", "a/3.png": "open"}
    assert [one.rule for one in second.baseline.fixed] == ["missing-caption"]
    told = json.loads(files(reporters["json"], second)[""])["baseline"]
    n_open = sum(one.status == "open" for one in second.findings)
    assert (told["new"], [one["message"] for one in told["fixed"]]) == (n_open, ["a/1.png has no caption"])
    assert f"since the baseline: {n_open} new, 1 fixed" in files(reporters["text"], second)[""]
