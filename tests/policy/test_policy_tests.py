"""Policy tests: small inline datasets and what a policy is expected to say of them."""

import json
from textwrap import dedent, indent

import pytest

from command_testing import run
from policy_testing import told, write
from tagmetry.plugins import load_plugins
from tagmetry.policy.diagnostics import PolicyError
from tagmetry.policy.kinds.defining import with_defined
from tagmetry.policy.loader import load_policy
from tagmetry.policy_tests import coverage_of, files_with_cases, read_case_file, run_case
from tagmetry.policy_tests.cases import MOST_IMAGES

POLICY = """
name: acme/house
extends: tagmetry:recommended
define:
  acme/min-side: {kind: metric, metric: short_side_px, min: 768, severity: error}
  acme/sharp: {kind: metric, metric: sharpness, min: 100}
rules:
  tag-frequency: {limit: 80%}
overrides:
  - match: {path: "scans/**"}
    rules: {acme/min-side: off}
suppressions:
  - {rule: missing-caption, match: {path: "hat/old_*"}, reason: There is nothing to say., expires: 2026-12-31}
"""

TAGS = "ohwx, hat {n}, smile, solo, standing"


@pytest.fixture(scope="module")
def plugins():
    return load_plugins(foreign=False)


@pytest.fixture
def house(folder):
    write("house.yaml", POLICY)
    return folder


def cases_file(text, name="house.test.yaml"):
    return write(name, f"tagmetry-test: 1\npolicy: house.yaml\n{dedent(text).lstrip()}", version=False)


def results(text, plugins):
    file = read_case_file(cases_file(text), shown="house.test.yaml")
    policy = load_policy("house.yaml", plugins)
    known = with_defined(plugins, policy.defined)
    return [run_case(case, policy, known) for case in file.cases]


def failures(case, plugins):
    """What is not as expected of one case, as (line, code, text, what was found)."""
    (result,) = results("cases:\n- name: the case\n" + indent(dedent(case).lstrip("\n"), "  "), plugins)
    return [
        (
            one.problem.span.line,
            one.problem.code,
            one.problem.message.english(),
            [*one.found, *([one.problem.help.english()] if one.problem.help else [])],
        )
        for one in result.failures
    ]


def wrong(text, plugins):
    """Everything that is wrong with the form of a test file."""
    with pytest.raises(PolicyError) as caught:
        results(text, plugins)
    return told(caught.value)


def test_what_is_as_expected_passes(house, plugins):
    case = f"""
    images:
      - {{path: "hat/{{n}}.png", n: 20, caption: "{TAGS}"}}
      - {{path: hat/small.png, width: 512, height: 2000, caption: "{TAGS}"}}
      - {{path: scans/a.png, width: 512, height: 512, caption: "{TAGS}"}}
    findings:
      - {{rule: acme/min-side, severity: error, path: hat/small.png, concept: hat, limit: 768, origin: house.yaml,
         says: short_side_px is 512, status: open}}
    outcomes: {{blank: clean}}
    gate: fail
    verdict: not-ready
    metrics: {{n_train: 22, caption_missing_ratio: 0.0}}
    plan: {{scale: 1, concepts: {{hat: {{n: 21, multiplier: 1}}}}}}
    """
    assert failures(case.replace("blank: clean", "missing-caption: clean"), plugins) == []


def test_an_expected_finding_that_is_not_there_fails_at_its_line(house, plugins):
    case = """
    images: [{path: hat/a.png, caption: a}]
    findings:
      - {rule: acme/min-side}
    """
    assert failures(case, plugins) == [
        (7, "test-finding-missing", "acme/min-side: an expected finding is not there", ["the rule found nothing"])
    ]


def test_a_rule_that_did_not_judge_says_why(house, plugins):
    case = """
    images: [{path: hat/a.png, caption: A long sentence about a hat on a table.}]
    findings: [{rule: tag-frequency}]
    outcomes: {acme/sharp: found}
    """
    assert failures(case, plugins) == [
        (
            6,
            "test-finding-missing",
            "tag-frequency: an expected finding is not there",
            ["the rule did not judge: the captions are sentences, and this rule reads tags"],
        ),
        (
            7,
            "test-outcome",
            "acme/sharp was to be found, and it is skipped",
            ["the rule did not judge: sharpness is not known here"],
        ),
    ]


