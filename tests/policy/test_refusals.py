"""What would cost more than a policy can be worth, or reach beyond it, is refused at once and with the reason."""

import pytest

from policy_testing import PLUGINS, load, told, write
from quickness import answers_within
from tagmetry.policy.diagnostics import PolicyError
from tagmetry.policy.loader import load_policy

pytestmark = pytest.mark.usefixtures("folder")

MOST_SECONDS = 0.1

WHERE = "rules: {missing-caption: {where: "


def within(text):
    return f"{WHERE}'{text}'}}}}"


COSTLY = {
    "brackets in brackets": ("a: " + "[" * 100_000, "policy-too-deep"),
    "braces in braces": ("a: " + "{b: " * 50_000, "policy-too-deep"),
    "mappings in mappings": ("".join(" " * i + "a:\n" for i in range(700)), "policy-too-deep"),
    "lists in a line": ("- " * 100_000, "policy-too-many-values"),
    "aliases of aliases": (
        "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
        "policy-anchor",
    ),
    "a hundred thousand values in brackets": ("a: [" + "1," * 100_000 + "]", "policy-too-many-values"),
    "a hundred thousand keys in braces": ("a: {" + "b: ," * 60_000 + "}", "policy-too-many-values"),
    "sixty thousand entries": ("a:\n" + "- 1\n" * 60_000, "policy-too-many-values"),
    "twenty thousand keys": ("".join(f"k{i}: 1\n" for i in range(20_000)), "policy-too-many-values"),
    "twenty thousand keys in quotes": ("".join(f"'k{i}': 1\n" for i in range(20_000)), "policy-too-many-values"),
    "twenty thousand keys without values": ("".join(f"k{i}:\n" for i in range(20_000)), "policy-too-many-values"),
    "twenty thousand keys with a sign": ("".join(f"? k{i}\n" for i in range(20_000)), "policy-too-many-values"),
    "lists in a list": ("a: [\n" + "[1],\n" * 50_000 + "]", "policy-too-many-values"),
    "a megabyte": ("# " + "x" * 1_048_576 + "\na: 1", "policy-too-large"),
    "a long text": ("name: " + "x " * 100_000, "policy-text-too-long"),
    "a long text in quotes": ("name: '" + "x " * 100_000 + "'", "policy-text-too-long"),
    "a quote that never closes": ('name: "' + "x\n  " * 50_000, "policy-text-too-long"),
    "a long block of text": ("name: |\n" + "  x y\n" * 40_000, "policy-text-too-long"),
    "a number of a thousand digits": ("rules: {tag-frequency: {limit: " + "9" * 5000 + "}}", "policy-number"),
    "an expression of 2,001 characters": (within("width > 1" + " " * 2000), "expression-too-long"),
    "a hundred thousand signs": (within("-" * 10_000 + "width > 1"), "expression-too-long"),
    "two thousand signs": (within("-" * 1900 + "width > 1"), "expression-too-many-parts"),
    "words of negation": (within("not " * 450 + "has_alpha"), "expression-too-many-parts"),
    "brackets of an expression": (within("(" * 900 + "width" + ")" * 900 + " > 1"), "expression-too-many-parts"),
    "a large power": (within("9 ** 9 ** 9 > 1"), "expression-character"),
    "repetitions of repetitions": (
        'rules: {missing-caption: {where: "matches(caption, r' + "'((a{100}){100}){100}'" + ')"}}',
        "expression-regex",
    ),
    "a group that looks back": (
        'rules: {missing-caption: {where: "matches(caption, r' + "'(a+)+\\\\1'" + ')"}}',
        "expression-regex",
    ),
    "a long pattern of paths": (
        "profile: {roles: {holdout: '" + "*a" * 5000 + "'}}",
        "policy-pattern",
    ),
}


def refusal(text):
    write("tagmetry.yaml", text)
    with pytest.raises(PolicyError) as caught:
        load()
    return told(caught.value)


