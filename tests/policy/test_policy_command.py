"""`tagmetry policy`: what is printed, where, and with which exit code."""

import json
import os
import subprocess
import sys

import pytest
from jsonschema import Draft202012Validator

from policy_testing import PLUGINS, joined, load, loaded, write
from tagmetry.cli import exit_code_of, tagmetry
from tagmetry.options import options_of
from tagmetry.plugins import load_plugins
from tagmetry.policy.flags import flag_layer
from tagmetry.policy.loader import load_policy
from tagmetry.policy.printing import as_data, as_text
from tagmetry.policy.schema import policy_schema

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def run(capsys):
    """Calls a command in this process: (exit code, standard output, standard error)."""

    def called(*arguments):
        capsys.readouterr()
        words = ["policy", *arguments]
        code = exit_code_of(lambda: tagmetry.main(args=words, prog_name="tagmetry", standalone_mode=False))
        out, error = capsys.readouterr()
        return code, out, error

    return called


# check


def test_a_valid_policy_is_said_to_be_valid(run):
    write("tagmetry.yaml", "name: acme/hats\nextends: tagmetry:sdxl\n")
    assert run("check", "--no-plugins") == (
        0,
        "acme/hats is valid: tagmetry:recommended + tagmetry:sdxl + tagmetry.yaml\n",
        "",
    )


def test_a_policy_is_checked_by_file_or_by_name(run):
    write("house/base.yaml")
    assert run("check", "house/base.yaml")[:2] == (0, "house/base.yaml is valid: house/base.yaml\n")
    assert run("check", "strict")[:2] == (
        0,
        "tagmetry/strict is valid: tagmetry:recommended + tagmetry:strict\n",
    )


def test_without_a_policy_file_that_is_said(run):
    assert run("check") == (
        0,
        "tagmetry/recommended is valid: tagmetry:recommended\n",
        "no tagmetry.yaml is here or above: tagmetry:recommended is what applies\n",
    )


def test_all_mistakes_are_printed_and_counted(run):
    write("tagmetry.yaml", "rules:\n  tag-frequency: {limt: 0.9}\n  long-tail-tags: of\n")
    assert run("check") == (
        2,
        joined(
            "error[policy-unknown-option]: unknown option 'limt' of rule tag-frequency",
            " --> tagmetry.yaml:3:19",
            "  |",
            "3 |   tag-frequency: {limt: 0.9}",
            "  |                   ^^^^",
            "  = help: did you mean 'limit'? Options: cap_ratio, limit, min_images",
            "",
            "error[policy-value]: rules.long-tail-tags is of; it takes off, info, warning, error or a mapping",
            " --> tagmetry.yaml:4:19",
            "  |",
            "4 |   long-tail-tags: of",
            "  |                   ^^",
            "  = help: did you mean 'off'?",
            "",
            "2 problems",
            "",
        ),
        "",
    )


def test_mistakes_are_data_on_demand(run):
    write("tagmetry.yaml", "rules:\n  画風: off\n")
    code, out, error = run("check", "--format", "json")
    assert (code, error) == (2, "")
    assert json.loads(out) == [
        {
            "code": "policy-unknown-rule",
            "message": "unknown rule '画風'",
            "values": {"rule": "画風"},
            "file": "tagmetry.yaml",
            "line": 3,
            "column": 3,
            "end_line": 3,
            "end_column": 5,
            "source_line": "  画風: off",
            "help": "tagmetry rules lists the rules",
        }
    ]


def test_no_mistakes_are_an_empty_list(run):
    write("tagmetry.yaml")
    assert run("check", "--format", "json") == (0, "[]\n", "")


def test_a_policy_that_is_not_there_is_wrong_usage(run):
    assert run("check", "sdxxl") == (
        2,
        "",
        "error: there is no policy named sdxxl and no such file\n  = help: did you mean sdxl?\n",
    )
    assert run("check", "house.yaml")[0] == 2


def test_another_folder_can_be_allowed(run, folder):
    write("../house/base.yaml")
    write("tagmetry.yaml", "extends: ../house/base.yaml")
    code, out, _ = run("check")
    assert code == 2
    assert "widen it with --policy-root DIR" in out
    assert run("check", "--policy-root", "..")[0] == 0