def test_a_finding_of_another_severity_is_told_as_such(house, plugins):
    case = """
    images: [{path: hat/a.png, caption: a, width: 700}]
    findings:
      - {rule: acme/min-side, severity: warning, limit: 800, says: too small, status: suppressed, origin: tagmetry}
    """
    found = "error [acme/min-side] hat/a.png: short_side_px is 700 px, below 768 px"
    assert failures(case, plugins) == [
        (
            7,
            "test-finding-missing",
            "acme/min-side found it, but severity is error, not warning, status is open, not suppressed, "
            "limit is 768, not 800, origin is house.yaml:6, not tagmetry, "
            "says is short_side_px is 700 px, below 768 px, not too small".replace(", status", "; status")
            .replace(", limit is", "; limit is")
            .replace(", origin is", "; origin is")
            .replace(", says is", "; says is"),
            [found],
        )
    ]


def test_what_a_named_rule_finds_besides_fails(house, plugins):
    case = """
    images: [{path: "hat/{n}.png", n: 3, caption: a, width: 700}]
    findings:
      - {rule: acme/min-side, path: hat/2.png}
    """
    assert failures(case, plugins) == [
        (
            7,
            "test-finding-unexpected",
            "acme/min-side found 2 things more",
            [
                "error [acme/min-side] hat/1.png: short_side_px is 700 px, below 768 px",
                "error [acme/min-side] hat/3.png: short_side_px is 700 px, below 768 px",
            ],
        )
    ]
    assert failures(case.replace("path: hat/2.png", "n: 3"), plugins) == []
    missing = failures(case.replace("path: hat/2.png", "n: 5"), plugins)
    assert [one[2] for one in missing] == ["acme/min-side: 2 of the expected findings are not there"]


def test_a_general_expectation_leaves_room_for_a_narrow_one(house, plugins):
    case = """
    images: [{path: "hat/{n}.png", n: 2, caption: a, width: 700}]
    findings:
      - {rule: acme/min-side, path: "hat/*.png"}
      - {rule: acme/min-side, path: hat/1.png}
    """
    assert failures(case, plugins) == []


def test_rules_that_a_case_does_not_name_are_looked_at_only_when_it_says_so(house, plugins):
    case = """
    images: [{path: hat/a.png, caption: a, width: 700}]
    findings: [{rule: acme/min-side}]
    """
    assert failures(case, plugins) == []
    ((line, code, text, found),) = failures(case + "nothing_else: true\n", plugins)
    assert (line, code) == (4, "test-finding-unexpected")
    assert text.endswith("findings of rules that the case does not name")
    assert any("[too-small-to-balance]" in one for one in found)


def test_gate_verdict_figures_and_plan_are_compared(house, plugins):
    case = """
    images: [{path: hat/a.png, caption: a}]
    gate: fail
    verdict: not-ready
    metrics: {n_train: 2, near_duplicate_ratioo: 0}
    plan: {scale: 2, technique: repeats, concepts: {hatt: {n: 1}, hat: {n: 2}}}
    """
    found = [(line, code, text) for line, code, text, _ in failures(case, plugins)]
    assert found == [
        (6, "test-gate", "the gate was to stop this dataset, and it lets it pass"),
        (7, "test-verdict", "the verdict is ready-with-warnings"),
        (8, "test-metric", "n_train is 1"),
        (8, "test-metric", "the dataset has no figure 'near_duplicate_ratioo'"),
        (9, "test-plan", "plan.scale is 1"),
        (9, "test-plan", "plan.technique is none"),
        (9, "test-plan", "plan.concepts.hatt is not there"),
        (9, "test-plan", "plan.concepts.hat.n is 1"),
    ]