@pytest.mark.parametrize("name", COSTLY)
def test_what_costs_too_much_is_refused_at_once(name):
    text, code = COSTLY[name]
    found = refusal(text)
    assert found[0][1] == code
    assert found[0][2] != ""
    assert answers_within(MOST_SECONDS, lambda: refusal(text))


REACHING = {
    "extends: /etc/passwd": "'/etc/passwd' is not relative to this file",
    "extends: ~/secrets.yaml": "'~/secrets.yaml' is not relative to this file",
    "extends: ../../../../../../etc/passwd": (
        "'../../../../../../etc/passwd' lies outside the folder that policies may be read from"
    ),
    "extends: https://example.org/p.yaml": (
        "'https://example.org/p.yaml' is no installed policy, and other addresses are not read"
    ),
    "extends: 'file:///etc/passwd'": "'file:///etc/passwd' is no installed policy, and other addresses are not read",
    "extends: 'C:\\policy.yaml'": "'C:\\policy.yaml' is no installed policy, and other addresses are not read",
    "output: report.html": "unknown key 'output'",
    "plugins: [acme_plugin]": "unknown key 'plugins'",
    "template: page.html": "unknown key 'template'",
    "cache: /tmp": "unknown key 'cache'",
    "environment: {PATH: /tmp}": "unknown key 'environment'",
    "page: {blur: true}": "unknown key 'page'",
    "profile: {roles: {holdout: /etc/**}}": "the pattern '/etc/**' begins outside the dataset",
    "profile: {roles: {holdout: ../**}}": "the pattern '../**' leads out of the dataset",
    "overrides: [{match: {path: ../../*.png}, rules: {missing-caption: off}}]": (
        "the pattern '../../*.png' leads out of the dataset"
    ),
    "rules: {missing-caption: {output: x}}": "unknown option 'output' of rule missing-caption",
    "rules: !!python/object:os.system {}": "!!python/object:os.system is a YAML tag; tags are not allowed",
    WHERE + "\"__import__('os').system('id')\"}}": None,
    WHERE + '"(1).__class__"}}': None,
    WHERE + '"open(path)"}}': None,
    WHERE + "\"path.format(path) == 'a'\"}}": None,
}


@pytest.mark.parametrize("text", REACHING)
def test_what_reaches_beyond_a_policy_is_refused_at_once(text):
    ((place, code, said, _), *_) = refusal(text)
    assert answers_within(MOST_SECONDS, lambda: refusal(text))
    assert place.startswith("2:")
    assert code.startswith(("policy-", "expression-"))
    if REACHING[text] is not None:
        assert said == REACHING[text]


def test_a_regex_that_hangs_others_takes_no_time_here():
    policy = (
        "name: acme/a\ndefine:\n"
        "  acme/b: {kind: caption-pattern, pattern: '(a+)+$'}\n"
        "  acme/c: {kind: caption-pattern, pattern: '(x+x+)+y'}"
    )
    write("tagmetry.yaml", policy)
    from rule_testing import concept, dataset, findings

    policy = load_policy("tagmetry.yaml", PLUGINS)
    data = dataset(concept("hat", captions=["a" * 50_000 + "b", "x" * 50_000]))
    for defined in policy.defined:
        assert findings(defined.rule, data) == []
        assert answers_within(1, lambda rule=defined.rule: findings(rule, data))


def test_many_texts_that_look_like_lists_are_not_counted_as_lists():
    lines = "".join(f"    - no list: {n}, and [no, brackets, either]\n" for n in range(300))
    blocks = "".join(f"  rule-{n}: |\n{lines}" for n in range(12))
    found = refusal(f"rules:\n{blocks}")
    assert {code for _, code, _, _ in found} == {"policy-unknown-rule"}


def test_a_long_file_of_comments_is_a_policy():
    write("tagmetry.yaml", "# one, two: [three]\n" * 12_000 + "gate: {fail_on: never}\n")
    assert load().fail_on == "never"
