"""Locks and tolerances in a policy: what is read, what is refused after a lock, and who is named."""

import pytest

from policy_testing import PLUGINS, effective, joined, load, loaded, problems, refused, write
from tagmetry.cli.explain import decision
from tagmetry.errors import UsageError
from tagmetry.finding import Severity
from tagmetry.policy.flags import flag_layer, with_flags
from tagmetry.policy.model import Tolerance
from tagmetry.policy.place import place_of
from tagmetry.policy.printing import as_data, as_text
from tagmetry.runner import Request, run

pytestmark = pytest.mark.usefixtures("folder")

FREQUENCY = PLUGINS.rules["tag-frequency"]


def over(project, house="rules: {tag-frequency: {severity: warning, limit: 80%, lock: true}}"):
    write("house.yaml", house)
    write("tagmetry.yaml", "extends: house.yaml\n" + project)


def codes(project, **parts):
    over(project, **parts)
    return [one.partition("]")[0] for one in refused().split("error[")[1:]]


# Locks


def test_a_locked_rule_can_be_raised():
    over("rules: {tag-frequency: error}")
    settled = load().rule(FREQUENCY)
    assert (settled.severity, settled.options.limit) == (Severity.ERROR, 0.8)


def test_a_higher_severity_may_come_with_a_reason_and_another_lock():
    over("rules: {tag-frequency: {severity: error, because: We mean it., lock: true}}")
    assert load().rule(FREQUENCY).severity is Severity.ERROR


@pytest.mark.parametrize(
    "patch",
    ["off", "info", "warning", "{severity: null}", "{limit: 90%}", "{limit: null}", "{tolerate: 5}", "{lock: false}",
     "{ignore: {add: [hat]}}", "{severity: error, word: hat}"],
)  # fmt: skip
def test_nothing_else_of_a_locked_rule_can_be_changed(patch):
    assert codes(f"rules: {{tag-frequency: {patch}}}") == ["policy-locked"]


@pytest.mark.parametrize("patch", ["{}", "{because: I like it.}"])
def test_what_changes_nothing_is_allowed(patch):
    over(f"rules: {{tag-frequency: {patch}}}")
    assert load().rule(FREQUENCY).options.limit == 0.8


def test_the_error_names_both_places_and_what_is_possible():
    over("rules:\n  tag-frequency:\n    limit: 95%\n")
    assert refused() == joined(
        "error[policy-locked]: limit cannot be changed: tag-frequency is locked in house.yaml:2",
        " --> tagmetry.yaml:5:5",
        "  |",
        "5 |     limit: 95%",
        "  |     ^^^^^",
        "  = help: after the lock only a severity above warning is possible",
    )


def test_a_locked_error_cannot_be_changed_at_all():
    over("rules: {missing-caption: error}", house="rules: {missing-caption: {lock: true}}")
    assert refused().endswith("  = help: nothing of the rule can be changed after the lock")


def test_after_it_was_raised_it_cannot_be_lowered_again():
    write("house.yaml", "rules: {tag-frequency: {severity: info, lock: true}}")
    write("team.yaml", "extends: house.yaml\nrules: {tag-frequency: error}")
    write("tagmetry.yaml", "extends: team.yaml\nrules: {tag-frequency: warning}")
    assert "tag-frequency is locked in house.yaml:2" in refused()


def test_the_locking_file_itself_cannot_override_what_it_locked():
    found = problems("""\
        rules: {tag-frequency: {severity: warning, lock: true}}
        overrides:
          - {match: {path: "a/**"}, rules: {tag-frequency: off}}
          - {match: {path: "b/**"}, rules: {tag-frequency: error}}
        """)
    assert [one[:3] for one in found] == [
        ("4:37", "policy-locked", "severity cannot be changed: tag-frequency is locked in tagmetry.yaml:2")
    ]


def test_what_was_said_before_the_lock_stays():
    policy = loaded("""\
        overrides:
          - {match: {path: "a/**"}, rules: {tag-frequency: {limit: 50%}}}
          - {match: {path: "b/**"}, rules: {tag-frequency: {severity: error, lock: true}}}
        """)
    place = place_of("a/x.png", policy)
    met = [match for match in policy.matches(FREQUENCY) if place.meets(match)]
    assert policy.rule(FREQUENCY, met).options.limit == 0.5
    assert policy.standing(FREQUENCY).lock.severity is Severity.ERROR


def test_a_locked_rule_cannot_be_suppressed_later():
    over("suppressions:\n  - {rule: tag-frequency, reason: It is meant.}\n")
    assert refused() == joined(
        "error[policy-locked]: tag-frequency cannot be suppressed: it is locked in house.yaml:2",
        " --> tagmetry.yaml:4:12",
        "  |",
        "4 |   - {rule: tag-frequency, reason: It is meant.}",
        "  |            ^^^^^^^^^^^^^",
        "  = help: mend the findings, or talk to who locked it",
    )


def flags(*settings):
    layer, _ = flag_layer(PLUGINS, profile={}, settings=settings)
    return with_flags(load(), layer, PLUGINS)


def test_the_command_line_is_bound_by_locks_too():
    over("")
    assert flags("tag-frequency.severity=error").rule(FREQUENCY).severity is Severity.ERROR
    for setting in ("tag-frequency.limit=1", "tag-frequency.severity=off", "tag-frequency.tolerate=3"):
        with pytest.raises(UsageError) as caught:
            flags(setting)
        key = setting.partition("=")[0]
        assert caught.value.text.english() == (
            f"--set {key} cannot be changed: tag-frequency is locked in house.yaml:2"
        )
    with pytest.raises(UsageError):
        flags("tag-frequency.severity=error", "tag-frequency.severity=warning")