def test_decimals_written_are_decimals_compared(house, plugins):
    case = """
    images:
      - {path: "hat/{n}.png", n: 2, caption: a}
      - {path: hat/x.png}
    metrics: {caption_missing_ratio: 0.33}
    """
    assert failures(case, plugins) == []
    (wrong_one,) = failures(case.replace("0.33", "0.34"), plugins)
    assert wrong_one[2] == "caption_missing_ratio is 0.333333"


def test_suppressions_end_on_the_day_that_a_case_names(house, plugins):
    case = """
    images:
      - {path: "hat/{n}.png", n: 3, caption: a}
      - {path: hat/old_1.png}
    today: 2026-12-31
    findings: [{rule: missing-caption, status: suppressed}]
    """
    assert failures(case, plugins) == []
    expired = case.replace("2026-12-31", "2027-01-01").replace("suppressed", "open")
    assert failures(expired + "outcomes: {suppression-expired: found}\n", plugins) == []


def test_a_case_sets_the_profile_and_options(house, plugins):
    case = """
    images: [{path: hat/a.png, caption: a, width: 500, height: 500}]
    profile: {base_model: sdxl}
    set: {acme/min-side.min: 400}
    outcomes: {resolution-below-base-model: found, acme/min-side: clean}
    """
    assert failures(case, plugins) == []


def test_what_the_file_says_holds_for_all_cases(house, plugins):
    found = results(
        """
        profile: {base_model: sdxl}
        set: {acme/min-side.min: 450}
        defaults: {width: 500, height: 500, caption: a}
        cases:
          - name: as in the file
            images: [{path: hat/a.png}]
            outcomes: {resolution-below-base-model: found, acme/min-side: clean}
          - name: otherwise
            profile: {base_model: null}
            images: [{path: hat/a.png, width: 400, caption: null}]
            outcomes: {acme/min-side: found, missing-caption: found}
        """,
        plugins,
    )
    assert [one.failures for one in found] == [(), ()]


def test_folder_names_and_further_files_are_read_as_in_any_dataset(house, plugins):
    case = """
    images:
      - {path: "img/3_ohwx hat/{n}.png", n: 4, caption: "ohwx hat"}
      - {path: "reg/1_hat/{n}.png", n: 2, caption: hat}
    metrics: {n_train: 4, n_reg: 2}
    plan: {concepts: {ohwx hat: {repeats_before: 3}}}
    """
    assert failures(case, plugins) == []
    everydream = """
    images: [{path: "hat/{n}.png", n: 4, caption: a}]
    files: {hat/multiply.txt: 2}
    plan: {concepts: {hat: {repeats_before: 2}}}
    """
    assert failures(everydream, plugins) == []


def test_images_look_alike_only_where_a_case_says_so(house, plugins):
    case = """
    images:
      - {path: "hat/{n}.png", n: 12, caption: a}
      - {path: hat/copy.png, copy_of: hat/01.png, caption: a}
      - {path: hat/like.png, like: hat/02.png, caption: a, width: 1500, height: 1500}
      - {path: hat/turned.png, mirror_of: hat/03.png, caption: a}
      - {path: hat/broken.png, unreadable: true}
    metrics: {n_train: 15, exact_duplicate_ratio: 0.07, effective_n: 13}
    findings:
      - {rule: exact-duplicates, path: hat/copy.png}
      - {rule: near-duplicate-cluster, path: hat/like.png}
      - {rule: mirrored-duplicates, path: hat/turned.png}
      - {rule: unreadable-image, path: hat/broken.png}
    """
    assert failures(case, plugins) == []


def test_figures_of_features_are_given_by_name(house, plugins):
    case = """
    images:
      - {path: hat/a.png, caption: a, sharpness: 99.9}
      - {path: hat/b.png, caption: a, sharpness: 100}
      - {path: hat/c.png, caption: a}
    findings: [{rule: acme/sharp, path: hat/a.png}]
    """
    assert failures(case, plugins) == []


