"""Rules and options on their way in and out: what still works, and what is said of it, once."""

from dataclasses import dataclass, replace

import pytest

from command_testing import draw
from policy_testing import PLUGINS, load, loaded, make_plugins, problems, rule, write
from rule_testing import concept, dataset
from tagmetry.documentation.rule_pages import rule_page
from tagmetry.errors import PluginError
from tagmetry.finding import Measurement
from tagmetry.judging import judged
from tagmetry.options import option
from tagmetry.plugin_parts import check_rule
from tagmetry.plugins import load_plugins
from tagmetry.policy.flags import flag_layer
from tagmetry.policy.loader import load_policy
from tagmetry.policy.schema import policy_schema
from tagmetry.reporting import fingerprinted
from tagmetry.rule import Rule
from tagmetry.runner import Request, run

pytestmark = pytest.mark.usefixtures("folder")


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(0.9, "Share of the images.", unit="share", low=0, high=1, aliases=("threshold",))
    at_most: int = option(3, "How many.", status="deprecated", since="0.3", replaced_by="limit")
    soft: bool = option(False, "Whether it is soft.", status="preview", since="0.4")
    old: bool = option(False, "Nobody needs it.", status="deprecated", since="0.2")


GRAIN = rule("grainy-image", Options, aliases=("noisy-image", "noise"))
GONE = rule("acme/gone", status="deprecated", since="0.5", replaced_by="grainy-image")
PLAIN = rule("acme/plain", status="deprecated", since="0.5")
OURS = make_plugins((GRAIN, GONE, PLAIN))


def notices(policy):
    return [text.english() for text in policy.notices()]


def test_a_former_name_of_a_rule_still_works_and_is_told_once():
    policy = loaded(
        """
        rules:
          noise: {limit: 80%, severity: error}
        overrides:
          - match: {path: "a/**"}
            rules: {noise: off}
        suppressions:
          - {rule: noise, reason: They are old.}
        """,
        OURS,
    )
    settled = policy.rule(GRAIN)
    assert (settled.options.limit, settled.severity.label) == (0.8, "error")
    assert [one.rule for one in policy.overrides()] == ["grainy-image"]
    assert [one.rule for one in policy.suppressions()] == ["grainy-image"]
    assert notices(policy) == ["tagmetry.yaml:4: noise is a former name of grainy-image, and will not be read for ever"]


def test_each_former_name_is_told():
    write("below.yaml", "rules: {noise: off}")
    policy = loaded("extends: below.yaml\nrules: {noisy-image: error}", OURS)
    assert [text.partition(" is ")[0] for text in notices(policy)] == [
        "below.yaml:2: noise",
        "tagmetry.yaml:3: noisy-image",
    ]


def test_a_rule_under_two_of_its_names_is_an_error():
    assert problems("rules: {noise: off, grainy-image: error}", OURS)[0][1] == "policy-rule-twice"


def test_a_deprecated_rule_runs_and_names_its_successor():
    policy = loaded("rules: {acme/gone: error, acme/plain: off}", OURS)
    assert policy.rule(GONE).enabled
    assert notices(policy) == [
        "tagmetry.yaml:2: acme/gone is deprecated since 0.5 and will be removed; use grainy-image",
        "tagmetry.yaml:2: acme/plain is deprecated since 0.5 and will be removed",
    ]


def test_options_on_their_way_out_still_work():
    policy = loaded("rules: {grainy-image: {threshold: 70%, at_most: 5, old: true, soft: true}}", OURS)
    options = policy.rule(GRAIN).options
    assert (options.limit, options.at_most, options.old, options.soft) == (0.7, 5, True, True)
    assert policy.rule(GRAIN).origins["limit"] == "tagmetry.yaml:2"
    assert notices(policy) == [
        "tagmetry.yaml:2: grainy-image.threshold is a former name of grainy-image.limit, and will not be read for ever",
        "tagmetry.yaml:2: grainy-image.at_most is deprecated since 0.3 and will be removed; use grainy-image.limit",
        "tagmetry.yaml:2: grainy-image.old is deprecated since 0.2 and will be removed",
    ]


def test_an_option_under_two_of_its_names_is_an_error():
    assert problems("rules: {grainy-image: {threshold: 70%, limit: 80%}}", OURS) == [
        ("2:40", "policy-option-twice", "'limit' and a former name of it stand here", "keep one of the two")
    ]


def test_a_wrong_value_of_a_former_name_is_told_as_written():
    assert problems("rules: {grainy-image: {threshold: 70}}", OURS)[0][2] == (
        "rules.grainy-image.threshold is 70; the largest value is 1 (did you mean 70%?)"
    )


def test_the_command_line_takes_former_names_too():
    layer, _ = flag_layer(OURS, profile={}, settings=["noise.threshold=0.5", "noise.severity=error"])
    policy = loaded("", OURS).with_layer(layer)
    assert (policy.rule(GRAIN).options.limit, policy.rule(GRAIN).severity.label) == (0.5, "error")
    assert notices(policy) == [
        "--set: noise is a former name of grainy-image, and will not be read for ever",
        "--set: grainy-image.threshold is a former name of grainy-image.limit, and will not be read for ever",
    ]