# show

HOUSE = """\
name: acme/house
extends: tagmetry:recommended
profile:
  base_model: sdxl
  concepts:
    hat: {match: "hat/**"}
rules:
  acme/no-artists: off
  tag-frequency: error
vocabulary: {groups: {hats: red hat}, protected: {add: logo}}
"""

PROJECT = """\
name: acme/hats
extends: house.yaml
profile:
  resolution: 1024
  roles: {regularization: ["reg/**", "more/**"]}
  concepts:
    hat: {trigger: ohwx, core_tags: [red hat, "2000", 赤い帽子]}
    cap: {}
rules:
  missing-caption: warning
  near-duplicate-ratio: {limit: 10%}
  tag-frequency:
    ignore: {add: [a long tag with many words, another long tag with many words, hat]}
balance: {randomization: {tags: {caption_tag_dropout_rate: 5%}}}
"""


def project():
    """A project's policy with a setting of the command line on top."""
    write("house.yaml", HOUSE)
    layer, _ = flag_layer(PLUGINS, profile={}, settings=["tag-frequency.word=off: no\n"])
    return loaded(PROJECT).with_layer(layer)


EFFECTIVE = """\
# sources: tagmetry:recommended + house.yaml + tagmetry.yaml
# sha256: {sha256}
tagmetry: 1
name: acme/hats

profile:
  base_model: sdxl                          # house.yaml:5
  purpose: null                             # default
  trainer: null                             # default
  resolution: 1024                          # tagmetry.yaml:5
  batch_size: null                          # default
  caption_style: auto                       # default
  max_token_length: null                    # default
  t5_max_token_length: null                 # default
  near_duplicate_likeness: 0.85             # default
  near_duplicate_least_structure: 2         # default
  concepts:
    hat:
      match: [hat/**]                       # house.yaml:7
      trigger: ohwx                         # tagmetry.yaml:8
      core_tags: [red hat, "2000", 赤い帽子]  # tagmetry.yaml:8
    cap: {}
  roles:
    regularization: [reg/**, more/**]       # tagmetry.yaml:6

rules:
  acme/no-artists: off                      # house.yaml:9
  blurry-image: off                         # default: a preview, which has to be asked for
  long-tail-tags: {}                        # info, the rule's own
  missing-caption: warning                  # tagmetry.yaml:11
  near-duplicate-ratio:                     # warning, the rule's own
    limit: 0.1                              # tagmetry.yaml:12
    error_limit: 0.2                        # default: advice on failure modes
  tag-frequency:
    severity: error                         # house.yaml:10
    limit: 0.9                              # default: advice on balancing
    min_images: 10                          # default
    ignore:                                 # tagmetry.yaml:14
      [solo, 1girl, a long tag with many words,
       another long tag with many words, hat]
    sizes: [512, 768]                       # default
    style: auto                             # default
    strict: false                           # default
    word: "off: no\\n"                       # --set tag-frequency.word

# vocabulary: groups.hats, protected        # house.yaml

balance:
  apply: false                              # default
  fraction_floor: 0.3                       # default: advice on balancing
  seed: 0                                   # default
  preservation:
    share: [0.25, 0.5]                      # default: advice on balancing
  randomization:
    sentences:
      shuffle_caption: false                # default: experience with Flux
      keep_tokens: 0                        # default: experience with Flux
      caption_tag_dropout_rate: 0           # default: experience with Flux
      caption_dropout_rate: 0               # default: experience with Flux
    style:
      caption_tag_dropout_rate: 0.2         # default: advice on balancing
    tags:
      caption_tag_dropout_rate: 0.05        # tagmetry.yaml:15
      caption_dropout_rate: 0               # default: advice on balancing
      shuffle_caption: true                 # default: advice on balancing
      keep_tokens: auto                     # default: advice on balancing
  regularization:
    target_ratio: 1                         # default: advice on balancing
    prior_loss_weight: 1                    # default: advice on balancing
  tag_cap:
    threshold: 0.9                          # default: advice on balancing
    cap_ratio: 0.8                          # default: advice on balancing
  weights:
    lowest: 0.5                             # default: advice on balancing
    highest: 2                              # default: advice on balancing
    temperature: 2                          # default

gate:
  fail_on: error                            # tagmetry:recommended
"""


