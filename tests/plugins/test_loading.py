"""Loading: what a plugin brings is there by name; one that breaks is named with the reason, and the others work."""

import itertools
import sys

import pytest

from tagmetry.plugins import load_plugins
from tagmetry.policy.diagnostics import PolicyError
from tagmetry.policy.loader import load_policy

NUMBERS = itertools.count()

RULE = '''
"""A rule for the test.

What it finds
    Nothing.
"""

from tagmetry.api import *

rule = Rule(id="{id}", severity=Severity.INFO, evidence="heuristic", messages={{"found": "found"}}{more})

@rule.whole_dataset
def check(dataset, options):
    yield from ()

@hookimpl
def tagmetry_rules():
    return [rule]
'''

FEATURE = """
from tagmetry.api import *

feature = Feature({declaration})

@feature.measure
def measure(picture):
    return 0.0

@hookimpl
def tagmetry_features():
    return [feature]
"""

HOOK = """
from tagmetry.api import *

@hookimpl
def {hook}():
    return {returned}
"""


@pytest.fixture(autouse=True)
def modules():
    """Modules that a test imported are forgotten, so that the next one may use the name again."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if not name.startswith(("tagmetry", "babel")):
            del sys.modules[name]


@pytest.fixture
def loaded(distribution, monkeypatch):
    """Loads one distribution besides our own plugins: (all plugins, the outcome of this one)."""

    def loaded(name, code, **more):
        monkeypatch.syspath_prepend(str(distribution(name, code, **more)))
        plugins = load_plugins()
        (outcome,) = [one for one in plugins.outcomes if one.distribution == name]
        return plugins, outcome

    return loaded


@pytest.fixture(scope="module")
def ours():
    return load_plugins(foreign=False)


def reason(loaded, ours, name, code, **more):
    """Why a plugin did not load; everything of ours is there all the same."""
    plugins, outcome = loaded(name, code, **more)
    assert (outcome.name, outcome.version, outcome.outcome) == (name, "1.0", "failed")
    assert (plugins.rules, plugins.features, plugins.layouts) == (ours.rules, ours.features, ours.layouts)
    assert (plugins.reporters, plugins.policies) == (ours.reporters, ours.policies)
    assert (plugins.vocabularies, plugins.locales) == (ours.vocabularies, ours.locales)
    return outcome.reason


def test_a_rule_of_another_distribution_is_found_by_its_entry_point(loaded):
    plugins, outcome = loaded("finder", RULE.format(id="finder/nothing", more=""))
    assert (outcome.name, outcome.version, outcome.outcome, outcome.reason) == ("finder", "1.0", "loaded", "")
    rule = plugins.rules["finder/nothing"]
    assert rule.title == "A rule for the test."
    assert plugins.provider[rule] == outcome
    assert not plugins.is_own(rule)


def test_our_own_come_first_then_distributions_by_name(distribution, monkeypatch):
    for name in ("zebra", "aardvark"):
        monkeypatch.syspath_prepend(str(distribution(name, RULE.format(id=f"{name}/nothing", more=""))))
    names = [outcome.name for outcome in load_plugins().outcomes]
    assert names[-2:] == ["aardvark", "zebra"]
    assert all(name.startswith("tagmetry.") for name in names[:-2])


def test_without_foreign_plugins_they_are_not_even_imported(distribution, monkeypatch):
    monkeypatch.syspath_prepend(str(distribution("unwanted", "raise SystemExit(7)")))
    plugins = load_plugins(foreign=False)
    assert plugins.failed == ()
    assert plugins.left_out == ("unwanted",)
    assert "unwanted" not in sys.modules


def test_of_two_versions_of_a_distribution_the_first_on_the_path_counts(distribution, monkeypatch):
    monkeypatch.syspath_prepend(str(distribution("twofold", RULE.format(id="twofold/old", more=""), version="1.0")))
    newer = distribution("Twofold", RULE.format(id="twofold/new", more=""), version="2.0", value="newer")
    (newer / "Twofold.py").rename(newer / "newer.py")
    monkeypatch.syspath_prepend(str(newer))
    plugins = load_plugins()
    assert "twofold/new" in plugins.rules
    assert "twofold/old" not in plugins.rules


IMPORTS = {
    "raises": ("1 / 0", "ZeroDivisionError: division by zero (raises, line 1)"),
    "exits": ("import sys\nsys.exit(5)", "it called sys.exit(5) (exits, line 2)"),
    "exits-in-words": ("raise SystemExit('bye')", "it called sys.exit('bye') (exits_in_words, line 1)"),
    "lacks": ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library' (lacks, line 1)"),
    "says-nothing": ("raise RuntimeError", "RuntimeError (says_nothing, line 1)"),
    "cannot-say": (
        "class Odd(Exception):\n    def __str__(self):\n        raise ValueError\nraise Odd",
        "Odd (cannot_say, line 4)",
    ),
    "steers": (
        "raise ValueError('a\\x1b[2Jb\\nc ' + str(object()))",
        "ValueError: a\\x1b[2Jb c <object object> (steers, line 1)",
    ),
    "is-empty": ("", "it registers nothing: no function is marked with @hookimpl of tagmetry.api"),
}


@pytest.mark.parametrize("name", IMPORTS)
def test_a_module_that_cannot_be_used_is_named(loaded, ours, name):
    code, expected = IMPORTS[name]
    assert reason(loaded, ours, name, code) == expected


HOOKS = {
    "raises-late": (
        HOOK.format(hook="tagmetry_rules", returned="[][0]"),
        "IndexError: list index out of range (raises_late, line 6)",
    ),
    "exits-late": (
        HOOK.format(hook="tagmetry_policies", returned="exit(3)"),
        "it called sys.exit(3) (exits_late, line 6)",
    ),
    "gives-number": (
        HOOK.format(hook="tagmetry_rules", returned="5"),
        "tagmetry_rules returned int; it returns a list of Rule objects",
    ),
    "gives-text": (
        HOOK.format(hook="tagmetry_reporters", returned="'csv'"),
        "tagmetry_reporters returned str; it returns a list of Reporter objects",
    ),
    "gives-others": (
        HOOK.format(hook="tagmetry_features", returned="[File('', '')]"),
        "tagmetry_features gave File; it takes Feature objects",
    ),
    "slips": (
        HOOK.format(hook="tagmetry_rule", returned="[]"),
        "there is no hook tagmetry_rule; did you mean tagmetry_rules?",
    ),
    "forgets": (
        HOOK.format(hook="tagmetry_rules", returned="[]").replace("@hookimpl", ""),
        "tagmetry_rules is not marked with @hookimpl of tagmetry.api",
    ),
    "asks": (
        HOOK.format(hook="tagmetry_rules", returned="[]").replace("():", "(config):"),
        "the hook tagmetry_rules takes no arguments, not config",
    ),
}


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_that_cannot_be_used_is_named(loaded, ours, name):
    code, expected = HOOKS[name]
    assert reason(loaded, ours, name, code) == expected


RULES = {
    "bare": (("no-artists", ""), "rule id no-artists: a plugin's rule is named namespace/kebab-case-name"),
    "camel": (("acme/NoArtists", ""), "rule id acme/NoArtists: a plugin's rule is named namespace/kebab-case-name"),
    "poses": (
        ("tagmetry/no-artists", ""),
        "rule id tagmetry/no-artists: a plugin's rule is named namespace/kebab-case-name",
    ),
    "takes-alias": (
        ("acme/x", ', aliases=("tag-frequency",)'),
        "rule id tag-frequency: a plugin's rule is named namespace/kebab-case-name",
    ),
    "weighs": (("acme/x", ', status="final"'), "acme/x: status final is none of stable, preview, deprecated"),
    "one-role": (("acme/x", ', roles="train"'), "rule acme/x: roles is str, not a tuple"),
    "validates": (
        ("acme/x", ', roles=("validation",)'),
        "acme/x: role validation is none of train, regularization, preservation, holdout, earlier",
    ),
    "needs-name": (("acme/x", ', needs=("sharpness",)'), "rule acme/x: needs holds str, not a Feature"),
    "points": (
        ("acme/x", ', points_to=("doom",)'),
        "ValueError: acme/x: unknown failure modes ['doom'] (points, line 10)",
    ),
    "braces": (
        ("acme/x", ', remedies=Remedies(data=("crop {it",))'),
        "ValueError: stray brace in the text 'crop {it' (braces, line 10)",
    ),
    "percents": (
        ("acme/x", ', remedies=Remedies(data=("{n:percents}",))'),
        (
            "ValueError: unknown kind 'percents' in the text '{n:percents}'; kinds: "
            "text, count, percent, px, bits, tokens, bytes, number (percents, line 10)"
        ),
    ),
    "wrong-key": (
        ("acme/x", ', remedies={"fnord": Remedies()}'),
        "acme/x: remedies for the message fnord is none of found",
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_that_breaks_its_contract_is_named(loaded, ours, name):
    (rule_id, more), expected = RULES[name]
    assert reason(loaded, ours, name, RULE.format(id=rule_id, more=more)) == expected


def test_a_rule_without_a_check_is_named(loaded, ours):
    code = RULE.format(id="acme/x", more="").replace("@rule.whole_dataset", "")
    expected = "rule acme/x has no check: mark its function with @rule.each_sample or the like"
    assert reason(loaded, ours, "checkless", code) == expected


def test_a_rule_without_documentation_is_named(loaded, ours):
    code = RULE.format(id="acme/x", more="").partition('"""\n\nfrom')[2]
    expected = "rule acme/x has no documentation: it is the docstring of undocumented"
    assert reason(loaded, ours, "undocumented", f"from{code}") == expected


