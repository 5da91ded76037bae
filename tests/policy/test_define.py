"""Reading `define`, `where` and `when`: every mistake at its place, and rules that later layers can change."""

import json

import pytest
from click.testing import CliRunner
from PIL import Image

from policy_testing import effective_of, joined, load, loaded, make_plugins, problems, refused, write
from tagmetry.cli import tagmetry
from tagmetry.features import FEATURES
from tagmetry.finding import Severity
from tagmetry.policy.kinds.defining import with_defined
from tagmetry.policy.printing import as_data, as_text

pytestmark = pytest.mark.usefixtures("folder")

HEAD = "name: acme/house\n"
PLUGINS = make_plugins(features=FEATURES)
MIN_SIDE = "acme/min-side: {kind: metric, metric: short_side_px, min: 768}"


def wrong(definition):
    """What is wrong with `acme/it`, without the codes that start alike."""
    return problems(f"{HEAD}define:\n  acme/it: {definition}\n", PLUGINS)


@pytest.mark.parametrize(
    ("definition", "place", "code", "said", "help"),
    [
        (
            "{kind: metric, metric: short_side_px, mn: 768}",
            "4:50",
            "policy-unknown-field",
            "a rule of kind metric has no field 'mn'",
            "did you mean 'min'? Fields: metric, each, min, max, severity, message, because, where, when",
        ),
        (
            "{kind: metric, metric: short_side, min: 768}",
            "4:35",
            "expression-unknown-name",
            "the name short_side is not known",
            "did you mean short_side_px?",
        ),
        ("{kind: metric, min: 768}", "4:3", "policy-missing-key", "define.acme/it has no 'metric'", None),
        (
            "{kind: metric, metric: width}",
            "4:3",
            "policy-missing-key",
            "a rule of kind metric needs 'min' or 'max'",
            None,
        ),
        (
            "{kind: metric, metric: width, min: large}",
            "4:47",
            "policy-option-value",
            "define.acme/it.min is large; it takes: number or null",
            None,
        ),
        (
            "{kind: ratio, numerator: has_alpha, min: 20}",
            "4:53",
            "policy-option-value",
            "define.acme/it.min is 20; the largest value is 1 (did you mean 20%?)",
            None,
        ),
        (
            "{kind: predicate, assert: role == 'training'}",
            "4:46",
            "expression-value",
            None,
            None,
        ),
        (
            "{kind: predicate, assert: true}",
            "4:38",
            "policy-type",
            "define.acme/it.assert is true; it takes a text",
            "put it in quotes: 'true'",
        ),
        (
            "{kind: predicate, assert: width > 3, each: images}",
            "4:55",
            "policy-value",
            "define.acme/it.each is images; it takes image, concept or dataset",
            "did you mean 'image'?",
        ),
        (
            "{kind: predicate, assert: dataset.n_train > 3}",
            "4:38",
            "policy-define-each",
            "the expression reads nothing that belongs to one image, and so would be told for each of them",
            "write beside it: each: dataset",
        ),
        (
            "{kind: predicate, assert: concept.n > 3}",
            "4:38",
            "policy-define-each",
            "the expression reads nothing that belongs to one image, and so would be told for each of them",
            "write beside it: each: concept",
        ),
        (
            "{kind: caption-pattern, pattern: 'a(b'}",
            "4:46",
            "policy-regex",
            None,
            None,
        ),
        (
            "{kind: caption-pattern}",
            "4:3",
            "policy-missing-key",
            "a rule of kind caption-pattern needs 'pattern' or 'swap'",
            None,
        ),
        (
            "{kind: caption-pattern, pattern: a, swap: {b: c}}",
            "4:48",
            "policy-value",
            "'pattern' and 'swap' are not read together",
            "make two rules of it",
        ),
        (
            "{kind: caption-pattern, swap: {T Shirt: t_shirt}}",
            "4:43",
            "policy-value",
            "'T Shirt' and 't_shirt' are compared as the same",
            "capitals, underscores and spaces make no difference between tags",
        ),
        (
            "{kind: tag-set, forbid: [a*b]}",
            "4:37",
            "policy-option-value",
            "* stands only at the beginning and end of a tag",
            None,
        ),
        (
            "{kind: tag-set, forbid: [masterpiece, 2000]}",
            "4:50",
            "policy-type",
            "define.acme/it.forbid[1] is 2000; it takes a text",
            "put it in quotes: '2000'",
        ),
        (
            "{kind: count, min: 3, severity: warn}",
            "4:44",
            "policy-value",
            "define.acme/it.severity is warn; it takes off, info, warning or error",
            "did you mean 'warning'?",
        ),
        (
            "{kind: metric, metric: width, min: 3, message: '{path} is {actaul}'}",
            "4:70",
            "policy-message",
            "there is no placeholder {actaul}",
            "did you mean {actual}? Placeholders: metric, actual, limit, min, max, name, path, concept, role",
        ),
        (
            "{kind: metric, metric: width, min: 3, message: 'a } b'}",
            "4:62",
            "policy-message",
            "a single brace",
            "a brace that stands for itself is written twice: }}",
        ),
        (
            "{kind: metric, metric: width, min: 3, message: '{actual:.2f}'}",
            "4:60",
            "policy-message",
            "a placeholder is not shown as '.2f'",
            "leave it out, or write one of: text, count, percent, px, bits, tokens, bytes, number",
        ),
        (
            "{kind: metric, metric: width, min: 3, where: widht > 3}",
            "4:57",
            "expression-unknown-name",
            "the name widht is not known",
            "did you mean width?",
        ),
    ],
)
def test_a_mistake_in_a_definition_is_told_at_its_place(definition, place, code, said, help):
    ((found_place, found_code, text, found_help),) = wrong(definition)
    assert (found_place, found_code) == (place, code)
    if said is not None:
        assert (text, found_help) == (said, help)


