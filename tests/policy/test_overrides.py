"""Overrides: ordered patches for a part of the dataset; what they match, what wins, where it comes from."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_testing import PLUGINS, joined, load, loaded, problems, refused, write
from tagmetry.cli import exit_code_of, tagmetry
from tagmetry.cli.explain import decision
from tagmetry.errors import UsageError
from tagmetry.finding import Severity
from tagmetry.policy.flags import flag_layer
from tagmetry.policy.match import Match
from tagmetry.policy.place import Place, place_of
from tagmetry.policy.printing import as_data, as_text

pytestmark = pytest.mark.usefixtures("folder")

RULE = PLUGINS.rules["tag-frequency"]
CAPTION = PLUGINS.rules["missing-caption"]
TAIL = PLUGINS.rules["long-tail-tags"]


def at(policy, path, rule=RULE):
    """The rule as it holds for a path, whose role and concept are told by its folders."""
    place = place_of(path, policy)
    return policy.rule(rule, [match for match in policy.matches(rule) if place.meets(match)])


# What is matched


def test_an_override_holds_where_its_path_matches_and_nowhere_else():
    policy = loaded("""\
        overrides:
          - match: {path: "train/scans/**"}
            rules: {tag-frequency: off}
        """)
    assert not at(policy, "train/scans/old/a.png").enabled
    assert at(policy, "train/a.png").enabled
    assert policy.rule(RULE).enabled


def test_of_several_patterns_one_is_enough():
    policy = loaded('overrides: [{match: {path: ["a/**", "b/*.png"]}, rules: {tag-frequency: off}}]')
    enabled = {path: at(policy, path).enabled for path in ("a/x.jpg", "b/x.png", "b/x.jpg", "c/x.png")}
    assert enabled == {"a/x.jpg": False, "b/x.png": False, "b/x.jpg": True, "c/x.png": True}


def test_all_keys_of_a_match_have_to_be_met():
    policy = loaded("""\
        profile: {roles: {regularization: "reg/**"}}
        overrides: [{match: {path: "**/*.png", role: regularization, concept: "ha*"}, rules: {tag-frequency: off}}]
        """)
    assert not at(policy, "reg/hat/a.png").enabled
    assert at(policy, "reg/hat/a.jpg").enabled
    assert at(policy, "train/hat/a.png").enabled
    assert at(policy, "reg/cap/a.png").enabled


def test_roles_and_concepts_may_be_lists():
    policy = loaded("overrides: [{match: {role: [regularization, holdout]}, rules: {missing-caption: off}}]")
    assert [at(policy, f"{name}/a.png", CAPTION).enabled for name in ("reg", "val", "train")] == [False, False, True]
    policy = loaded("overrides: [{match: {concept: [hat, cap]}, rules: {long-tail-tags: off}}]")
    assert [at(policy, f"{name}/a.png", TAIL).enabled for name in ("hat", "cap", "dress")] == [False, False, True]


def test_a_concept_whose_name_holds_signs_of_patterns_is_named_by_itself():
    policy = loaded('overrides: [{match: {concept: "hat [blue]"}, rules: {long-tail-tags: off}}]')
    assert not at(policy, "hat [blue]/a.png", TAIL).enabled
    assert at(policy, "hat b/a.png", TAIL).enabled is False
    assert at(policy, "hat/a.png", TAIL).enabled


# What wins


def test_overrides_change_field_by_field_and_the_last_that_matches_wins():
    policy = loaded("""\
        rules:
          tag-frequency: {limit: 80%, min_images: 20, severity: error}
        overrides:
          - match: {path: "train/**"}
            rules: {tag-frequency: {limit: 70%, word: hat}}
          - match: {path: "train/scans/**"}
            rules: {tag-frequency: {limit: 60%, severity: info}}
        """)
    scans = at(policy, "train/scans/a.png")
    assert (scans.options.limit, scans.options.word, scans.options.min_images) == (0.6, "hat", 20)
    assert (scans.severity, scans.severity_place) == (Severity.INFO, "tagmetry.yaml:8")
    assert {name: scans.origins[name] for name in ("limit", "word", "min_images")} == {
        "limit": "tagmetry.yaml:8",
        "word": "tagmetry.yaml:6",
        "min_images": "tagmetry.yaml:3",
    }
    train = at(policy, "train/a.png")
    assert (train.options.limit, train.severity) == (0.7, Severity.ERROR)


def test_the_rules_of_a_later_file_beat_the_overrides_of_an_earlier_one():
    write("house.yaml", 'overrides: [{match: {path: "a/**"}, rules: {tag-frequency: {limit: 50%, word: hat}}}]')
    policy = loaded("extends: house.yaml\nrules: {tag-frequency: {limit: 80%}}")
    settled = at(policy, "a/x.png")
    assert (settled.options.limit, settled.options.word) == (0.8, "hat")


def test_the_command_line_beats_overrides():
    policy = loaded('overrides: [{match: {path: "a/**"}, rules: {tag-frequency: {limit: 50%}}}]')
    layer, _ = flag_layer(PLUGINS, profile={}, settings=["tag-frequency.limit=0.7"])
    assert at(policy.with_layer(layer), "a/x.png").options.limit == 0.7


def test_null_in_an_override_is_the_default_and_not_what_holds_elsewhere():
    policy = loaded("""\
        rules: {tag-frequency: {limit: 80%, severity: error}}
        overrides: [{match: {path: "a/**"}, rules: {tag-frequency: {limit: null, severity: null}}}]
        """)
    settled = at(policy, "a/x.png")
    assert (settled.options.limit, settled.severity) == (0.9, None)


def test_lists_are_patched_in_overrides():
    policy = loaded("""\
        overrides:
          - {match: {path: "a/**"}, rules: {tag-frequency: {ignore: {add: [hat]}}}}
          - {match: {path: "a/b/**"}, rules: {tag-frequency: {ignore: {remove: [hat, solo]}}}}
        """)
    assert at(policy, "a/x.png").options.ignore == ("solo", "1girl", "hat")
    assert at(policy, "a/b/x.png").options.ignore == ("1girl",)


def test_a_rule_that_is_off_can_be_on_for_a_part():
    policy = loaded('rules: {tag-frequency: off}\noverrides: [{match: {path: "a/**"}, rules: {tag-frequency: error}}]')
    assert (at(policy, "a/x.png").severity, at(policy, "x.png").enabled) == (Severity.ERROR, False)


def test_a_former_name_of_a_rule_works_in_an_override():
    policy = loaded('overrides: [{match: {path: "a/**"}, rules: {soft-image: warning}}]')
    assert at(policy, "a/x.png", PLUGINS.rules["blurry-image"]).severity is Severity.WARNING


# What is refused


def test_a_rule_of_another_scope_cannot_be_told_apart_by_path():
    text = 'overrides: [{match: {path: "a/**"}, rules: {long-tail-tags: off, near-duplicate-ratio: off}}]'
    assert problems(text) == [
        (
            "2:45",
            "policy-match-scope",
            "long-tail-tags judges whole concepts, so overrides[0].match.path cannot be met",
            "match concepts by 'concept' or 'role'; single findings can be accepted by a suppression",
        ),
        (
            "2:66",
            "policy-match-scope",
            "near-duplicate-ratio judges the dataset as a whole, so overrides[0].match.path cannot be met",
            "set it under 'rules' for all of it; single findings can be accepted by a suppression",
        ),
    ]


def test_a_rule_of_the_whole_dataset_cannot_be_told_apart_by_role_or_concept():
    for match in ("role: train", "concept: hat"):
        found = problems(f"overrides: [{{match: {{{match}}}, rules: {{near-duplicate-ratio: off}}}}]")
        assert [one[1] for one in found] == ["policy-match-scope"]
        assert problems_free(f"overrides: [{{match: {{{match}}}, rules: {{long-tail-tags: off}}}}]")


def problems_free(text):
    return loaded(text) is not None


@pytest.mark.parametrize(
    ("match", "code", "said"),
    [
        ("{}", "policy-match", "overrides[0].match names nothing"),
        ("{path: []}", "policy-match", "overrides[0].match.path is empty, so it would never be met"),
        (
            "{path: scans}",
            "policy-pattern",
            "the pattern 'scans' names a folder, and patterns are compared with images",
        ),
        ("{path: ../a/*}", "policy-pattern", "the pattern '../a/*' leads out of the dataset"),
        ("{concept: '[z-a]'}", "policy-pattern", "the pattern '[z-a]' cannot be read: [z-a] runs backwards"),
        ("{folder: a}", "policy-unknown-key", "unknown key 'folder' in overrides[0].match"),
        ("{role: training}", "policy-value", None),
    ],
)
def test_a_match_that_could_never_be_met_is_an_error(match, code, said):
    found = problems(f"overrides: [{{match: {match}, rules: {{tag-frequency: off}}}}]")
    assert [one[1] for one in found] == [code]
    assert said is None or found[0][2] == said


def test_mistakes_in_overrides_are_told_as_those_in_rules():
    write(
        "tagmetry.yaml",
        """\
        overrides:
          - match: {path: "a/**"}
            rules:
              tag-frequncy: off
              tag-frequency: {limt: 3, min_images: 0, ignore: {remove: [cap]}}
        """,
    )
    assert refused() == joined(
        "error[policy-unknown-rule]: unknown rule 'tag-frequncy'",
        " --> tagmetry.yaml:5:7",
        "  |",
        "5 |       tag-frequncy: off",
        "  |       ^^^^^^^^^^^^",
        "  = help: did you mean tag-frequency?",
        "",
        "error[policy-unknown-option]: unknown option 'limt' of rule tag-frequency",
        " --> tagmetry.yaml:6:23",
        "  |",
        "6 |       tag-frequency: {limt: 3, min_images: 0, ignore: {remove: [cap]}}",
        "  |                       ^^^^",
        "  = help: did you mean 'limit'? Options: ignore, limit, min_images, sizes, strict, style, word",
        "",
        "error[policy-option-value]: overrides[0].rules.tag-frequency.min_images is 0; the smallest value is 1",
        " --> tagmetry.yaml:6:44",
        "  |",
        "6 |       tag-frequency: {limt: 3, min_images: 0, ignore: {remove: [cap]}}",
        "  |                                            ^",
        "",
        "error[policy-remove]: there is no 'cap' to remove",
        " --> tagmetry.yaml:6:65",
        "  |",
        "6 |       tag-frequency: {limt: 3, min_images: 0, ignore: {remove: [cap]}}",
        "  |                                                                 ^^^",
        "  = help: the list holds: solo, 1girl",
    )


def test_a_rule_twice_in_one_override_is_an_error_and_in_two_it_is_not():
    found = problems('overrides: [{match: {path: "a/**"}, rules: {blurry-image: off, soft-image: error}}]')
    assert [one[1] for one in found] == ["policy-rule-twice"]
    loaded("""\
        overrides:
          - {match: {path: "a/**"}, rules: {blurry-image: info}}
          - {match: {path: "b/**"}, rules: {soft-image: error}}
        """)


# What is shown

HOUSE = """\
profile: {roles: {regularization: "reg/**"}}
rules: {tag-frequency: {limit: 80%}}
overrides:
  - match: {path: ["train/scans/**", "*.tif"], role: train}
    because: Film scans are soft on purpose.
    rules:
      tag-frequency: {severity: error, limit: 50%, ignore: {add: [grain], remove: [solo]}, word: null}
      missing-caption: off
  - match: {concept: hat}
    rules: {long-tail-tags: warning}