OPTIONS = {
    "unwritable": (
        "sizes: dict[str, int] = option({}, 'Sizes.')",
        (
            "acme/x: option sizes has a type that policies cannot write; bool, int, float, str, tuples of them, "
            "and each with None can be written"
        ),
    ),
    "undeclared": (
        "limit: float = 0.5",
        "TypeError: Options.limit is not declared with option(...) (undeclared, line 15)",
    ),
    "shadows": ("severity: str = option('x', 'A.')", "acme/x: an option cannot be named severity"),
    "beyond": (
        "limit: float = option(2.0, 'A.', low=0, high=1)",
        "acme/x: the default of limit is 2; the largest value is 1",
    ),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_options_that_a_policy_could_not_set_are_named(loaded, ours, name):
    field, expected = OPTIONS[name]
    options = (
        f"from dataclasses import dataclass\n\n@dataclass(frozen=True)\nclass Options:\n    {field}\n\nrule = Rule("
    )
    code = RULE.format(id="acme/x", more=", options=Options").replace("\nrule = Rule(", options)
    if name == "unwritable":
        code = code.replace("option({}", "option(()")
    assert reason(loaded, ours, name, code) == expected


def test_a_rule_id_that_is_taken_is_named_with_its_owner(distribution, monkeypatch, ours):
    for name in ("one", "two"):
        monkeypatch.syspath_prepend(str(distribution(name, RULE.format(id="acme/x", more=""))))
    plugins = load_plugins()
    assert plugins.provider[plugins.rules["acme/x"]].name == "one"
    assert [(one.name, one.reason) for one in plugins.failed] == [
        ("two", "the rule id acme/x is taken by plugin one 1.0")
    ]


def test_an_alias_counts_as_a_taken_rule_id(distribution, monkeypatch):
    monkeypatch.syspath_prepend(str(distribution("first", RULE.format(id="acme/y", more=', aliases=("acme/z",)'))))
    monkeypatch.syspath_prepend(str(distribution("second", RULE.format(id="acme/z", more=""))))
    assert [one.reason for one in load_plugins().failed] == ["the rule id acme/z is taken by plugin first 1.0"]


def test_a_rule_id_given_twice_is_named(loaded, ours):
    code = RULE.format(id="acme/x", more="").replace("[rule]", "[rule, rule]")
    assert reason(loaded, ours, "stutters", code) == "it gives the rule id acme/x twice"


@pytest.mark.parametrize(
    ("hook", "returned", "expected"),
    [
        (
            "tagmetry_policies",
            "[PolicySource('house', '')]",
            "policy house: a plugin's policy is named namespace:name",
        ),
        (
            "tagmetry_policies",
            "[PolicySource('tagmetry:house', '')]",
            "policy tagmetry:house: a plugin's policy is named namespace:name",
        ),
        ("tagmetry_policies", "[PolicySource('acme:house', b'')]", "acme:house: its text is bytes, not str"),
        (
            "tagmetry_reporters",
            "[Reporter('json', doc='Mine.')]",
            "reporter json has no render function: mark it with @reporter.render",
        ),
        ("tagmetry_layouts", "[Layout('mine', '', 1, 2)]", "layout mine: recognizes and read are functions"),
        (
            "tagmetry_layouts",
            "[Layout('plain-folders', '', print, print)]",
            "the layout plain-folders is taken by plugin tagmetry.layouts 0.1.0",
        ),
        ("tagmetry_locales", "[LocaleSource('ja', 'text')]", "catalogue ja: po is str, not bytes"),
        ("tagmetry_locales", "[LocaleSource('../x', b'')]", "language ../x: a language is a code such as ja or pt_BR"),
        (
            "tagmetry_locales",
            "[LocaleSource('ja', b'msgid \"{a}\"\\nmsgstr \"{b}\"')]",
            'catalogue ja: the translation of "{a}" asks for b, which the text does not have',
        ),
        (
            "tagmetry_vocabularies",
            "[VocabularySource('own.yaml', 'groups: [')]",
            "own.yaml:1: this bracket is never closed",
        ),
        (
            "tagmetry_vocabularies",
            "[VocabularySource('own.yaml', 'groups: {a: 5}')]",
            "groups.a in own.yaml must be a text or a list, not 5",
        ),
        (
            "tagmetry_vocabularies",
            "[VocabularySource('own.yaml', 'synonyms: {long hair: red hair}')]",
            (
                'synonyms.long hair in the merged vocabulary: "red hair" cannot be a variant of it, '
                'since it belongs to "red hair"'
            ),
        ),
    ],
)
def test_other_parts_that_break_their_contract_are_named(loaded, ours, hook, returned, expected):
    name = f"parts{next(NUMBERS)}"
    assert reason(loaded, ours, name, HOOK.format(hook=hook, returned=returned)) == expected


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        ("'Border', version=1, unit='px'", "feature Border: a name is lower case, with _ between words"),
        ("'border', version=0, unit='px'", "feature border: version and width are whole numbers from 1"),
        ("'border', version=1, unit='px', width=2.5", "feature border: version and width are whole numbers from 1"),
        ("'border', version=1, unit='px', dtype='words'", "feature border: dtype is no type of numpy"),
        ("'border', version=1, unit='px', dtype=str", "feature border: dtype <class 'str'> holds no numbers"),
    ],
)
def test_a_feature_that_breaks_its_contract_is_named(loaded, ours, declaration, expected):
    name = f"feature{next(NUMBERS)}"
    assert reason(loaded, ours, name, FEATURE.format(declaration=declaration)) == expected