def test_two_mistakes_have_two_places():
    assert [one[:2] for one in wrong("{kind: metric, metric: wdth, min: large}")] == [
        ("4:35", "expression-unknown-name"),
        ("4:46", "policy-option-value"),
    ]


def test_a_rule_belongs_to_the_namespace_of_its_policy():
    assert problems(f"name: acme/house\ndefine:\n  acem/min-side: {MIN_SIDE.partition(': ')[2]}\n", PLUGINS) == [
        (
            "4:3",
            "policy-define-namespace",
            "'acem/min-side' is not in the policy's own namespace 'acme'",
            "write 'acme/min-side'",
        )
    ]


def test_a_policy_without_a_namespace_defines_no_rules():
    help = "write at the top of the file: name: acme/house"
    assert problems(f"define:\n  {MIN_SIDE}\n", PLUGINS) == [
        (
            "3:3",
            "policy-define-namespace",
            "a policy that defines rules has a name with a namespace, and this one has not",
            help,
        )
    ]
    assert problems(f"name: house\ndefine:\n  {MIN_SIDE}\n", PLUGINS) == [
        (
            "2:7",
            "policy-define-namespace",
            "'house' is no name with a namespace, which rules are named by",
            help,
        )
    ]


def test_the_namespace_of_tagmetry_is_no_policys():
    found = problems("name: tagmetry/house\ndefine:\n  tagmetry/a: {kind: count, min: 3}\n", PLUGINS)
    assert [one[:3] for one in found] == [
        ("2:7", "policy-define-namespace", "the namespace 'tagmetry' is Tagmetry's own")
    ]


def test_a_rule_that_a_plugin_brings_is_not_defined_anew():
    assert problems(f"{HEAD}define: {{acme/no-artists: {{kind: count, min: 3}}}}", PLUGINS) == [
        (
            "3:10",
            "policy-define-taken",
            "there is a rule 'acme/no-artists' already; a plugin brings it",
            "to change it, put it under 'rules'; to define another one, give it another name",
        )
    ]


def test_a_rule_is_defined_once():
    write("house.yaml", f"{HEAD}define:\n  {MIN_SIDE}\n")
    write("tagmetry.yaml", f"extends: house.yaml\nname: acme/set\ndefine:\n  {MIN_SIDE}\n")
    assert refused(plugins=PLUGINS) == joined(
        "error[policy-define-taken]: the rule 'acme/min-side' is defined in house.yaml:4 already",
        " --> tagmetry.yaml:5:3",
        "  |",
        "5 |   acme/min-side: {kind: metric, metric: short_side_px, min: 768}",
        "  |   ^^^^^^^^^^^^^",
        "  = help: to change it, put it under 'rules'; to define another one, give it another name",
    )


