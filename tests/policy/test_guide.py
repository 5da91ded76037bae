"""The guide and the worked policies: every example is loaded, every error that is shown is the real one."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from command_testing import run
from policy_testing import write
from tagmetry.cli.explain import decision
from tagmetry.cli.init import STARTER
from tagmetry.plugins import load_plugins
from tagmetry.policy.diagnostics import PolicyError
from tagmetry.policy.flags import flag_layer
from tagmetry.policy.kinds.defining import with_defined
from tagmetry.policy.loader import load_policy
from tagmetry.policy.place import place_of
from tagmetry.policy.printing import as_text
from tagmetry.policy.schema import policy_schema
from tagmetry.policy.vocabulary import effective_vocabulary
from tagmetry.policy.yaml_reader import read_yaml, to_data
from tagmetry.policy_tests import coverage_of, read_case_file, run_case

pytestmark = pytest.mark.usefixtures("folder")

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = (DOCS / "policies.md").read_text(encoding="utf-8")
EXAMPLES = sorted((DOCS / "examples/policies").glob("*.yaml"))
EXAMPLE_TESTS = sorted((DOCS / "examples/policies/tests").glob("*.test.yaml"))
PLUGINS = load_plugins(foreign=False)
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
ERRORS = [
    (policy, shown) for (kind, policy), (_, shown) in pairwise(BLOCKS) if kind == "yaml" and shown.startswith("error[")
]
TESTS = [text for kind, text in BLOCKS if kind == "yaml" and text.startswith("tagmetry-test: 1\n")]
POLICIES = [text for kind, text in BLOCKS if kind == "yaml" and text not in (*dict(ERRORS), *TESTS)]


def loaded(text):
    write("tagmetry.yaml", text, version=False)
    return load_policy("tagmetry.yaml", PLUGINS)


def rule(policy, rule_id):
    return policy.rule(PLUGINS.rules[rule_id])


@pytest.mark.parametrize("text", POLICIES, ids=range(len(POLICIES)))
def test_every_policy_of_the_guide_is_valid(text):
    policy = loaded(text)
    assert policy.sources[0] == "tagmetry:recommended"
    policy.rules(PLUGINS.rules.values())
    effective_vocabulary(PLUGINS, policy)
    assert list(validator().iter_errors(to_data(read_yaml(text, file="tagmetry.yaml")))) == []


def test_the_errors_of_the_guide_are_the_real_ones():
    ((policy, shown),) = ERRORS
    with pytest.raises(PolicyError) as caught:
        loaded(policy)
    assert f"{caught.value}\n" == shown


def test_the_tests_of_the_guide_pass_as_it_shows():
    (text,) = TESTS
    place = [block for _, block in BLOCKS].index(text)
    write("tagmetry.yaml", BLOCKS[place - 1][1], version=False)
    write("prints.test.yaml", text, version=False)
    done = run("policy", "test", "--coverage", cwd=Path.cwd())
    assert f"$ tagmetry policy test --coverage\n{done.stdout}" == BLOCKS[place + 1][1]
    assert done.returncode == 0


def validator():
    return Draft202012Validator(policy_schema(PLUGINS.rules.values(), others=True))


def test_the_table_of_what_wins_holds():
    rows = re.findall(r"^\| `(.+?)` \| `(.+?)` \| (.+?) \|$", GUIDE, re.MULTILINE)
    found = {}
    for below, above, in_force in rows:
        parts = [nested(below), nested(above)]
        write("below.yaml", f"tagmetry: 1\nextends: tagmetry:recommended\n{parts[0]}\n", version=False)
        found[in_force] = loaded(f"tagmetry: 1\nextends: below.yaml\n{parts[1]}\n")
    assert len(found) == 9
    frequency = {key: rule(policy, "tag-frequency") for key, policy in found.items()}
    both = frequency["`limit: 0.7`, `min_images: 20`"].options
    assert (both.limit, both.min_images) == (0.7, 20)
    bare = frequency["`limit: 0.8`, as an error"]
    assert (bare.options.limit, bare.severity.label) == (0.8, "error")
    assert not frequency["still off"].enabled
    assert frequency["`limit: 0.9`, the default"].options.limit == 0.9
    as_below = frequency["as below"]
    assert (as_below.options.limit, as_below.severity.label) == (0.8, "error")
    profile = found["`base_model: sdxl`, `purpose: person`"].profile()
    assert (profile.base_model, profile.purpose) == ("sdxl", "person")
    (hat,) = found["`trigger: zwx`, `class_word: hat`"].profile().concepts
    assert (hat.trigger, hat.class_word) == ("zwx", "hat")
    assert found["`val/**` and `test/**`"].profile().roles["holdout"] == ("val/**", "test/**")
    assert found["`fail_on: warning`"].fail_on == "warning"


def test_the_extract_of_the_effective_policy_is_a_real_one():
    (extract,) = [text for kind, text in BLOCKS if kind == "text" and text.startswith("rules:\n")]
    policy = loaded("tagmetry: 1\nextends: tagmetry:strict\n\nrules:\n  near-duplicate-ratio:\n    limit: 5%\n")
    shown = as_text(policy, [PLUGINS.rules["missing-caption"], PLUGINS.rules["near-duplicate-ratio"]])
    assert extract in shown


def test_what_decides_for_an_image_is_told_as_in_the_guide():
    (place,) = [number for number, (_, text) in enumerate(BLOCKS) if " for train/scans/" in text.partition("\n")[0]]
    (policy_text, shown) = (BLOCKS[place - 2][1], BLOCKS[place][1])
    policy = loaded(policy_text)
    place = place_of("train/scans/1998/a.png", policy)
    told = "\n".join(decision(policy, PLUGINS.rules["resolution-below-base-model"], place)) + "\n"
    assert told.startswith(shown)
    settled = policy.rule(
        PLUGINS.rules["caption-too-long"],
        [match for match in policy.matches(PLUGINS.rules["caption-too-long"]) if place.meets(match)],
    )
    assert settled.severity.label == "warning"


def nested(line):
    """A line of the table as a part of a policy."""
    key = line.partition(":")[0]
    if key in PLUGINS.rules:
        return f"rules: {{{line}}}"
    return f"profile: {{{line}}}" if key in ("concepts", "roles") else line


def test_the_guide_tells_all_built_in_policies():
    assert {name for name in PLUGINS.policies if f"`{name}`" not in GUIDE} == set()


def test_the_worked_policies_are_there():
    names = ["ci-gate", "dancer", "flux-sentences", "house", "multi-concept", "style-lora"]
    assert [file.stem for file in EXAMPLES] == names
    assert all(f"examples/policies/{file.name}" in GUIDE for file in EXAMPLES)
    assert [file.name for file in EXAMPLE_TESTS] == [f"{name}.test.yaml" for name in names]


@pytest.mark.parametrize("file", EXAMPLE_TESTS, ids=lambda file: file.name.partition(".")[0])
def test_the_tests_of_every_worked_policy_pass_and_touch_all_of_it(file):
    test = read_case_file(file, shown=file.name)
    policy = load_policy(str(file.parent / test.policy), PLUGINS)
    known = with_defined(PLUGINS, policy.defined)
    results = [run_case(case, policy, known) for case in test.cases]
    assert [one.problem.message.english() for result in results for one in result.failures] == []
    own = [part for part in coverage_of(results, known).untouched if part.place.startswith(policy.sources[-1])]
    assert own == []


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_every_worked_policy_is_valid(file):
    policy = load_policy(str(file), PLUGINS)
    policy.rules(PLUGINS.rules.values())
    effective_vocabulary(PLUGINS, policy)
    assert list(validator().iter_errors(to_data(read_yaml(file.read_bytes(), file=file.name)))) == []


def test_the_house_standard_holds_in_its_project():
    policy = load_policy(str(DOCS / "examples/policies/dancer.yaml"), PLUGINS)
    assert policy.name == "acme/dancer"
    assert policy.sources == (
        "tagmetry:recommended",
        "tagmetry:strict",
        "house.yaml",
        "tagmetry:sdxl",
        "dancer.yaml",
    )
    ratio = rule(policy, "near-duplicate-ratio")
    assert (ratio.options.limit, ratio.origins["limit"]) == (0.15, "dancer.yaml:26")
    assert (rule(policy, "tag-frequency").options.limit, rule(policy, "caption-encoding").severity.label) == (
        0.85,
        "error",
    )
    assert rule(policy, "long-tail-tags").severity.label == "info"
    profile = policy.profile()
    assert (profile.base_model, profile.purpose, profile.trainer, profile.batch_size) == ("sdxl", "person", "kohya", 2)
    assert [concept.name for concept in profile.concepts] == ["dancer", "tutu"]
    assert profile.concepts[0].core_tags == ("green eyes", "freckles")
    assert policy.balance().regularization_ratio == 0.5
    assert policy.fail_on == "error"
    vocabulary = effective_vocabulary(PLUGINS, policy)
    assert "background" in vocabulary.groups_of("cyclorama")
    assert vocabulary.preferred("pony tail") == "ponytail"
    assert vocabulary.is_protected("acme logo")
    layer, _ = flag_layer(PLUGINS, profile={"purpose": "fashion"})
    assert policy.with_layer(layer).profile().purpose == "fashion"


def test_the_policy_that_init_writes_is_valid_with_and_without_its_comments():
    text = STARTER.format(name="my/hats", example="hats")
    assert loaded(text).name == "my/hats"
    lines = [re.sub(r"^  # ( *[a-z_-]+:(?: |$))", r"  \1", line) for line in text.splitlines()]
    policy = loaded("\n".join(lines) + "\n")
    assert policy.profile().base_model == "sdxl"
    assert [concept.name for concept in policy.profile().concepts] == ["hats"]
    assert not rule(policy, "long-tail-tags").enabled