def test_built_in_policies_are_not_their_users_to_mend():
    policies = {**OURS.policies}
    own = policies["tagmetry:recommended"]
    policies["tagmetry:recommended"] = replace(own, text="tagmetry: 1\nname: a/b\nrules: {noise: {}}\n")
    assert notices(load_from(replace(OURS, policies=policies))) == []


def load_from(plugins):
    write("tagmetry.yaml", "extends: tagmetry:recommended")
    return load("tagmetry.yaml", plugins)


def test_a_preview_has_to_be_asked_for_by_a_severity():
    preview = PLUGINS.rules["blurry-image"]
    assert not loaded("rules: {blurry-image: {}}").rule(preview).enabled
    assert loaded("rules: {blurry-image: info}").rule(preview).enabled
    assert not loaded("rules: {blurry-image: {severity: null}}").rule(preview).enabled


def test_editors_mark_what_is_on_its_way_out():
    rules = policy_schema(OURS.rules.values())["$defs"]["rules"]["else"]["properties"]
    assert rules["noise"]["deprecated"] is True
    assert rules["acme/gone"]["deprecated"] is True
    assert "deprecated" not in rules["grainy-image"]
    options = rules["grainy-image"]["else"]["properties"]
    assert {name for name, schema in options.items() if schema.get("deprecated")} == {"threshold", "at_most", "old"}


def test_the_manual_tells_the_status():
    made = Rule(
        id="acme/new",
        severity=GRAIN.severity,
        evidence="heuristic",
        messages={},
        options=Options,
        status="preview",
        since="0.4",
        aliases=("acme/old",),
        doc="A thing.",
    )
    page = rule_page(made)
    assert "- status: preview since 0.4; it runs only where a policy gives it a severity\n" in page
    assert "- former names: acme/old\n" in page
    assert "| Share of the images. Formerly `threshold`. |" in page
    assert "| How many. Deprecated since 0.3, will be removed; use `limit`. |" in page
    assert "| Whether it is soft. Preview: it may still change. |" in page
    made.status, made.replaced_by = "deprecated", "acme/newer"
    assert "- status: deprecated since 0.4, will be removed; use acme/newer\n" in rule_page(made)


def test_declarations_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="since when"):
        option(1, "A figure.", status="deprecated")
    with pytest.raises(ValueError, match="unknown status"):
        option(1, "A figure.", status="old")

    @dataclass(frozen=True, slots=True)
    class Clashing:
        limit: int = option(1, "A figure.")
        other: int = option(1, "A figure.", aliases=("limit",))

    @dataclass(frozen=True, slots=True)
    class Leading:
        limit: int = option(1, "A figure.", status="deprecated", since="1", replaced_by="nothing")

    for options, text in (
        (Clashing, "acme/x: an option cannot be named limit"),
        (Leading, "acme/x: there is no option nothing to replace another"),
    ):
        with pytest.raises(PluginError) as caught:
            check_rule(judging(options), own=False)
        assert caught.value.text.english() == text


def judging(options=Options, **parts):
    made = Rule(
        id="acme/x",
        severity=GRAIN.severity,
        evidence="heuristic",
        messages={"found": "it is"},
        options=options,
        doc="A thing.",
        **parts,
    )

    @made.whole_dataset
    def check(data, options):
        yield made.finding(data.subject(), "found", measured=Measurement("x", 1.0, 2.0))

    return made


def test_a_baseline_knows_findings_under_former_names_of_their_rule():
    data = dataset(concept("hat", n=2))
    now, before = judging(aliases=("acme/y",)), judging()
    before.id = "acme/y"
    ours, theirs = (
        fingerprinted([judged(one, data, Options())], {one.id: loaded("", OURS).rule(one)})[0][1]
        for one in (now, before)
    )
    assert ours.fingerprint != theirs.fingerprint
    assert ours.former_fingerprints == (theirs.fingerprint,)


def test_rules_are_selected_and_left_out_by_former_names(folder):
    draw(folder / "set" / "a.png", 1)
    installed = load_plugins(foreign=False)
    ours = judging(aliases=("acme/y", "acme/z"))
    plugins = replace(
        installed,
        rules={**installed.rules, ours.id: ours},
        provider={**installed.provider, ours: installed.outcomes[0]},
    )
    policy = load_policy(None, plugins)
    asked = Request((folder / "set",), policy, plugins)
    assert ours.id in {one.rule for one in run(replace(asked, select=("acme/y",))).findings}
    left_out = run(replace(asked, ignore=("acme/y", "acme/z")))
    assert ours.id not in {one.rule for one in left_out.findings}
    assert [text.english() for text in left_out.notices if "former" in text.english()] == [
        "--ignore: acme/y is a former name of acme/x, and will not be read for ever",
        "--ignore: acme/z is a former name of acme/x, and will not be read for ever",
    ]