"""
PROJECT = "extends: house.yaml\nrules: {tag-frequency: {limit: 70%}}\n"


def project():
    write("house.yaml", HOUSE)
    return loaded(PROJECT)


def test_the_effective_policy_shows_overrides_with_what_they_still_say():
    shown = as_text(project(), PLUGINS.rules.values())
    assert (
        shown[shown.index("overrides:") : shown.index("balance:")]
        == """\
overrides:
  - match: {path: [train/scans/**, "*.tif"], role: train}
    rules:
      tag-frequency:
        severity: error                     # house.yaml:8
        ignore: {add: [grain], remove: [solo]}  # house.yaml:8
        word: null                          # house.yaml:8
      missing-caption: off                  # house.yaml:9
  - match: {concept: hat}
    rules:
      long-tail-tags: warning               # house.yaml:11

"""
    )


def test_the_effective_policy_at_a_place_has_the_overrides_applied():
    policy = project()
    shown = as_text(policy, [RULE, CAPTION], place=place_of("train/scans/a.png", policy))
    assert shown.startswith("# at: train/scans/a.png (role train, concept scans)\n# sources: ")
    assert (
        shown[shown.index("rules:") : shown.index("balance:")]
        == """\
rules:
  tag-frequency:
    severity: error                         # house.yaml:8
    limit: 0.7                              # tagmetry.yaml:3
    min_images: 10                          # default
    ignore: [1girl, grain]                  # house.yaml:8
    sizes: [512, 768]                       # default
    style: auto                             # default
    strict: false                           # default
    word: null                              # default
  missing-caption: off                      # house.yaml:9

"""
    )


def test_overrides_are_data_too():
    policy = project()
    data = as_data(policy, PLUGINS.rules.values())
    assert json.loads(json.dumps(data)) == data
    assert data["overrides"] == [
        {
            "match": {"path": ["train/scans/**", "*.tif"], "role": "train"},
            "rules": {
                "tag-frequency": {
                    "severity": {"value": "error", "origin": "house.yaml:8"},
                    "ignore": {"value": {"add": ["grain"], "remove": ["solo"]}, "origin": "house.yaml:8"},
                    "word": {"value": None, "origin": "house.yaml:8"},
                    "because": "Film scans are soft on purpose.",
                },
                "missing-caption": {
                    "severity": {"value": "off", "origin": "house.yaml:9"},
                    "because": "Film scans are soft on purpose.",
                },
            },
        },
        {
            "match": {"concept": "hat"},
            "rules": {"long-tail-tags": {"severity": {"value": "warning", "origin": "house.yaml:11"}}},
        },
    ]
    there = as_data(policy, PLUGINS.rules.values(), place=place_of("reg/hat/a.png", policy))
    assert there["at"] == {"path": "reg/hat/a.png", "role": "regularization", "concept": "hat"}
    assert "overrides" not in there


SAID = "severity error, limit 0.5, ignore {add: [grain], remove: [solo]}, word null"


def test_what_decided_is_told_in_its_order():
    policy = project()
    assert list(decision(policy, RULE, place_of("train/scans/a.png", policy))) == [
        "tag-frequency for train/scans/a.png (role train, concept scans)",
        "",
        "  1. house.yaml:3: limit 0.8",
        "  2. house.yaml:8, for path train/scans/** or *.tif, role train: " + SAID,
        "     because: Film scans are soft on purpose.",
        "  3. tagmetry.yaml:3: limit 0.7",
        "",
        "  in force: error, from house.yaml:8",
        "  limit: 0.7, from tagmetry.yaml:3",
        "  min_images: 10, default",
        "  ignore: [1girl, grain], from house.yaml:8",
        "  sizes: [512, 768], default",
        "  style: auto, default",
        "  strict: false, default",
        "  word: null, default",
    ]


def test_where_nobody_speaks_that_is_told():
    policy = loaded("")
    assert list(decision(policy, CAPTION, place_of("a.png", policy))) == [
        "missing-caption for a.png (role train, concept )",
        "",
        "  no policy speaks of it here: its own severity and defaults hold",
        "",
        "  in force: error, the rule's own",
    ]


@pytest.fixture
def run(capsys):
    def called(*words):
        capsys.readouterr()
        code = exit_code_of(lambda: tagmetry.main(args=words, prog_name="tagmetry", standalone_mode=False))
        return code, *capsys.readouterr()

    return called


def test_the_commands_take_a_place(run):
    write("tagmetry.yaml", 'overrides: [{match: {path: "scans/*"}, rules: {caption-too-long: off}}]')
    code, out, _ = run("policy", "show", "--no-plugins", "--at", "scans\\a.png")
    assert (code, "  caption-too-long: off                     # tagmetry.yaml:2\n" in out) == (0, True)
    code, out, _ = run("explain", "caption-too-long", "--no-plugins", "--at", "./scans/a.png")
    assert out.startswith(
        "caption-too-long for scans/a.png (role train, concept scans)\n\n  1. tagmetry.yaml:2, for path"
    )
    assert "\n  in force: off, from tagmetry.yaml:2\n\n# caption-too-long\n" in out
    assert run("explain", "caption-too-long", "--at", "/a.png")[0] == 2
    assert run("policy", "show", "--at", "../a.png")[2].startswith(
        "error: --at ../a.png is not relative to the dataset's folder\n"
    )


@pytest.mark.parametrize("path", ["", ".", "/a.png", "C:/a.png", "a/../../b.png"])
def test_a_place_lies_in_the_dataset(path):
    with pytest.raises(UsageError):
        place_of(path, loaded(""))


def test_a_place_has_the_role_and_the_concept_that_an_image_there_has():
    policy = loaded("profile: {roles: {holdout: 'x/**'}, concepts: {hat: {match: '10_*/**'}}}")
    told = {path: (place_of(path, policy).role, place_of(path, policy).concept) for path in PLACES}
    assert told == PLACES


PLACES = {
    "x/a.png": ("holdout", "x"),
    "10_ohwx hat/a.png": ("train", "hat"),
    "20_ohwx cap/a.png": ("train", "ohwx cap"),
    "img_reg/1_cap/a.png": ("regularization", "cap"),
}


# Many of them, against a reading of the rules by hand

FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "severity": st.sampled_from(["off", "info", "error", None]),
        "limit": st.sampled_from([0.1, 0.5, None]),
        "word": st.sampled_from(["hat", "cap", None]),
        "ignore": st.sampled_from([["a"], ["b", "c"], None, {"add": ["d"]}, {"add": ["a", "e"]}]),
    },
)
PATTERNS = ["a/**", "b/**", "**/x.png", "**"]
OVERRIDE = st.tuples(st.sampled_from(PATTERNS), FIELDS)
LAYER = st.tuples(FIELDS, st.lists(OVERRIDE, max_size=3))


