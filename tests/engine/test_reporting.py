"""From findings to the report: order, severities, fingerprints, the account of files, figures, risks and verdict."""

import hashlib
import json
import random
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rule_testing import caption_problem, concept, dataset, orphan, problem
from tagmetry.attributes import ATTRIBUTES
from tagmetry.dataset import Excluded
from tagmetry.finding import Finding, Location, Measurement, Severity, Subject
from tagmetry.judging import Judged
from tagmetry.messages import Message, message
from tagmetry.options import option
from tagmetry.policy.model import EffectiveRule
from tagmetry.reporting import (
    account,
    clusters,
    coverage,
    dataset_summary,
    fingerprint,
    image_table,
    metrics,
    outcomes,
    reported,
    summary,
    tag_rows,
)
from tagmetry.risks import risks
from tagmetry.rule import Remedies, Rule


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(0.9, "Share.", unit="share", low=0, high=1, source="S0")


def rule_named(name, *, severity=Severity.WARNING, points_to=(), **parts):
    return Rule(
        id=name,
        severity=severity,
        evidence="community",
        messages={"found": "{path} is odd", "plain": "it is odd"},
        points_to=points_to,
        options=Options,
        **parts,
    )


def settled(rule, *, severity=None, limit_origin="S0"):
    return EffectiveRule(rule, severity, "", rule.options(), {"limit": limit_origin})


def report_of(*said, severity=None, limit_origin="S0"):
    """What is reported when each (rule, findings) was said."""
    judged = [Judged(rule, tuple(found), (), 1) for rule, found in said]
    effective = {rule.id: settled(rule, severity=severity, limit_origin=limit_origin) for rule, _ in said}
    return reported(judged, effective)


def sample(path, content, **parts):
    return Finding("odd", Subject("sample", path, (content,), (path,)), "plain", **parts)


ODD, EVEN = rule_named("odd"), rule_named("even")


# --- fingerprints -------------------------------------------------------------------------------------------------