def test_a_rule_with_mistakes_is_not_unknown_elsewhere():
    text = f"{HEAD}define: {{acme/it: {{kind: metric, metric: wdth, min: 3}}}}\nrules: {{acme/it: {{min: 5}}}}\n"
    assert [one[1] for one in problems(text, PLUGINS)] == ["expression-unknown-name"]
    text = f"{HEAD}define: {{acme/it: {{kind: metrc}}}}\nrules: {{acme/it: error}}\n"
    assert [one[1] for one in problems(text, PLUGINS)] == ["policy-value"]


# Layers


def test_later_layers_change_a_defined_rule_like_any_other():
    write("house.yaml", f"{HEAD}define:\n  {MIN_SIDE[:-1]}, severity: error}}\n")
    write("tagmetry.yaml", "extends: house.yaml\nrules:\n  acme/min-side: {min: 512, severity: info}\n")
    below = effective_of(load("house.yaml", PLUGINS), PLUGINS, "acme/min-side")
    above = effective_of(load("tagmetry.yaml", PLUGINS), PLUGINS, "acme/min-side")
    assert (below.severity, below.rule.severity, below.options.min) == (None, Severity.ERROR, 768)
    assert dict(below.origins) == {"min": "house.yaml:4", "max": "tagmetry"}
    assert (above.severity, above.options.min, above.origins["min"]) == (Severity.INFO, 512, "tagmetry.yaml:4")


def test_options_of_a_defined_rule_are_checked_in_later_layers():
    text = f"{HEAD}define: {{acme/it: {{kind: tag-set, forbid: [a, b]}}}}\nrules: {{acme/it: RULE}}\n"
    assert problems(text.replace("RULE", "{forbd: [c]}"), PLUGINS) == [
        (
            "4:19",
            "policy-unknown-option",
            "unknown option 'forbd' of rule acme/it",
            "did you mean 'forbid'? Options: forbid, require",
        )
    ]
    assert [one[2] for one in problems(text.replace("RULE", "{forbid: [a*b]}"), PLUGINS)] == [
        "* stands only at the beginning and end of a tag"
    ]
    policy = loaded(text.replace("RULE", "{forbid: {add: [c], remove: [a]}}"), PLUGINS)
    assert effective_of(policy, PLUGINS, "acme/it").options.forbid == ("b", "c")


def test_a_rule_that_is_defined_as_off_can_be_switched_on():
    write("house.yaml", f"{HEAD}define:\n  {MIN_SIDE[:-1]}, severity: off}}\n")
    write("tagmetry.yaml", "extends: house.yaml\nrules: {acme/min-side: warning}\n")
    assert not effective_of(load("house.yaml", PLUGINS), PLUGINS, "acme/min-side").enabled
    assert effective_of(load("tagmetry.yaml", PLUGINS), PLUGINS, "acme/min-side").enabled


def test_where_and_when_are_replaced_and_taken_back():
    write("house.yaml", f"{HEAD}define:\n  {MIN_SIDE[:-1]}, where: width > 3, when: dataset.n_train > 4}}\n")
    write("tagmetry.yaml", "extends: house.yaml\nrules: {acme/min-side: {where: width > 5, when: null}}\n")
    one = effective_of(load("tagmetry.yaml", PLUGINS), PLUGINS, "acme/min-side")
    assert (one.where.value.text, one.where.place, one.when) == ("width > 5", "tagmetry.yaml:3", None)


def test_when_reads_no_figure_of_one_image():
    found = problems("rules: {tag-frequency: {when: width > 3}}", PLUGINS)
    assert [one[0] for one in found] == ["2:31"]


# What is shown


def test_the_effective_policy_holds_the_definitions_and_reads_back():
    text = joined(
        HEAD + "define:",
        f"  {MIN_SIDE[:-1]}, severity: error, because: House., message: '{{path}}: {{actual}}'}}",
        "  acme/spelling: {kind: caption-pattern, swap: {grey: gray}}",
        "rules: {acme/min-side: {min: 512, where: width > 3}}",
    )
    policy = loaded(text, PLUGINS)
    shown = as_text(policy, with_defined(PLUGINS, policy.defined).rules.values())
    write("shown.yaml", shown, version=False)
    again = load("shown.yaml", PLUGINS)
    for rule in ("acme/min-side", "acme/spelling"):
        one, other = (effective_of(each, PLUGINS, rule) for each in (policy, again))
        assert (one.rule.severity, one.rule.messages, one.options) == (
            other.rule.severity,
            other.rule.messages,
            other.options,
        )
    assert effective_of(again, PLUGINS, "acme/min-side").where.value.text == "width > 3"