def by_hand(layers, path):
    met = {"a/**": path.startswith("a/"), "b/**": path.startswith("b/"), "**/x.png": path.endswith("x.png"), "**": True}
    default = {"severity": None, "limit": 0.9, "word": None, "ignore": ["solo", "1girl"]}
    found = dict(default)
    for base, overrides in layers:
        for fields in (base, *(fields for pattern, fields in overrides if met[pattern])):
            for key, value in fields.items():
                if value is None:
                    found[key] = default[key]
                elif isinstance(value, dict):
                    found[key] = list(dict.fromkeys([*found[key], *value["add"]]))
                else:
                    found[key] = value
    return found


def told(policy, path):
    settled = at(policy, path)
    options = settled.options
    label = settled.severity.label if settled.severity is not None else None
    return {"severity": label, "limit": options.limit, "word": options.word, "ignore": list(options.ignore)}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(layers=st.lists(LAYER, min_size=1, max_size=3))
def test_every_place_has_what_the_patches_say_in_their_order(layers):
    for number, (base, overrides) in enumerate(layers):
        text = {
            "tagmetry": 1,
            "extends": [f"l{number - 1}.yaml"] if number else [],
            "rules": {"tag-frequency": base},
            "overrides": [{"match": {"path": path}, "rules": {"tag-frequency": fields}} for path, fields in overrides],
        }
        write(f"l{number}.yaml", json.dumps(text), version=False)
    policy = load(f"l{len(layers) - 1}.yaml")
    paths = ["a/x.png", "a/y.png", "b/x.png", "b/y.png", "y.png"]
    assert [told(policy, path) for path in paths] == [by_hand(layers, path) for path in paths]