def test_a_locked_rule_cannot_be_ignored(folder):
    over("")
    with pytest.raises(UsageError) as caught:
        run(Request(paths=(folder,), policy=load(), plugins=PLUGINS, ignore=("tag-frequency",)))
    assert caught.value.text.english() == (
        "--ignore tag-frequency cannot be changed: tag-frequency is locked in house.yaml:2"
    )


def test_locks_are_shown_and_hold_in_what_is_shown():
    over("overrides: [{match: {path: 'a/**'}, rules: {missing-caption: off}}]")
    policy = load()
    shown = as_text(policy, PLUGINS.rules.values())
    assert "    lock: true                              # house.yaml:2\n" in shown
    assert as_data(policy, PLUGINS.rules.values())["rules"]["tag-frequency"]["lock"] == {
        "value": True,
        "origin": "house.yaml:2",
    }
    write("shown.yaml", shown, version=False)
    assert load("shown.yaml").standing(FREQUENCY).lock.severity is Severity.WARNING
    assert "  locked in house.yaml:2" in list(decision(policy, FREQUENCY, place_of("a.png", policy)))


def test_a_lock_of_a_rule_with_overrides_is_shown_behind_them():
    write("house.yaml", "overrides: [{match: {path: 'a/**'}, rules: {tag-frequency: {word: hat}}}]")
    policy = loaded("extends: house.yaml\nrules: {tag-frequency: {limit: 80%, lock: true}}")
    shown = as_text(policy, PLUGINS.rules.values())
    write("shown.yaml", shown, version=False)
    again = load("shown.yaml")
    assert again.standing(FREQUENCY).lock.severity is Severity.WARNING
    assert [patch.options["word"].value for patch in again.overrides()] == ["hat"]


# Tolerances


@pytest.mark.parametrize(
    ("text", "tolerance"),
    [
        ("2%", Tolerance(share=0.02)),
        ("'2 %'", Tolerance(share=0.02)),
        ("0.02", Tolerance(share=0.02)),
        ("100%", Tolerance(share=1.0)),
        ("0%", Tolerance(share=0.0)),
        ("3", Tolerance(count=3)),
        ("1", Tolerance(count=1)),
        ("0", Tolerance(count=0)),
    ],
)
def test_a_tolerance_is_a_share_or_a_count(text, tolerance):
    settled = effective(loaded(f"rules: {{tag-frequency: {{tolerate: {text}}}}}"), "tag-frequency")
    assert (settled.tolerate, settled.tolerate_place) == (tolerance, "tagmetry.yaml:2")


@pytest.mark.parametrize("text", ["1.0", "2.5", "101%", "few", "true", "[1]", "0.0"])
def test_what_is_neither_a_share_nor_a_count_is_refused(text):
    assert len(problems(f"rules: {{tag-frequency: {{tolerate: {text}}}}}")) == 1


def test_a_number_that_could_be_both_is_told_how_to_write_it():
    assert problems("rules: {tag-frequency: {tolerate: 1.0}}") == [
        (
            "2:35",
            "policy-value",
            "rules.tag-frequency.tolerate is 1.0, which is neither a share nor a count",
            "write a share as 2%, or a whole number of subjects as 3",
        )
    ]


def test_a_rule_of_the_whole_dataset_takes_a_count_and_no_share():
    assert effective(loaded("rules: {near-duplicate-ratio: {tolerate: 2}}"), "near-duplicate-ratio").tolerate.count == 2
    assert problems("rules: {near-duplicate-ratio: {tolerate: 2%}}")[0][2:] == (
        "near-duplicate-ratio judges the dataset as a whole, so there is nothing to take a share of",
        "write how many findings may stand, as 3",
    )


def test_tolerances_are_merged_and_taken_back_like_options():
    write("house.yaml", "rules: {tag-frequency: {tolerate: 2%}}")
    assert loaded("extends: house.yaml\nrules: {tag-frequency: {limit: 80%}}").rule(FREQUENCY).tolerate.share == 0.02
    assert loaded("extends: house.yaml\nrules: {tag-frequency: {tolerate: 5}}").rule(FREQUENCY).tolerate.count == 5
    assert loaded("extends: house.yaml\nrules: {tag-frequency: {tolerate: null}}").rule(FREQUENCY).tolerate is None
    over("", house="rules: {tag-frequency: {tolerate: 2%}}")
    assert flags("tag-frequency.tolerate=4%").rule(FREQUENCY).tolerate.share == 0.04
    assert flags("tag-frequency.tolerate=null").rule(FREQUENCY).tolerate is None
    with pytest.raises(UsageError):
        flags("tag-frequency.tolerate=lots")


def test_tolerances_are_shown():
    policy = loaded("rules: {tag-frequency: {tolerate: 2.5%}, missing-caption: {tolerate: 3, severity: warning}}")
    shown = as_text(policy, PLUGINS.rules.values())
    assert "    tolerate: 2.5%                          # tagmetry.yaml:2\n" in shown
    write("shown.yaml", shown, version=False)
    again = load("shown.yaml")
    for name in ("tag-frequency", "missing-caption"):
        assert effective(again, name).tolerate == effective(policy, name).tolerate


@pytest.mark.parametrize(("n_failing", "n_judged", "answer"), [(29, 100, True), (30, 100, False), (0, 0, False)])
def test_a_share_is_compared_without_an_error_of_rounding(n_failing, n_judged, answer):
    assert Tolerance(share=0.29).allows(n_failing, n_judged) is answer