def test_mistakes_in_a_test_file_are_all_told_at_their_places(house, plugins):
    text = """
    polcy: x
    profile: {base_model: sdx, roles: {}}
    cases:
      - name: one
        images: [{path: hat/a.png, widht: 3, formt: PNG}]
        findings: [{rul: x}]
      - name: one
        images: [{path: ../a.png}, {width: 3}, {path: a.png, n: 0}]
        gate: stop
      - name: nothing expected
        images: [{path: hat/a.png, width: wide, caption: [a]}]
      - images: []
        today: 31.12.2026
        gate: pass
    """
    assert [(place, text) for place, _, text, _ in wrong(text, plugins)] == [
        ("3:1", "the test file has no key 'polcy'"),
        ("4:23", "base_model is sdx; it takes sd15, sdxl, flux"),
        ("4:28", "the profile has no single value 'roles'"),
        ("7:42", "an image has no key 'formt'"),
        ("8:16", "an expected finding is a mapping with a 'rule'"),
        ("9:11", "a case of this name stands in line 6 already"),
        ("10:21", "'../a.png' is no path of an image"),
        ("10:32", "an image has no 'path'"),
        ("10:61", "'n' is a whole number from 1 on"),
        ("11:11", "'stop' is not one of what gate takes"),
        ("12:11", "the case expects nothing, so it could never fail"),
        ("13:39", "'width' is a whole number from 1 on"),
        ("13:54", "'caption' is a text"),
        ("14:5", "a case has no 'name'"),
        ("14:5", "a case has no 'images', which is a list"),
        ("15:12", "'today' is a day"),
    ]


@pytest.mark.parametrize(
    ("case", "text", "help"),
    [
        ("images: [{path: a.png, sharpnes: 3}]", "there is no feature 'sharpnes'", "did you mean 'sharpness'?"),
        ("images: [{path: a.png, widht: 3}]", "there is no feature 'widht'", "did you mean 'width'?"),
        ("images: [{path: a.png, phash: [1, 2]}]", "phash has 1 figures per image", None),
        (
            "images: [{path: a.png, like: b.png}, {path: bb.png}]",
            "a.png is to look like b.png, which is no image of the case",
            "did you mean 'bb.png'?",
        ),
        ("images: [{path: a.png, like: a.png}]", "a.png is to look like itself in the end", None),
        (
            "images: [{path: a.png, copy_of: b.png}, {path: b.png, like: a.png}]",
            "a.png is to look like itself in the end",
            None,
        ),
        (
            "images: [{path: a.png}, {path: A.png}]",
            "the image A.png is there twice",
            "write {n} in the path of several images",
        ),
        (f"images: [{{path: '{{n}}.png', n: {MOST_IMAGES + 1}}}]", "a case has at most 10,000 images", None),
        (
            "images: [{path: 'ab:c.png'}]",
            "'ab:c.png' is no path of an image",
            "not every system can hold a file of this name",
        ),
        (
            "images: [{path: /etc/a.png}]",
            "'/etc/a.png' is no path of an image",
            "write a path relative to it, with forward slashes",
        ),
        ("images: [{path: a.png}]\nfiles: {a.png: x}", "'a.png' is no path of a further file", None),
        (
            "images: [{path: a.png}]\nset: {acme/min-side.minn: 3}",
            "acme/min-side has no option minn",
            "did you mean min?",
        ),
        (
            "images: [{path: a.png}]\noutcomes: {tag-frequncy: clean}",
            "unknown rule 'tag-frequncy'",
            "did you mean tag-frequency?",
        ),
        ("images: [{path: a.png, format: JPG}]", "format is JPG, which is none", "did you mean 'JPEG'?"),
    ],
)
def test_a_mistake_is_told_with_the_way_out(house, plugins, case, text, help):
    found = wrong("cases:\n- name: a\n  gate: pass\n" + indent(case, "  "), plugins)
    assert (found[0][2], found[0][3]) == (text, help)


def test_a_file_that_is_no_test_and_a_policy_that_is_none_are_refused(house, plugins):
    write("plain.yaml", "cases: []\n", version=False)
    with pytest.raises(PolicyError) as caught:
        read_case_file(house / "plain.yaml", shown="plain.yaml")
    assert told(caught.value)[0][2:] == (
        "the file does not say which version of policy tests it is written in",
        "begin it with: tagmetry-test: 1",
    )
    for name in ("/etc/passwd", "~/x.yaml", "C:/x.yaml", "..\\x.yaml"):
        text = f"tagmetry-test: 1\npolicy: '{name}'\ncases: [{{name: a, gate: pass, images: [{{path: a.png}}]}}]\n"
        write("other.yaml", text, version=False)
        with pytest.raises(PolicyError) as caught:
            read_case_file(house / "other.yaml", shown="other.yaml")
        assert told(caught.value)[0][2] == f"'{name}' is not relative to this file"