def test_the_effective_policy_is_printed_with_the_origin_of_every_value():
    policy = project()
    shown = as_text(policy, PLUGINS.rules.values())
    assert shown == EFFECTIVE.replace("{sha256}", policy.sha256)


def settled(policy):
    rules = {one.rule.id: (one.severity, one.options) for one in policy.rules(PLUGINS.rules.values())}
    profile = policy.profile()
    values = {key: setting.value for key, setting in profile.settings.items()}
    return rules, values, profile.concepts, dict(profile.roles), policy.balance(), policy.fail_on


def test_what_is_printed_is_a_policy_that_says_the_same():
    policy = project()
    write("shown.yaml", as_text(policy, PLUGINS.rules.values()), version=False)
    assert settled(load("shown.yaml")) == settled(policy)
    assert load("shown.yaml").name == "acme/hats"


ODD_TEXTS = """off no 2000 1e3 0x1f 0o17 12:30 2027-03-31 null ~ * [a] ' " \\ 画風 é 1girl don't :d ? % @a - a, ::"""


@pytest.mark.parametrize(
    "text",
    [*ODD_TEXTS.split(), "", " a", "a ", "a  b", "a: b", "a #b", "a\nb", "\u202e", "\x85", "\U000e0001", "hat (brim)"],
)
def test_every_text_is_printed_so_that_it_is_read_back(text):
    layer, _ = flag_layer(PLUGINS, profile={})
    policy = loaded("rules: {tag-frequency: {word: " + json.dumps(text) + "}}").with_layer(layer)
    shown = as_text(policy, PLUGINS.rules.values())
    assert all(character.isprintable() or character == "\n" for character in shown)
    write("shown.yaml", shown, version=False)
    assert load("shown.yaml").rule(PLUGINS.rules["tag-frequency"]).options.word == text


def test_the_effective_policy_is_data_with_the_origin_of_every_value():
    data = as_data(project(), PLUGINS.rules.values())
    assert json.loads(json.dumps(data)) == data
    assert data["sources"] == ["tagmetry:recommended", "house.yaml", "tagmetry.yaml"]
    assert data["rules"]["near-duplicate-ratio"] == {
        "severity": {"value": None, "own": "warning", "origin": "default"},
        "options": {
            "limit": {"value": 0.1, "origin": "tagmetry.yaml:12"},
            "error_limit": {"value": 0.2, "origin": "S1"},
        },
    }
    assert data["rules"]["missing-caption"] == {
        "severity": {"value": "warning", "own": "error", "origin": "tagmetry.yaml:11"},
        "options": {},
    }
    assert data["rules"]["tag-frequency"]["options"]["sizes"] == {"value": [512, 768], "origin": "tagmetry"}
    assert data["profile"]["base_model"] == {"value": "sdxl", "origin": "house.yaml:5"}
    assert data["profile"]["concepts"]["hat"]["trigger"] == {"value": "ohwx", "origin": "tagmetry.yaml:8"}
    assert data["profile"]["roles"] == {"regularization": {"value": ["reg/**", "more/**"], "origin": "tagmetry.yaml:6"}}
    assert data["vocabulary"] == [
        {"source": "house.yaml", "patch": {"groups": {"hats": "red hat"}, "protected": {"add": "logo"}}}
    ]
    assert data["balance"]["randomization.tags.caption_tag_dropout_rate"] == {
        "value": 0.05,
        "origin": "tagmetry.yaml:15",
    }
    assert data["gate"] == {"fail_on": {"value": "error", "origin": "tagmetry:recommended"}}