def test_a_feature_that_workers_could_not_find_is_named(loaded, ours):
    code = FEATURE.format(declaration="'border', version=1, unit='px'")
    hidden = code.replace("return [feature]", "return [made()]") + (
        "\ndef made():\n"
        "    inner = Feature('inner', version=1, unit='px')\n"
        "    inner.measure(measure)\n"
        "    return inner\n"
    )
    assert reason(loaded, ours, "hides", hidden) == (
        "feature inner is not the one feature of its name and version at the top level of hides, where its function "
        "stands; worker processes look for it there"
    )


def test_a_module_that_is_no_python_is_named(loaded, ours):
    assert reason(loaded, ours, "unwritten", "def def").startswith("SyntaxError: invalid syntax (unwritten.py, line 1)")


def test_an_entry_point_that_names_no_module_is_named(loaded, ours):
    assert reason(loaded, ours, "nowhere", "", value="no module") == "its entry point no module names no module"


def test_a_damaged_entry_point_file_is_named_and_hides_no_other(loaded, ours):
    plugins, outcome = loaded("damaged", "", entry_points="[tagmetry]\nwithout an equals sign\n")
    assert (outcome.name, outcome.version, outcome.outcome) == ("damaged", "1.0", "failed")
    assert plugins.rules == ours.rules