def test_tests_are_found_below_a_folder(house):
    cases_file("cases: []", "b/one.yaml")
    cases_file("cases: []", "a.yml")
    write("b/policy.yaml")
    (house / "b" / "notes.txt").write_text("tagmetry-test: 1", encoding="utf-8")
    assert [path.relative_to(house).as_posix() for path in files_with_cases((house,))] == ["a.yml", "b/one.yaml"]


def test_coverage_names_what_no_case_touched(house, plugins):
    known = with_defined(plugins, load_policy("house.yaml", plugins).defined)
    touched_some = results(
        """
        cases:
          - name: one
            images: [{path: hat/a.png, caption: a, width: 700}]
            findings: [{rule: acme/min-side}]
        """,
        plugins,
    )
    found = coverage_of(touched_some, known)
    assert found.n_parts == 5
    assert [(part.kind, part.name, part.place) for part in found.untouched] == [
        ("rule", "acme/sharp", "house.yaml:7"),
        ("rule", "tag-frequency", "house.yaml:9"),
        ("override", "path scans/**", "house.yaml:12"),
        ("suppression", "missing-caption", "house.yaml:14"),
    ]
    touched_all = results(
        """
        cases:
          - name: one
            today: 2026-12-31
            images:
              - {path: hat/a.png, caption: a, sharpness: 3}
              - {path: hat/old_a.png}
              - {path: scans/a.png, caption: a}
            outcomes: {acme/min-side: clean, acme/sharp: found, tag-frequency: skipped}
        """,
        plugins,
    )
    assert [one.failures for one in touched_all] == [()]
    assert coverage_of(touched_all, known).untouched == ()


def test_the_command_tells_cases_failures_and_coverage(house):
    cases_file(
        """
        cases:
          - name: small pictures are errors
            images: [{path: hat/a.png, caption: a, width: 700}]
            findings: [{rule: acme/min-side}]
          - name: large ones are not
            images: [{path: hat/a.png, caption: a, width: 700}]
            outcomes: {acme/min-side: clean}
        """
    )
    done = run("policy", "test", "--coverage", cwd=house)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "house.test.yaml",
        "  ok    small pictures are errors",
        "  FAIL  large ones are not",
        "",
        "error[test-outcome]: acme/min-side was to be clean, and it is found",
        " --> house.test.yaml:9:16",
        "  |",
        "9 |     outcomes: {acme/min-side: clean}",
        "  |                ^^^^^^^^^^^^^",
        "  = found: error [acme/min-side] hat/a.png: short_side_px is 700 px, below",
        "      768 px",
        "",
        "house.yaml: cases touch 1 of 5 parts",
        "  house.yaml:7: no case touches the rule acme/sharp",
        "  house.yaml:9: no case touches the rule tag-frequency",
        "  house.yaml:12: no case touches the override for path scans/**",
        "  house.yaml:14: no case touches the suppression of missing-caption",
        "",
        "2 cases, 1 failed",
    ]
    assert done.returncode == 1


def test_the_command_as_data(house):
    cases_file("cases: [{name: a, images: [{path: hat/a.png, caption: a}], gate: fail}]")
    done = run("policy", "test", "house.test.yaml", "--format", "json", cwd=house)
    data = json.loads(done.stdout)
    assert (data["format"], data["problems"], data["coverage"]) == ("tagmetry-policy-tests/1", [], [])
    (case,) = data["cases"]
    assert (case["file"], case["line"], case["name"], case["passed"]) == ("house.test.yaml", 3, "a", False)
    assert case["failures"][0]["code"] == "test-gate"
    assert done.returncode == 1