def test_a_place_meets_a_match_only_with_what_it_has():
    nowhere = Place("a.png", "train", "hat")
    assert nowhere.meets(Match())
    assert not Match(path=("**",)).meets(path=None, concept="hat", role="train")
    assert not Match(concept=("*",)).meets(path="a.png", concept=None, role="train")
    assert not Match(role=("train",)).meets(path="a.png", concept="hat", role=None)


def test_conditions_are_patched_and_shown_like_everything_else():
    policy = loaded("""\
        rules: {missing-caption: {where: width > 100}}
        overrides:
          - {match: {path: "a/**"}, rules: {missing-caption: {where: width > 500, when: dataset.n_train > 3}}}
          - {match: {path: "a/b/**"}, rules: {missing-caption: {where: null}}}
        """)
    told = {path: at(policy, path, CAPTION) for path in ("x.png", "a/x.png", "a/b/x.png")}
    assert [one.where.value.text if one.where else None for one in told.values()] == [
        "width > 100",
        "width > 500",
        None,
    ]
    assert [one.when is not None for one in told.values()] == [False, True, True]
    shown = as_text(policy, PLUGINS.rules.values())
    write("shown.yaml", shown, version=False)
    again = load("shown.yaml")
    assert [at(again, path, CAPTION).where for path in told] != [None] * 3
    assert as_text(again, PLUGINS.rules.values()).count("width > 500") == 1