def test_the_effective_policy_as_data_tells_where_a_rule_is_defined():
    policy = loaded(f"{HEAD}define:\n  {MIN_SIDE}\n", PLUGINS)
    data = json.loads(json.dumps(as_data(policy, with_defined(PLUGINS, policy.defined).rules.values())))
    assert data["define"] == {
        "acme/min-side": {
            "definition": {"kind": "metric", "metric": "short_side_px", "min": 768},
            "origin": "tagmetry.yaml:4",
        }
    }
    assert data["rules"]["acme/min-side"]["options"]["min"] == {"value": 768, "origin": "tagmetry.yaml:4"}


# On real files

CHECK = ("check", "--policy", "tagmetry.yaml", "--no-cache", "--format", "json", "-q")


@pytest.fixture
def dataset_folder(folder):
    images = folder / "set/10_hat"
    images.mkdir(parents=True)
    for number, (side, caption) in enumerate([(800, "ohwx, grey hat"), (300, "ohwx, masterpiece"), (900, "ohwx")]):
        Image.new("RGB", (side, side), (number * 60, 90, 120)).save(images / f"{number}.png")
        (images / f"{number}.txt").write_text(caption, encoding="utf-8")
    return folder / "set"


def test_defined_rules_judge_real_files(dataset_folder):
    write(
        "tagmetry.yaml",
        f"""
        {HEAD.strip()}
        profile: {{caption_style: tags}}
        define:
          {MIN_SIDE[:-1]}, severity: error, message: "{{path}}: {{actual}} is below {{min}}"}}
          acme/soft: {{kind: metric, metric: sharpness, min: 1, where: width > 400}}
          acme/no-quality: {{kind: tag-set, forbid: masterpiece}}
          acme/spelling: {{kind: caption-pattern, swap: {{grey: gray}}}}
          acme/many: {{kind: count, min: 10, when: dataset.n_train > 100}}
        """,
    )
    runner = CliRunner()
    arguments = [*CHECK, str(dataset_folder)]
    result = runner.invoke(tagmetry, [*arguments, "--select", "acme/min-side"])
    report = json.loads(result.stdout)
    assert report["summary"]["verdict"] == "not-ready"
    assert [(one["rule"], one["message"], one["subject"]["paths"]) for one in report["findings"]] == [
        ("acme/min-side", "10_hat/1.png: 300 px is below 768 px", ["10_hat/1.png"])
    ]
    report = json.loads(runner.invoke(tagmetry, arguments).stdout)
    found = {one["rule"]: one["message"] for one in report["findings"] if one["rule"].startswith("acme/")}
    assert found == {
        "acme/min-side": "10_hat/1.png: 300 px is below 768 px",
        "acme/no-quality": "the caption has tags that are not wanted here: masterpiece",
        "acme/spelling": 'the caption says "grey"; write "gray"',
        "acme/soft": found["acme/soft"],
    }
    assert found["acme/soft"].startswith("sharpness is ")
    outcomes = {one["rule"]: one for one in report["rules"]}
    assert outcomes["acme/many"]["outcome"] == "skipped"


def test_a_flag_sets_an_option_of_a_defined_rule(dataset_folder):
    write("tagmetry.yaml", f"{HEAD}define:\n  {MIN_SIDE}\n")
    result = CliRunner().invoke(
        tagmetry,
        [*CHECK, str(dataset_folder), "--set", "acme/min-side.min=100", "--select", "acme/min-side"],
    )
    assert json.loads(result.stdout)["findings"] == []


def test_rules_and_explain_know_the_rules_of_a_policy():
    write("tagmetry.yaml", f"{HEAD}define:\n  {MIN_SIDE[:-1]}, because: The trainer scales up otherwise.}}\n")
    runner = CliRunner()
    listed = runner.invoke(tagmetry, ["rules", "--policy", "tagmetry.yaml", "--no-plugins"]).stdout
    assert "acme/min-side" in listed and "short_side_px outside the limits." in listed
    page = runner.invoke(tagmetry, ["explain", "acme/min-side", "--policy", "tagmetry.yaml", "--no-plugins"]).stdout
    assert page.startswith("# acme/min-side\n\nshort_side_px outside the limits.\n")
    assert "Defined in tagmetry.yaml:4:" in page
    assert "## Why it matters\n\nThe trainer scales up otherwise.\n" in page
