"""Suppressions in a policy: what is read, and what is refused."""

from dataclasses import replace
from datetime import date

import pytest

from policy_testing import PLUGINS, RULES, load, loaded, make_plugins, problems, rule, write
from tagmetry.policy.match import Match
from tagmetry.policy.model import Suppression
from tagmetry.policy.printing import as_data, as_text

pytestmark = pytest.mark.usefixtures("folder")

TEXT = """\
suppressions:
  - rule: tag-frequency
    match: {path: ["a/**", "*.png"], concept: hat, role: train}
    reason: Only surviving photos of 2009.
    expires: 2027-03-31
  - {rule: soft-image, reason: "It is meant: so"}
"""


def test_a_suppression_is_read_with_its_place():
    assert loaded(TEXT).suppressions() == (
        Suppression(
            "tag-frequency",
            "Only surviving photos of 2009.",
            Match(("a/**", "*.png"), ("hat",), ("train",)),
            date(2027, 3, 31),
            "tagmetry.yaml",
            3,
        ),
        Suppression("blurry-image", "It is meant: so", None, None, "tagmetry.yaml", 7),
    )


ALIKE = make_plugins((*RULES, rule("near-duplicate-cluster", scope="whole_dataset")))
TWINS = """\
suppressions:
  - rule: near-duplicate-cluster
    match: {path: [a.png, b.png]}
    reason: Twins.
    different: true
"""


def test_images_can_be_declared_different_by_their_paths():
    (found,) = loaded(TWINS, ALIKE).suppressions()
    assert (found.different, found.match.path) == (True, ("a.png", "b.png"))
    assert "different: true" in as_text(loaded(TWINS, ALIKE), ALIKE.rules.values())
    assert not loaded(TWINS.replace("true", "false"), ALIKE).suppressions()[0].different


@pytest.mark.parametrize(
    "one",
    [
        "{rule: tag-frequency, match: {path: a.png}, reason: a, different: true}",
        "{rule: near-duplicate-cluster, reason: a, different: true}",
        "{rule: near-duplicate-cluster, match: {path: a.png, role: train}, reason: a, different: true}",
    ],
)
def test_only_paths_of_one_rule_can_be_declared_different(one):
    ((_, code, said, _),) = problems(f"suppressions: [{one}]", ALIKE)
    assert code == "policy-value"
    assert said == "'different' goes with 'rule: near-duplicate-cluster' and a match of paths alone"


def test_suppressions_of_all_layers_add_up():
    write("house.yaml", "suppressions: [{rule: tag-frequency, reason: One.}]")
    policy = loaded("extends: house.yaml\nsuppressions: [{rule: tag-frequency, reason: Two.}]")
    assert [(one.reason, one.place) for one in policy.suppressions()] == [
        ("One.", "house.yaml:2"),
        ("Two.", "tagmetry.yaml:3"),
    ]


@pytest.mark.parametrize(
    ("one", "place", "code", "said"),
    [
        ("{rule: tag-frequncy, reason: a}", "2:23", "policy-unknown-rule", "unknown rule 'tag-frequncy'"),
        ("{rule: tag-frequency}", "2:16", "policy-missing-key", "suppressions[0] has no 'reason'"),
        ("{rule: tag-frequency, reason: ' '}", "2:46", "policy-value", "suppressions[0].reason is empty"),
        ("{rule: tag-frequency, reason: ''}", "2:46", "policy-value", "suppressions[0].reason is empty"),
        (
            "{rule: tag-frequency, reason: a, expires: 2027-02-29}",
            "2:58",
            "policy-value",
            "suppressions[0].expires is 2027-02-29, and there is no such day",
        ),
        (
            "{rule: tag-frequency, reason: a, expires: soon}",
            "2:58",
            "policy-value",
            "suppressions[0].expires is soon, which does not have the right form",
        ),
        ("{rule: tag-frequency, reason: a, match: {}}", "2:49", "policy-match", "suppressions[0].match names nothing"),
        (
            "{rule: tag-frequency, reason: a, match: {path: old}}",
            "2:63",
            "policy-pattern",
            "the pattern 'old' names a folder, and patterns are compared with images",
        ),
        ("{rule: tag-frequency, reason: a, until: b}", "2:49", "policy-unknown-key", None),
    ],
)
def test_what_is_wrong_with_a_suppression_is_told(one, place, code, said):
    found = problems(f"suppressions: [{one}]")
    assert [(where, which) for where, which, _, _ in found] == [(place, code)]
    assert said is None or found[0][2] == said


def test_the_rules_that_watch_over_suppressions_cannot_be_suppressed():
    watching = rule("suppression-unused", scope="each_suppression")
    plugins = make_plugins((*PLUGINS.rules.values(), watching))
    assert problems("suppressions: [{rule: suppression-unused, reason: a}]", plugins) == [
        (
            "2:23",
            "policy-value",
            "suppression-unused watches over suppressions, so it cannot be suppressed itself",
            "switch it off under 'rules', for all to see",
        )
    ]


def test_suppressions_are_shown_and_read_back():
    policy = loaded(TEXT)
    shown = as_text(policy, PLUGINS.rules.values())
    assert (
        shown[shown.index("suppressions:") : shown.index("balance:")]
        == """\
suppressions:
  - rule: tag-frequency                     # tagmetry.yaml:3
    match: {path: [a/**, "*.png"], concept: hat, role: train}
    reason: Only surviving photos of 2009.
    expires: "2027-03-31"
  - rule: blurry-image                      # tagmetry.yaml:7
    reason: "It is meant: so"

"""
    )
    write("shown.yaml", shown, version=False)
    places = [replace(one, file="", line=0) for one in load("shown.yaml").suppressions()]
    assert places == [replace(one, file="", line=0) for one in policy.suppressions()]
    assert as_data(policy, PLUGINS.rules.values())["suppressions"][1] == {
        "rule": "blurry-image",
        "reason": "It is meant: so",
        "origin": "tagmetry.yaml:7",
    }
