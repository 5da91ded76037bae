"""The part `balance` of a policy: steps, conditions and figures, each with its place."""

import pytest

from policy_testing import PLUGINS, loaded, problems
from tagmetry.policy.loader import load_policy
from tagmetry.policy.printing import as_data, as_text

pytestmark = pytest.mark.usefixtures("folder")

STEPS = """balance:
  steps:
    - {name: small, when: dataset.n_train < 30, action: none, because: Too few.}
    - {name: rest, multiplier: "clip(dataset.median_exposure / concept.exposure, 0.5, 3)"}
  never: [dataset.n_concepts > 9]
  tags_good: tag_noise <= 0.05
"""


def test_steps_are_read_in_order_with_their_places():
    steps = loaded(STEPS).balance_conditions().steps
    assert [step.name for step in steps] == ["small", "rest"]
    assert [step.place for step in steps] == ["tagmetry.yaml:4", "tagmetry.yaml:5"]
    assert steps[0].when.text == "dataset.n_train < 30"
    assert (steps[0].multiplier, steps[0].because) == (None, "Too few.")
    assert (steps[1].when, steps[1].multiplier.scope) == (None, "concept")


def test_conditions_are_about_the_whole_dataset():
    conditions = loaded(STEPS).balance_conditions()
    assert [one.expression.text for one in conditions.never] == ["dataset.n_concepts > 9"]
    assert conditions.tags_good.expression.text == "tag_noise <= 0.05"
    assert conditions.tags_good.place == "tagmetry.yaml:7"


def test_without_them_the_plan_asks_its_own_questions():
    assert loaded("balance: {apply: true}").balance_conditions().steps is None


def test_no_steps_are_steps():
    assert loaded("balance: {steps: []}").balance_conditions().steps == ()


@pytest.mark.parametrize(
    ("text", "place", "code", "said"),
    [
        (
            "balance: {steps: [{name: a, when: dataset.n_trian < 3, action: none}]}",
            "2:35",
            "expression-unknown-name",
            "the name dataset.n_trian is not known",
        ),
        (
            "balance: {steps: [{name: a}]}",
            "2:19",
            "policy-value",
            "balance.steps[0] says neither action nor multiplier",
        ),
        (
            "balance: {steps: [{name: a, action: none, multiplier: '2'}]}",
            "2:19",
            "policy-value",
            "balance.steps[0] has both action and multiplier",
        ),
        (
            "balance: {steps: [{when: dataset.n_train > 1, action: none}]}",
            "2:19",
            "policy-missing-key",
            None,
        ),
        ("balance: {steps: [{name: a, multiplier: role == 'train'}]}", "2:41", None, None),
        ("balance: {never: [short_side_px > 3]}", "2:19", None, None),
        ("balance: {tags_good: tag_noise}", "2:22", None, None),
        (
            "balance: {preservation: {share: [0.5, 0.25]}}",
            "2:33",
            "policy-option-value",
            "balance.preservation.share begins with the greater number",
        ),
        (
            "balance: {preservation: {share: [0.5]}}",
            "2:26",
            None,
            "balance.preservation.share has fewer than 2 entries",
        ),
        ("balance: {randomization: {tags: {keep_tokens: all}}}", "2:47", None, None),
        ("balance: {fraction_floor: 3}", "2:27", "policy-option-value", None),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(text, place, code, said):
    ((where, found, told, _),) = problems(text)
    assert where == place
    assert code is None or found == code
    assert said is None or told == said


def test_keep_tokens_takes_a_number_or_auto():
    assert loaded("balance: {randomization: {tags: {keep_tokens: 2}}}").balance().keep_tokens == 2
    assert loaded("balance: {randomization: {tags: {keep_tokens: auto}}}").balance().keep_tokens is None


def test_shares_are_read_as_a_pair():
    assert loaded("balance: {preservation: {share: [10%, 0.2]}}").balance().preservation_share == (0.1, 0.2)


def test_a_later_file_replaces_a_key_as_a_whole_and_null_takes_it_back(tmp_path):
    (tmp_path / "house.yaml").write_text("tagmetry: 1\n" + STEPS, encoding="utf-8")
    own = tmp_path / "own.yaml"
    own.write_text("tagmetry: 1\nextends: [house.yaml]\nbalance: {steps: null, never: []}\n", encoding="utf-8")
    conditions = load_policy(str(own), PLUGINS).balance_conditions()
    assert (conditions.steps, conditions.never) == (None, ())
    assert conditions.tags_good.expression.text == "tag_noise <= 0.05"


def test_the_printed_policy_says_the_same(tmp_path):
    policy = loaded(STEPS)
    shown = tmp_path / "shown.yaml"
    shown.write_text(as_text(policy, PLUGINS.rules.values()), encoding="utf-8")
    again = load_policy(str(shown), PLUGINS).balance_conditions()
    assert [step.as_data() for step in again.steps] == [step.as_data() for step in policy.balance_conditions().steps]
    assert [one.expression.text for one in again.never] == ["dataset.n_concepts > 9"]
    data = as_data(policy, PLUGINS.rules.values())["balance"]
    assert data["steps"]["value"][0] == {
        "name": "small",
        "when": "dataset.n_train < 30",
        "action": "none",
        "because": "Too few.",
    }
    assert data["tags_good"] == {"value": "tag_noise <= 0.05", "origin": "tagmetry.yaml:7"}