def expected(*identity):
    text = json.dumps(identity, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


DATA = dataset(
    concept("hat", captions=["Red_Hat, cap", "cap", None]),
    near=[("hat/001.png", "hat/000.png")],
    problems=[problem("broken.png", "unreadable", "empty")],
)
(HAT,) = DATA.concepts
TAGS = {tag.form: tag for tag in HAT.tag_frequencies()}


@pytest.mark.parametrize(
    ("subject", "identity"),
    [
        (DATA.subject(), "dataset"),
        (DATA.sample(1), DATA.digest(1)),
        (DATA.caption(1), DATA.digest(1)),
        (DATA.caption(2), DATA.digest(2)),
        (DATA.file("orphan.txt"), "orphan.txt"),
        (DATA.file_problems[0].subject(), "broken.png"),
        (HAT.subject(), "hat"),
        (HAT.tag(TAGS["red hat"]), ["hat", "red hat"]),
        (HAT.pair(TAGS["red hat"], TAGS["cap"]), ["hat", "cap", "red hat"]),
        (DATA.cluster("near", (0, 1)), DATA.digest(1)),
        (Subject("config", "train.toml", ("train.toml", "datasets.0.batch_size"), ("train.toml",)),
         ["train.toml", "datasets.0.batch_size"]),
    ],
    ids=lambda value: value.kind if isinstance(value, Subject) else "",
)  # fmt: skip
def test_a_fingerprint_is_the_hash_of_rule_kind_identity_key_and_number(subject, identity):
    finding = Finding("odd", subject, "plain", key="k")
    assert fingerprint(finding, 2) == expected("odd", subject.kind, identity, "k", 2)


def test_the_fingerprint_of_a_finding_never_changes_between_versions():
    # Baselines are made of these. printf '["near-duplicate-ratio","dataset","dataset","",0]' | sha256sum
    assert fingerprint(Finding("near-duplicate-ratio", DATA.subject(), "found"), 0) == "cd5bde7680afd002"


def test_wording_figures_severity_place_and_file_name_leave_the_fingerprint_alone():
    finding = sample("a.png", "c0ffee")
    others = [
        replace(finding, message="found", values={"path": "a.png"}),
        replace(finding, measured=Measurement("m", 0.5, 0.9)),
        replace(finding, severity=Severity.ERROR, evidence="documented", location=Location(7)),
        sample("renamed/b.png", "c0ffee"),
    ]
    assert {fingerprint(other, 0) for other in others} == {fingerprint(finding, 0)}


def test_rule_kind_content_key_and_number_each_make_another_fingerprint():
    finding = sample("a.png", "c0ffee")
    others = [
        fingerprint(finding, 0),
        fingerprint(finding, 1),
        fingerprint(replace(finding, rule="even"), 0),
        fingerprint(replace(finding, key="k"), 0),
        fingerprint(sample("a.png", "decade"), 0),
        fingerprint(replace(finding, subject=replace(finding.subject, kind="caption")), 0),
    ]
    assert len(set(others)) == len(others)


def test_names_that_are_no_utf8_have_fingerprints():
    name = b"caf\xe9.png".decode("utf-8", errors="surrogateescape")
    assert fingerprint(Finding("odd", DATA.file(name), "plain"), 0) == expected("odd", "file", name, "", 0)


def test_equal_findings_are_numbered_in_path_order():
    found = report_of((ODD, [sample("b.png", "same"), sample("c.png", "other"), sample("a.png", "same")]))
    assert [(one.subject.name, one.fingerprint) for one in found] == [
        ("a.png", expected("odd", "sample", "same", "", 0)),
        ("b.png", expected("odd", "sample", "same", "", 1)),
        ("c.png", expected("odd", "sample", "other", "", 0)),
    ]


def test_renaming_a_file_changes_no_other_fingerprint():
    before = report_of((ODD, [sample("a.png", "1"), sample("b.png", "2"), sample("c.png", "3")]))
    after = report_of((ODD, [sample("a.png", "1"), sample("z.png", "2"), sample("c.png", "3")]))
    assert {one.fingerprint for one in before} == {one.fingerprint for one in after}


def test_lines_of_one_file_keep_their_fingerprints_when_they_move():
    file = DATA.file("metadata.jsonl")

    def lines(*numbers):
        found = [
            Finding("odd", file, "plain", key=name, location=Location(n)) for name, n in zip("ab", numbers, strict=True)
        ]
        return {one.message_id + one.fingerprint for one in report_of((ODD, found))}

    assert lines(1, 2) == lines(40, 3)


# --- order --------------------------------------------------------------------------------------------------------


def test_the_worst_come_first_then_rules_then_paths():
    found = report_of(
        (ODD, [sample("b.png", "1"), sample("a.png", "2", severity=Severity.ERROR), sample("a.png", "3")]),
        (EVEN, [replace(sample("z.png", "4"), rule="even"), Finding("even", DATA.subject(), "plain")]),
    )
    assert [(one.severity.label, one.rule, one.subject.name) for one in found] == [
        ("error", "odd", "a.png"),
        ("warning", "even", "hats"),
        ("warning", "even", "z.png"),
        ("warning", "odd", "a.png"),
        ("warning", "odd", "b.png"),
    ]


@given(st.randoms(use_true_random=False))
def test_the_order_in_which_rules_speak_does_not_matter(shuffler):
    findings = [
        sample(path, content, key=key, location=Location(line))
        for path, content, key, line in [
            ("b.png", "1", "", 1),
            ("a.png", "1", "", 1),
            ("a.png", "2", "k", 2),
            ("a.png", "2", "j", 2),
            ("\udc80.png", "2", "", 1),
            ("あ.png", "2", "", 3),
        ]
    ]
    others = [Finding("even", DATA.subject(), "plain")]
    wanted = report_of((ODD, findings), (EVEN, others))
    shuffled = list(findings)
    shuffler.shuffle(shuffled)
    assert report_of((EVEN, others), (ODD, shuffled)) == wanted


# --- severity, limits, texts --------------------------------------------------------------------------------------


def test_a_policys_severity_replaces_what_the_rule_proposes():
    proposal = [sample("a.png", "1", severity=Severity.ERROR), sample("b.png", "2")]
    assert [one.severity.label for one in report_of((ODD, proposal))] == ["error", "warning"]
    assert [one.severity.label for one in report_of((ODD, proposal), severity=Severity.INFO)] == ["info", "info"]


def test_the_origin_of_a_limit_is_that_of_its_option():
    measured = Measurement("m", 0.95, 0.9, option="limit")
    (one,) = report_of((ODD, [sample("a.png", "1", measured=measured)]), limit_origin="tagmetry.yaml:7")
    assert one.limit_origin == "tagmetry.yaml:7"
    for other, origin in (
        (None, ""),
        (Measurement("m", 0.95, 0.9), "tagmetry"),
        (Measurement("m", 0.95, 0.9, option="unheard"), ""),
    ):
        (one,) = report_of((ODD, [sample("a.png", "1", measured=other)]))
        assert one.limit_origin == origin


def test_messages_and_remedies_carry_the_findings_values():
    rule = rule_named(
        "odd",
        remedies={"found": Remedies(data=("remove {path}",), training=("train less on {path}",))},
        points_to=("instability",),
    )
    (one,) = report_of((rule, [replace(sample("a.png", "1"), message="found", values={"path": "a.png"})]))
    assert one.message.english() == "a.png is odd"
    assert [text.english() for text in (*one.data_remedies, *one.training_remedies)] == [
        "remove a.png",
        "train less on a.png",
    ]
    assert (one.message_id, one.status, one.evidence, one.points_to) == ("found", "open", "community", ("instability",))


def test_the_evidence_of_a_finding_comes_before_that_of_its_rule():
    (one,) = report_of((ODD, [sample("a.png", "1", evidence="heuristic")]))
    assert one.evidence == "heuristic"


# --- outcomes, verdict, risks -------------------------------------------------------------------------------------


def test_every_rule_has_one_line_in_order_of_ids():
    names = ("found", "clean", "skipped", "partly", "broken")
    rules = {name: rule_named(name) for name in names}
    reason, other = message("there are no captions"), message("only {n:count} images", n=3)
    judged = [
        Judged(rules["found"], (replace(sample("a.png", "1"), rule="found"),), (reason,), 1),
        Judged(rules["clean"], (), (), 1),
        Judged(rules["skipped"], (), (reason, other), 0),
        Judged(rules["partly"], (), (other,), 2),
        Judged(rules["broken"], (), (), 0, failure="ValueError: {braces}"),
    ]
    findings = reported(judged, {name: settled(rule) for name, rule in rules.items()})
    lines = outcomes(judged, findings, ["zzz", "aaa"])
    assert [(line.rule, line.outcome, line.n, line.reason and line.reason.english()) for line in lines] == [
        ("aaa", "off", 0, None),
        ("broken", "failed", 0, "ValueError: {braces}"),
        ("clean", "clean", 0, None),
        ("found", "found", 1, None),
        ("partly", "clean", 0, "only 3 images"),
        ("skipped", "skipped", 0, "there are no captions"),
        ("zzz", "off", 0, None),
    ]


def findings_with(*severities, status="open", points_to=("memorization",)):
    rule = rule_named("odd", points_to=points_to)
    found = report_of((rule, [sample(f"{n}.png", str(n), severity=one) for n, one in enumerate(severities)]))
    return tuple(replace(one, status=status) for one in found)


ONE = dataset(concept("hat", n=1))
ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


@pytest.mark.parametrize(
    ("severities", "verdict"),
    [
        ([], "ready"),
        ([INFO], "ready"),
        ([WARNING, INFO], "ready-with-warnings"),
        ([ERROR, WARNING, INFO], "not-ready"),
    ],
)
def test_the_verdict_is_that_of_the_worst_open_finding(severities, verdict):
    found = findings_with(*severities)
    told = summary(found, incomplete=False)
    assert told.verdict == verdict
    assert (told.error, told.warning, told.info) == tuple(severities.count(one) for one in (ERROR, WARNING, INFO))
    assert summary(found, incomplete=True).verdict == "incomplete"


@pytest.mark.parametrize("status", ["suppressed", "known", "tolerated"])
def test_findings_that_are_not_open_do_not_count(status):
    told = summary(findings_with(ERROR, WARNING, status=status), incomplete=False)
    assert (told.verdict, told.error, told.warning) == ("ready", 0, 0)
    assert told.suppressed == (2 if status == "suppressed" else 0)


@pytest.mark.parametrize(
    ("severities", "level"),
    [
        ([INFO], "low"),
        ([INFO] * 9, "low"),
        ([WARNING, INFO], "medium"),
        ([WARNING] * 2, "medium"),
        ([WARNING] * 3, "high"),
        ([ERROR], "high"),
    ],
)
def test_the_risk_of_a_failure_mode_follows_what_points_to_it(severities, level):
    found = findings_with(*severities)
    (risk,) = risks(found, ONE)
    assert (risk.failure_mode, risk.level) == ("memorization", level)
    assert risk.because == tuple(one.fingerprint for one in found)


def test_only_modes_to_which_something_open_points_are_risks():
    assert risks(findings_with(ERROR, points_to=()), ONE) == ()
    assert risks(findings_with(ERROR, status="suppressed"), ONE) == ()
    both = risks(findings_with(INFO, points_to=("instability", "concept-bleed")), ONE)
    assert [risk.failure_mode for risk in both] == ["concept-bleed", "instability"]


def test_clusters_are_listed_once_whoever_found_them():
    data = dataset(concept("hat", n=5), near=[("hat/000.png", "hat/001.png")], exact=[("hat/003.png", "hat/004.png")])
    near, exact = data.cluster("near", (0, 1)), data.cluster("exact", (3, 4))
    found = report_of(
        (ODD, [Finding("odd", near, "plain"), Finding("odd", exact, "plain")]), (EVEN, [Finding("even", near, "plain")])
    )
    assert [(one.kind, one.keeper) for one in clusters(found)] == [("exact", "hat/003.png"), ("near", "hat/000.png")]


# --- the account of files -----------------------------------------------------------------------------------------


def excluded(path, reason="other-file", n=1):
    return Excluded(path, reason, message("for a reason"), n)


def said_of(*paths):
    return report_of((ODD, [Finding("odd", DATA.file(path), "plain") for path in paths]))


def counted(data, n_seen, findings=(), captions=()):
    files, left_out = account(data, findings, n_seen, set(captions))
    assert files.adds_up
    return files.explained, {entry.path: entry.id for entry in left_out}


HATS = concept("hat", n=2)


def test_images_and_their_captions_explain_themselves():
    files, left_out = account(dataset(HATS), (), 4, {"hat/000.txt", "hat/001.txt"})
    assert (files.seen, files.audited_images, files.used_captions, files.explained) == (4, 2, 2, 0)
    assert files.adds_up
    assert left_out == ()


def test_a_file_that_nobody_explains_is_missed():
    files, _ = account(dataset(HATS), (), 3, set())
    assert not files.adds_up


def test_what_is_left_out_counts_with_all_its_files():
    data = dataset(HATS, excluded=[excluded(".git", "hidden-folder", n=7), excluded("b.bin"), excluded("a.bin")])
    assert counted(data, 11) == (9, {".git": "hidden-folder", "a.bin": "other-file", "b.bin": "other-file"})


def test_a_problem_with_a_finding_is_explained_by_it():
    data = dataset(HATS, problems=[problem("x.png", "unreadable", "empty")])
    assert counted(data, 3, said_of("x.png")) == (1, {})


def test_a_problem_whose_rule_is_off_is_left_out_with_its_reason():
    data = dataset(HATS, problems=[problem("x.png", "unreadable", "empty"), problem("y.psd", "format", "not-allowed")])
    assert counted(data, 4) == (2, {"x.png": "unreadable-file", "y.psd": "format-file"})
    _, left_out = account(data, (), 4, set())
    assert [entry.text.english() for entry in left_out] == [
        "could not be used (empty)",
        "could not be used (not-allowed)",
    ]


def test_several_problems_of_one_manifest_are_one_file():
    lines = [problem("metadata.jsonl", "manifest", "invalid-line", line=n) for n in (1, 2, 9)]
    read = excluded("metadata.jsonl", "manifest")
    assert counted(dataset(HATS, problems=lines, excluded=[read]), 3) == (1, {"metadata.jsonl": "manifest"})
    assert counted(dataset(HATS, problems=lines, excluded=[read]), 3, said_of("metadata.jsonl"))[0] == 1
    assert counted(dataset(HATS, problems=lines), 3, said_of("metadata.jsonl")) == (1, {})
    assert counted(dataset(HATS, problems=lines), 3) == (1, {"metadata.jsonl": "manifest-file"})


def test_an_orphan_is_explained_by_its_finding_or_left_out():
    data = dataset(HATS, orphans=[orphan("b.txt"), orphan("a.txt")])
    assert counted(data, 4, said_of("a.txt", "b.txt")) == (2, {})
    assert counted(data, 4, said_of("a.txt")) == (2, {"b.txt": "caption-without-image"})


def test_an_orphan_that_is_also_a_problem_is_one_file():
    data = dataset(HATS, orphans=[orphan("a.txt")], problems=[problem("a.txt", "unreachable", "io-error")])
    assert counted(data, 3) == (1, {"a.txt": "unreachable-file"})
    assert counted(data, 3, said_of("a.txt")) == (1, {})


def test_a_file_left_out_for_two_reasons_is_one_file():
    data = dataset(HATS, excluded=[excluded("a.txt", "second-caption"), excluded("a.txt", "caption-of-unusable-image")])
    assert counted(data, 3)[0] == 1


def test_a_file_that_is_used_is_not_left_out_whatever_else_is_said_of_it():
    data = dataset(
        HATS,
        problems=[problem("hat/000.png", "unreachable", "changed"), problem("hat/000.txt", "manifest", "invalid-line")],
        excluded=[excluded("hat/001.png")],
        orphans=[orphan("hat/001.txt")],
    )
    assert counted(data, 4, captions=["hat/000.txt", "hat/001.txt"]) == (0, {})


def test_a_badly_written_caption_is_used_all_the_same():
    data = dataset(HATS, caption_problems=[caption_problem("hat/000.txt", 0, "not-utf8", offset=3)])
    found = report_of((ODD, [Finding("odd", data.caption(0), "plain")]))
    assert counted(data, 4, found, captions=["hat/000.txt", "hat/001.txt"]) == (0, {})


PATHS = [f"{n}.x" for n in range(6)]


@given(
    st.lists(st.tuples(st.sampled_from(PATHS), st.integers(0, 3)), max_size=8),
    st.lists(st.sampled_from(PATHS), max_size=4),
    st.lists(st.sampled_from(PATHS), max_size=4),
    st.sets(st.sampled_from(PATHS)),
)
def test_every_file_is_counted_once_however_often_it_is_explained(problems, orphans, left_out, named):
    data = dataset(
        HATS,
        problems=[problem(path, "manifest", "invalid-line", line=line) for path, line in problems],
        orphans=[orphan(path) for path in orphans],
        excluded=[excluded(path) for path in left_out],
    )
    explained = {path for path, _ in problems} | set(orphans) | set(left_out)
    found = said_of(*(named & explained))
    files, entries = account(data, found, 2 + len(explained), set())
    assert files.adds_up
    paths = [entry.path for entry in entries]
    assert paths == sorted(set(paths))
    assert explained == set(paths) | named & explained


# --- figures ------------------------------------------------------------------------------------------------------


def test_figures_of_the_dataset_are_over_training_images():
    data = dataset(
        concept(
            "hat", captions=["red hat", "red hat", "", None], sizes=[(512, 768), (1024, 1024), (900, 600), (64, 80)]
        ),
        concept("woman", n=5, role="regularization", captions="photo of a woman"),
        near=[("hat/000.png", "hat/001.png", "hat/002.png")],
        tokens={"hat": 2, "": 0, "photo of a woman": 4},
    )
    assert metrics(data) == {
        "n_images": 9,
        "n_train": 4,
        "n_reg": 5,
        "n_concepts": 1,
        "exact_duplicate_ratio": 0.0,
        "near_duplicate_ratio": 0.75,
        "largest_cluster_share": 0.75,
        "effective_n": 2,
        "caption_missing_ratio": 0.5,
        "captionless_share": 0.5,
        "vocabulary_size": 1,
        "tag_noise": 0.0,
        "tag_gini": 0.0,
        "top_k_share": 1.0,
        "entropy_headwear": 0.0,
        "concept_imbalance": 1.0,
        "exposures_per_epoch": 4.0,
        "caption_tokens_median": 2.0,
        "caption_tokens_max": 2.0,
        "short_side_px_min": 64,
        "short_side_px_median": 556.0,
    }


def test_pairs_do_not_count_in_the_ratio_of_near_duplicates():
    data = dataset(concept("hat", n=4), near=[("hat/000.png", "hat/001.png")])
    told = metrics(data)
    assert (told["near_duplicate_ratio"], told["largest_cluster_share"], told["effective_n"]) == (0.0, 0.5, 3)


def test_a_dataset_without_training_images_has_figures_without_division_by_zero():
    told = metrics(dataset(concept("woman", n=2, role="regularization")))
    assert (told["n_images"], told["n_train"], told["n_reg"], told["caption_missing_ratio"]) == (2, 0, 2, 0.0)
    assert "short_side_px_min" not in told and "caption_tokens_max" not in told


def test_one_image_without_a_caption_has_figures():
    told = metrics(dataset(concept("hat", captions=[None])))
    assert (told["n_train"], told["caption_missing_ratio"], told["vocabulary_size"]) == (1, 1.0, 0)
    assert "caption_tokens_max" not in told


def test_the_summary_names_concepts_and_folders():
    data = dataset(
        concept("hat", n=3, repeats=10, trigger="sks", class_word="hat"), concept("reg", role="regularization")
    )
    files, left_out = account(data, (), 4, set())
    told = dataset_summary(data, files, left_out)
    assert (told.root, told.n_images, told.n_captions) == ("hats", 4, 4)
    assert [(one.name, one.role, one.n, one.exposure, one.trigger, one.repeats) for one in told.concepts] == [
        ("hat", "train", 3, 30.0, "sks", 10.0),
        ("reg", "regularization", 1, 1.0, None, 1.0),
    ]
    assert [(one.path, one.concept, one.role, one.n) for one in told.folders] == [
        ("hat", "hat", "train", 3),
        ("reg", "reg", "regularization", 1),
    ]


def test_the_table_of_images_has_a_row_for_each():
    data = dataset(concept("hat", captions=["cap", None], sizes=[(640, 480), (100, 200)]), concept("a", role="holdout"))
    table = image_table(data)
    assert table.paths == ("a/000.png", "hat/000.png", "hat/001.png")
    assert [table.concept.label(row) for row in range(3)] == ["a", "hat", "hat"]
    assert [table.role.label(row) for row in range(3)] == ["holdout", "train", "train"]
    assert table.captions == ("a", "cap", "")
    assert table.width.values.tolist() == [1024, 640, 100]
    assert table.tokens.valid.tolist() == [True, True, False]


def test_tags_are_told_by_concept_and_not_for_sentences():
    parts = (concept("hat", captions=["red hat, cap", "cap"]), concept("reg", captions="woman", role="regularization"))
    assert [(row.concept, row.tag, row.n, row.share) for row in tag_rows(dataset(*parts))] == [
        ("hat", "cap", 2, 1.0),
        ("hat", "red hat", 1, 0.5),
    ]
    assert tag_rows(dataset(*parts, caption_style="sentences")) == ()


def test_many_findings_take_linear_time():
    findings = [sample(f"{n:06d}.png", f"{n % 1000:064x}") for n in range(20_000)]
    random.Random(1).shuffle(findings)
    found = report_of((ODD, findings))
    assert len({one.fingerprint for one in found}) == 20_000
    assert all(one.subject.name < other.subject.name for one, other in pairwise(found))
    assert isinstance(found[0].message, Message)


def test_coverage_tells_what_captions_say_of_each_attribute_and_what_never():
    data = dataset(
        concept("hat", captions=["beach, day, close-up", "forest, Beach", None]),
        concept("mute", n=1, captions=[None]),
        concept("reg", n=1, captions=["night"], role="regularization"),
    )
    rows = {row.group: row for row in coverage(data)}
    assert {row.concept for row in coverage(data)} == {"hat"}
    assert tuple(rows) == ATTRIBUTES
    background, time, season = rows["background"], rows["time"], rows["season"]
    assert (background.n, background.named, background.n_values) == (2, 2, 2)
    assert background.values == (("Beach", 2), ("forest", 1)) or background.values == (("beach", 2), ("forest", 1))
    assert (background.entropy, background.estimated) == (1.0, False)
    assert (time.values, time.entropy, time.never) == ((("day", 1),), None, ("night",))
    assert (season.named, season.never) == (0, ("autumn", "spring", "summer", "winter"))