def test_what_a_plugin_prints_while_it_is_loaded_goes_to_standard_error(loaded, capsys):
    code = "print('loading')\n" + RULE.format(id="loud/x", more="").replace("return [", "print('asked'); return [")
    loaded("loud", code)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "loading\nasked\n"


def test_what_nobody_brings_is_told_with_the_plugin_that_did_not_load(loaded):
    plugins, _ = loaded("acme", "import no_such_library")
    help_text = plugins.way_out("acme/no-artists", plugins.rules, None).english()
    assert help_text == (
        "a plugin that did not load may bring it: "
        "acme 1.0 (ModuleNotFoundError: No module named 'no_such_library' (acme, line 1))"
    )


def test_a_slip_in_a_name_of_ours_is_told_before_a_plugin_that_did_not_load(loaded):
    plugins, _ = loaded("acme", "import no_such_library")
    assert plugins.way_out("tag-frequenzy", plugins.rules, None).english() == "did you mean tag-frequency?"


def test_a_plugin_that_takes_long_to_load_is_named(loaded, monkeypatch, capsys):
    monkeypatch.setattr("tagmetry.plugins.SLOW_SECONDS", 0.05)
    code = RULE.format(id="sleepy/nothing", more="") + "\nimport time\ntime.sleep(0.5)\n"
    plugins, outcome = loaded("sleepy", code, version="0.7")
    assert (outcome.outcome, "sleepy/nothing" in plugins.rules) == ("loaded", True)
    assert "waiting for plugin sleepy 0.7 to load; --no-plugins leaves it out\n" in capsys.readouterr().err