def test_the_command_prints_the_effective_policy(run):
    write("tagmetry.yaml", "extends: tagmetry:sdxl\nrules: {tag-frequency: {limit: 80%}}\n")
    plugins = load_plugins(foreign=False)
    policy = load_policy("tagmetry.yaml", plugins)
    assert run("show", "--no-plugins") == (0, as_text(policy, plugins.rules.values()), "")
    code, out, _ = run("show", "--no-plugins", "--format", "json")
    assert (code, json.loads(out)) == (0, as_data(policy, plugins.rules.values()))
    assert "    limit: 0.8                              # tagmetry.yaml:3\n" in run("show", "tagmetry.yaml")[1]
    assert run("show")[1].count("\n  base_model: sdxl                          # tagmetry:sdxl\n") == 1


def test_what_the_command_prints_is_a_policy_that_says_the_same(run):
    plugins = load_plugins(foreign=False)
    for name in plugins.policies:
        write("shown.yaml", run("show", name, "--no-plugins")[1], version=False)
        shown, built_in = load_policy("shown.yaml", plugins), load_policy(name, plugins)
        for rule in plugins.rules.values():
            one, other = shown.rule(rule), built_in.rule(rule)
            assert (one.severity, one.options) == (other.severity, other.options)
        assert (shown.balance(), shown.fail_on) == (built_in.balance(), built_in.fail_on)


def test_an_invalid_policy_is_not_shown(run):
    write("tagmetry.yaml", "gate: {fail_on: warn}")
    assert run("show") == (
        2,
        "",
        joined(
            "error[policy-value]: gate.fail_on is warn; it takes error, warning, info, never or null",
            " --> tagmetry.yaml:2:17",
            "  |",
            "2 | gate: {fail_on: warn}",
            "  |                 ^^^^",
            "  = help: did you mean 'warning'?",
            "",
        ),
    )


# schema


def test_the_schema_is_printed_in_ascii(run):
    code, out, error = run("schema", "--no-plugins")
    assert (code, error) == (0, "")
    assert out.isascii()
    plugins = load_plugins(foreign=False)
    assert json.loads(out) == policy_schema(plugins.rules.values(), others=True)
    Draft202012Validator.check_schema(json.loads(out))
    assert sorted(options_of(plugins.rules["tag-frequency"].options)) == sorted(
        set(json.loads(out)["$defs"]["rules"]["else"]["properties"]["tag-frequency"]["else"]["properties"])
        - {"severity", "because", "where", "when", "tolerate", "lock"}
    )


# As a program


NARROW = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}


def tagmetry_program(*arguments, env):
    command = [sys.executable, "-m", "tagmetry", "policy", *arguments]
    return subprocess.run(command, capture_output=True, timeout=60, check=False, env=env)


def test_json_is_utf_8_whatever_the_console():
    write("tagmetry.yaml", "rules:\n  画風: off\n")
    done = tagmetry_program("check", "--format", "json", env=NARROW)
    assert done.returncode == 2
    assert json.loads(done.stdout.decode("utf-8"))[0]["values"] == {"rule": "画風"}


def test_text_is_shown_on_a_console_that_lacks_the_characters():
    write("tagmetry.yaml", "rules:\n  画風: off\n")
    done = tagmetry_program("check", env=NARROW)
    assert (done.returncode, done.stderr) == (2, b"")
    assert b"unknown rule '\\u753b\\u98a8'" in done.stdout


def test_a_plugin_that_does_not_load_leaves_the_answer_incomplete(folder):
    site = folder / "site"
    info = site / "acme-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[tagmetry]\nacme = acme_that_is_not_there\n")
    environment = {**os.environ, "PYTHONPATH": str(site)}
    write("tagmetry.yaml")
    done = tagmetry_program("check", env=environment)
    assert done.returncode == 3
    assert done.stdout.decode().splitlines() == ["tagmetry.yaml is valid: tagmetry.yaml"]
    assert "plugin acme 1.0 did not load" in done.stderr.decode()
    write("tagmetry.yaml", "rules: {acme/no-hats: off}")
    done = tagmetry_program("check", env=environment)
    assert done.returncode == 2
    assert "may bring it: acme 1.0" in done.stdout.decode()
    assert tagmetry_program("check", "strict", "--no-plugins", env=environment).returncode == 0