def test_without_tests_or_with_a_broken_policy_nothing_passes(house):
    done = run("policy", "test", cwd=house)
    assert (done.returncode, done.stderr) == (
        2,
        "error: there are no policy tests in .\n  = help: a test file is YAML and begins with: tagmetry-test: 1\n",
    )
    cases_file("cases: [{name: a, images: [{path: hat/a.png, caption: a}], gate: pass}]")
    assert run("policy", "test", cwd=house).returncode == 0
    write("house.yaml", "rules: {tag-frequncy: off}")
    done = run("policy", "test", cwd=house)
    assert (done.returncode, "error[policy-unknown-rule]" in done.stdout) == (2, True)


# Playbooks

BOOKS = """
name: acme/books
extends: tagmetry:recommended
playbooks:
  - symptom: acme/mute
    seen: Nothing comes of the words.
    signals: [missing-caption.missing]
    data:
      - {do: Throw them out., because: [duplicate-tags]}
      - {do: Write them., because: [missing-caption], adjust: no-caption-dropout}
    training: [{do: Wait., because: [duplicate-tags], anyway: true}]
"""

MUTE = """
images:
  - {path: "hat/{n}.png", n: 9, caption: "ohwx, hat {n}, smile"}
  - {path: hat/mute.png}
"""


def diagnosed(expected, plugins):
    write("house.yaml", BOOKS)
    return failures(MUTE + "diagnosis:\n" + indent(dedent(expected).strip("\n"), "  "), plugins)


def test_a_diagnosis_as_expected(folder, plugins):
    assert not diagnosed(
        """
        acme/mute:
          signs: [missing-caption]
          first: Write them.
          images: [hat/mute.png]
          changes: [no-caption-dropout]
          warned: true
        earlier-forgotten: {signs: [], warned: false}
        """,
        plugins,
    )


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("{signs: []}", "acme/mute: signs are missing-caption, not -"),
        ("{first: Wait.}", "acme/mute: first are Write them., not Wait."),
        ("{images: [hat/1.png]}", "acme/mute: images are hat/mute.png, not hat/1.png"),
        ("{changes: []}", "acme/mute: changes are no-caption-dropout, not -"),
        ("{warned: false}", "acme/mute was not to be warned of in advance, and it is"),
    ],
)
def test_a_diagnosis_that_is_another_fails_at_its_symptom(folder, plugins, expected, text):
    assert [(code, said) for _, code, said, _ in diagnosed(f"acme/mute: {expected}", plugins)] == [
        ("test-diagnosis", text)
    ]


def test_a_symptom_that_is_not_warned_of(folder, plugins):
    ((_, _, said, _),) = diagnosed("earlier-forgotten: {warned: true}", plugins)
    assert said == "earlier-forgotten was to be warned of in advance, and it is not"


@pytest.mark.parametrize(
    ("expected", "line", "text"),
    [
        ("acme/mut: {signs: []}", 9, "there is no playbook for the symptom acme/mut"),
        ("acme/mute: {sings: []}", 9, "an expected diagnosis has no key 'sings'"),
        ("acme/mute: []", 9, "an expected diagnosis is a mapping of signs, first, images, changes, warned"),
        ("acme/mute: {signs: missing-caption}", 9, "'signs' is a list"),
    ],
)
def test_a_diagnosis_that_cannot_be_compared_is_refused(folder, plugins, expected, line, text):
    with pytest.raises(PolicyError) as error:
        diagnosed(expected, plugins)
    assert [(one.span.line, one.message.english()) for one in error.value.diagnostics] == [(line, text)]


def test_coverage_names_playbooks_that_no_case_speaks_of(folder, plugins):
    write("house.yaml", BOOKS)
    case = "cases:\n- name: one\n  images: [{path: hat/a.png}]\n  %s\n"
    (part,) = coverage_of(results(case % "gate: pass", plugins), plugins).untouched
    assert (part.kind, part.name, part.place) == ("playbook", "acme/mute", "house.yaml:6")
    assert (
        coverage_of(results(case % "diagnosis: {acme/mute: {signs: [missing-caption]}}", plugins), plugins).untouched
        == ()
    )