KIND = """
from tagmetry.api import Kind, hookimpl, message

def build(rule, definition):
    {build}

kind = Kind(
    name="{name}", doc="A kind.", build=build, summary=lambda definition: message("A thing."),
    placeholders=lambda definition: {{}}, messages={{"found": "it is"}}, {more}
)

@hookimpl
def tagmetry_kinds():
    return [kind]
"""


def kind(name="acme/thing", build="rule.whole_dataset(lambda dataset, options: iter(()))", more=""):
    return KIND.format(name=name, build=build, more=more)


def test_a_kind_becomes_known_to_policies(loaded):
    plugins, outcome = loaded("acme", kind())
    assert (outcome.outcome, outcome.reason) == ("loaded", "")
    assert list(plugins.kinds)[-1] == "acme/thing"
    assert next(iter(plugins.kinds)) == "metric"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (kind(name="thing"), "kind thing: a plugin's kind is named namespace/kebab-case-name"),
        (kind(more="fields=(1,),"), "AttributeError: 'int' object has no attribute 'name'"),
        (
            kind(more="fields=(__import__('tagmetry.api').api.Field('severity', 'tags', 'Tags.'),),"),
            "kind acme/thing: a field cannot be named severity",
        ),
        (
            kind(more="fields=(__import__('tagmetry.api').api.Field('which', 'choice', 'Which.'),),"),
            "kind acme/thing: the field which has no choices",
        ),
        (
            kind(more="fields=(__import__('tagmetry.api').api.Field('which', 'words', 'Which.'),),"),
            "acme/thing: the sort of a field words is none of condition, number, value, regex, swap, choice, group",
        ),
        (kind(more="figure=3,"), "kind acme/thing: figure is a function"),
    ],
)
def test_a_kind_that_breaks_the_contract_is_refused(loaded, code, reason):
    _, outcome = loaded("acme", code)
    assert outcome.outcome == "failed"
    assert outcome.reason.startswith(reason)


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        ("raise ValueError('no')", "ValueError: no (acme, line 5)"),
        ("raise SystemExit(3)", "it called sys.exit(3) (acme, line 5)"),
    ],
)
def test_a_kind_that_fails_in_a_policy_is_named_at_the_definition(loaded, tmp_path, build, reason):
    plugins, _ = loaded("acme", kind(build=build))
    (tmp_path / ".git").mkdir()
    policy = tmp_path / "tagmetry.yaml"
    policy.write_text("tagmetry: 1\nname: a/b\ndefine:\n  a/c: {kind: acme/thing}\n", encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_policy(str(policy), plugins)
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.span.line) == ("policy-kind-failed", 4)
    assert problem.message.english() == f"the kind acme/thing failed: {reason}"
