"""Which policy is used, what it extends, and every mistake at its place."""

import json
import os
import string
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_testing import (
    PLUGINS,
    effective,
    joined,
    load,
    loaded,
    make_plugins,
    problems,
    refused,
    told,
    with_policies,
    write,
)
from tagmetry.errors import UsageError
from tagmetry.policy.diagnostics import PolicyError, render
from tagmetry.policy.loader import find_policy, folder_that_holds, load_policy
from tagmetry.policy.model import Policy
from tagmetry.policy.schema import KINDS
from tagmetry.profile import ROLES
from tagmetry.report import PluginOutcome

pytestmark = pytest.mark.usefixtures("folder")


def link(path, target, *, is_folder=False):
    try:
        Path(path).symlink_to(target, target_is_directory=is_folder)
    except OSError:
        pytest.skip("this user may not make links")


# Which file is used


def test_the_nearest_file_upward_is_found(folder):
    far, near = write("tagmetry.yaml"), write("a/tagmetry.yaml")
    (folder / "a/b/c").mkdir(parents=True)
    assert find_policy(folder / "a/b/c") == folder / near
    near.unlink()
    assert find_policy(folder / "a/b/c") == folder / far


def test_a_relative_folder_is_looked_up_from_the_current_one(folder):
    write("tagmetry.yaml")
    (folder / "a").mkdir()
    assert find_policy(Path("a")) == folder / "tagmetry.yaml"
    assert find_policy(Path()) == folder / "tagmetry.yaml"


def test_the_other_spelling_is_found(folder):
    write("tagmetry.yml")
    assert find_policy(folder) == folder / "tagmetry.yml"


def test_both_spellings_side_by_side_are_refused(folder):
    write("a/tagmetry.yaml")
    write("a/tagmetry.yml")
    with pytest.raises(UsageError) as caught:
        find_policy(folder / "a")
    assert str(caught.value) == "both a/tagmetry.yaml and a/tagmetry.yml are there"
    assert caught.value.help.english() == "keep one of them, or name one with --policy"


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_nothing_is_looked_for_above_a_repository(folder, kind):
    write("tagmetry.yaml")
    (folder / "a/b").mkdir(parents=True)
    # In a worktree or a submodule it is a file.
    (folder / "a/.git").mkdir() if kind == "folder" else (folder / "a/.git").write_text("gitdir: elsewhere")
    assert find_policy(folder / "a/b") is None
    policy = write("a/tagmetry.yaml")
    assert find_policy(folder / "a/b") == folder / policy


def test_nothing_is_looked_for_above_the_home_folder(folder, monkeypatch):
    write("tagmetry.yaml")
    (folder / "me/sets").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder / "me"))
    monkeypatch.setenv("USERPROFILE", str(folder / "me"))
    assert find_policy(folder / "me/sets") is None
    policy = write("me/tagmetry.yaml")
    assert find_policy(folder / "me/sets") == folder / policy


def test_a_home_folder_behind_a_link_ends_the_search_too(folder, monkeypatch):
    write("tagmetry.yaml")
    (folder / "me/sets").mkdir(parents=True)
    link("home", "me", is_folder=True)
    monkeypatch.setenv("HOME", str(folder / "home"))
    monkeypatch.setenv("USERPROFILE", str(folder / "home"))
    assert find_policy(folder / "me/sets") is None
    assert find_policy(folder / "home/sets") is None


def test_a_folder_of_the_name_is_not_passed_over_in_silence(folder):
    write("tagmetry.yaml")
    (folder / "a/tagmetry.yaml").mkdir(parents=True)
    with pytest.raises(PolicyError) as caught:
        load_policy(None, PLUGINS, beside=folder / "a")
    assert str(caught.value) == joined(
        "error[policy-is-folder]: a/tagmetry.yaml is a folder, not a policy file",
        "  = help: name the file in it, for example a/tagmetry.yaml/tagmetry.yaml",
    )


def test_the_policy_lies_beside_the_dataset_and_not_in_it(folder):
    (folder / "sets/hat").mkdir(parents=True)
    write("sets/hat/tagmetry.yaml", "name: a/stranger")
    write("sets/tagmetry.yaml", "name: a/mine")
    assert folder_that_holds([Path("sets/hat")]) == folder / "sets"
    assert load_policy(None, PLUGINS, beside=folder_that_holds([Path("sets/hat")])).name == "a/mine"


def test_several_folders_are_held_by_their_common_folder(folder):
    assert folder_that_holds([Path("a/img/x"), Path("a/reg")]) == folder / "a"
    assert folder_that_holds([Path("a/img"), Path("a/reg")]) == folder / "a"
    assert folder_that_holds([Path("a"), Path("a/b")]) == folder


def test_the_current_folder_is_held_by_the_one_above(folder, monkeypatch):
    (folder / "a").mkdir()
    monkeypatch.chdir("a")
    assert folder_that_holds([Path()]) == folder


def test_a_link_to_a_dataset_is_held_by_the_folder_of_the_link(folder):
    (folder / "disk/hat").mkdir(parents=True)
    link("hat", "disk/hat", is_folder=True)
    assert folder_that_holds([Path("hat")]) == folder


def test_a_link_back_to_the_dataset_does_not_let_it_bring_its_own_policy(folder):
    (folder / "hat").mkdir()
    link("hat/all", ".", is_folder=True)
    assert folder_that_holds([Path("hat/all")]) == folder


def test_without_a_file_the_recommended_policy_is_used(folder):
    policy = load_policy(None, PLUGINS, beside=folder)
    assert (policy.name, policy.sources) == ("tagmetry/recommended", ("tagmetry:recommended",))
    assert load_policy(None, PLUGINS).sources == ("tagmetry:recommended",)


def test_a_file_that_is_found_is_named_as_seen_from_the_dataset(folder, monkeypatch):
    write("tagmetry.yaml", "rules: {tag-frequency: {limit: 0.5}}")
    (folder / "sets").mkdir()
    for place in (folder, folder / "sets"):
        monkeypatch.chdir(place)
        policy = load_policy(None, PLUGINS, beside=folder / "sets")
        assert policy.name == "../tagmetry.yaml"
        assert policy.sources == ("../tagmetry.yaml",)
        assert effective(policy, "tag-frequency").origins["limit"] == "../tagmetry.yaml:2"


def test_mistakes_in_a_file_that_is_found_are_named_as_seen_from_here(folder, monkeypatch):
    write("tagmetry.yaml", "rule: {}")
    (folder / "sets").mkdir()
    with pytest.raises(PolicyError) as caught:
        load_policy(None, PLUGINS, beside=folder / "sets")
    assert caught.value.diagnostics[0].span.place == "tagmetry.yaml:2"
    monkeypatch.chdir("sets")
    with pytest.raises(PolicyError) as caught:
        load_policy(None, PLUGINS, beside=folder / "sets")
    assert caught.value.diagnostics[0].span.place == f"{folder / 'tagmetry.yaml'}:2"


# By name


def test_a_built_in_policy_is_chosen_by_its_name():
    assert load("tagmetry:sdxl").sources == ("tagmetry:recommended", "tagmetry:sdxl")
    assert load("sdxl").sources == ("tagmetry:recommended", "tagmetry:sdxl")
    assert load("acme:house", with_policies(house="tagmetry: 1")).sources == ("acme:house",)


def test_a_built_in_policy_is_not_mistaken_for_a_dataset_of_that_name(folder):
    (folder / "sdxl").mkdir()
    assert load("sdxl").name == "tagmetry/sdxl"
    write("./recommended", "name: a/mine")
    assert load("recommended").name == "tagmetry/recommended"
    assert load("./recommended").name == "a/mine"


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("sdx", "did you mean sdxl?"),
        ("tagmetry:sdx", "did you mean tagmetry:sdxl?"),
        ("recomended", "did you mean recommended?"),
        ("foo", "policies: tagmetry:recommended, tagmetry:sdxl"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest_one(name, help):
    with pytest.raises(UsageError) as caught:
        load(name)
    assert not isinstance(caught.value, PolicyError)
    assert str(caught.value) == f"there is no policy named {name} and no such file"
    assert caught.value.help.english() == help


def test_an_unknown_name_may_be_that_of_a_plugin_that_did_not_load():
    broken = make_plugins()
    outcome = PluginOutcome("acme", "1.2", "failed", "ImportError: no module named foo")
    with pytest.raises(UsageError) as caught:
        load("acme:house", type(broken)(**{**parts_of(broken), "outcomes": (outcome,)}))
    assert "acme 1.2" in caught.value.help.english()


def parts_of(plugins):
    return {name: getattr(plugins, name) for name in plugins.__slots__}


def test_a_file_that_is_not_there_is_named():
    assert refused("house/tagmetry.yaml") == "error[policy-not-found]: there is no file house/tagmetry.yaml"


@pytest.mark.parametrize("name", ["a\0b.yaml", "x" * 5000 + ".yaml", "x" * 5000, "a\ud800.yaml"])
def test_a_name_that_no_file_can_have_is_refused(name):
    with pytest.raises(UsageError):
        load(name)


def test_a_folder_is_no_policy(folder):
    (folder / "house").mkdir()
    assert refused("./house") == joined(
        "error[policy-is-folder]: ./house is a folder, not a policy file",
        "  = help: name the file in it, for example ./house/tagmetry.yaml",
    )


def test_a_file_is_named_as_it_was_given(folder):
    write("house/base.yaml", "rules: {tag-frequency: {limit: 0.5}}")
    assert load("house/base.yaml").sources == ("house/base.yaml",)
    # What machine it was on is nobody's business.
    assert load(folder / "house/base.yaml").sources == ("base.yaml",)


# What is extended


def sources(path="tagmetry.yaml", plugins=PLUGINS, **arguments):
    return load(path, plugins, **arguments).sources


def test_what_is_extended_comes_first_from_left_to_right():
    write("tagmetry.yaml", "extends: [tagmetry:sdxl, house/a.yaml, b.yaml]")
    write("house/a.yaml", "extends: c.yaml")
    write("house/c.yaml")
    write("b.yaml")
    assert sources() == (
        "tagmetry:recommended",
        "tagmetry:sdxl",
        "house/c.yaml",
        "house/a.yaml",
        "b.yaml",
        "tagmetry.yaml",
    )


def test_each_policy_is_applied_once_where_it_is_first_named():
    write("tagmetry.yaml", "extends: [a.yaml, b.yaml, tagmetry:sdxl, ./a.yaml]")
    write("a.yaml", "extends: tagmetry:sdxl")
    write("b.yaml", "extends: [tagmetry:recommended, a.yaml]")
    assert sources() == ("tagmetry:recommended", "tagmetry:sdxl", "a.yaml", "b.yaml", "tagmetry.yaml")


def test_a_file_may_extend_nothing():
    for text in ("", "extends: []", "extends:", "extends: null"):
        write("tagmetry.yaml", text)
        assert sources() == ("tagmetry.yaml",)


def test_files_are_named_as_seen_from_the_first_one(folder):
    write("projects/hat/tagmetry.yaml", "extends: ../../house/base.yaml")
    write("house/base.yaml", "extends: more/colours.yaml")
    write("house/more/colours.yaml", "rules: {tag-frequency: {limit: 0.5}}")
    policy = load("projects/hat/tagmetry.yaml")
    assert policy.sources == ("house/more/colours.yaml", "house/base.yaml", "projects/hat/tagmetry.yaml")
    found = load_policy(None, PLUGINS, beside=folder / "projects/hat")
    assert found.sources == ("../../house/more/colours.yaml", "../../house/base.yaml", "tagmetry.yaml")


def test_a_file_behind_a_link_is_the_same_file(folder):
    write("tagmetry.yaml", "extends: [a.yaml, b.yaml]")
    write("a.yaml")
    link("b.yaml", "a.yaml")
    assert sources() == ("a.yaml", "tagmetry.yaml")


def test_policies_in_a_circle_are_refused_with_the_chain():
    write("tagmetry.yaml", "extends: house/a.yaml")
    write("house/a.yaml", "extends: [tagmetry:sdxl, b.yaml]")
    write("house/b.yaml", "extends: a.yaml")
    assert refused() == joined(
        "error[policy-extends-cycle]: policies extend each other in a circle: "
        "house/a.yaml -> house/b.yaml -> house/a.yaml",
        " --> house/b.yaml:2:10",
        "  |",
        "2 | extends: a.yaml",
        "  |          ^^^^^^",
    )


def test_a_policy_that_extends_itself_is_refused():
    write("tagmetry.yaml", "extends: ./tagmetry.yaml")
    assert "circle: tagmetry.yaml -> tagmetry.yaml\n" in refused()
    plugins = with_policies(a="tagmetry: 1\nextends: acme:b", b="tagmetry: 1\nextends: [acme:a]")
    assert "circle: acme:a -> acme:b -> acme:a\n" in refused("acme:a", plugins)


def row(n):
    write("tagmetry.yaml", "extends: 2.yaml")
    for i in range(2, n):
        write(f"{i}.yaml", f"extends: {i + 1}.yaml")
    write(f"{n}.yaml")


def test_eight_policies_may_extend_one_another():
    row(8)
    assert len(sources()) == 8


def test_nine_policies_in_a_row_are_refused():
    row(9)
    assert refused() == joined(
        "error[policy-extends-depth]: more than 8 policies extend one another: tagmetry.yaml -> "
        "2.yaml -> 3.yaml -> 4.yaml -> 5.yaml -> 6.yaml -> 7.yaml -> 8.yaml -> 9.yaml",
        " --> 8.yaml:2:10",
        "  |",
        "2 | extends: 9.yaml",
        "  |          ^^^^^^",
    )


def extends_error(name):
    found = problems(f"extends: {json.dumps(name)}")
    assert len(found) == 1
    assert found[0][0] == "2:10"
    return found[0][1:]


WAY = "name a built-in policy, or a file relative to this one"
NAMES = "policies: tagmetry:recommended, tagmetry:sdxl"


@pytest.mark.parametrize(
    ("name", "text", "help"),
    [
        ("/etc/passwd", "'/etc/passwd' is not relative to this file", WAY),
        ("//server/share/a.yaml", "'//server/share/a.yaml' is not relative to this file", WAY),
        ("\\\\server\\a.yaml", "'\\\\server\\a.yaml' is not relative to this file", WAY),
        ("~/a.yaml", "'~/a.yaml' is not relative to this file", WAY),
        ("~other/a.yaml", "'~other/a.yaml' is not relative to this file", WAY),
        ("house\\a.yaml", "'house\\a.yaml' has backslashes, which only Windows reads", "write 'house/a.yaml'"),
        ("C:\\a.yaml", "'C:\\a.yaml' is no installed policy, and other addresses are not read", WAY),
        ("c:a.yaml", "'c:a.yaml' is no installed policy, and other addresses are not read", WAY),
        ("a.yaml:stream", "'a.yaml:stream' is no installed policy, and other addresses are not read", WAY),
        ("http://a.org/b.yaml", "'http://a.org/b.yaml' is no installed policy, and other addresses are not read", WAY),
        ("file:///a.yaml", "'file:///a.yaml' is no installed policy, and other addresses are not read", WAY),
        (
            "tagmetry:sdlx",
            "'tagmetry:sdlx' is no installed policy, and other addresses are not read",
            "did you mean tagmetry:sdxl?",
        ),
        ("tagmetry:zzz", "'tagmetry:zzz' is no installed policy, and other addresses are not read", NAMES),
        ("", "the name of a policy is empty", WAY),
        ("  ", "the name of a policy is empty", WAY),
    ],
)
def test_what_is_no_relative_file_is_refused(name, text, help):
    assert extends_error(name) == ("policy-extends", text, help)


def test_a_nul_character_in_a_name_is_refused():
    assert [found[1] for found in problems('extends: "a\\0.yaml"')] == ["policy-character", "policy-not-found"]


def test_variables_are_plain_text(folder, monkeypatch):
    monkeypatch.setenv("HOUSE", "house")
    write("house/a.yaml")
    assert extends_error("$HOUSE/a.yaml")[:2] == (
        "policy-not-found",
        "there is no file '$HOUSE/a.yaml' relative to tagmetry.yaml",
    )


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("hosue.yaml", "did you mean 'house.yaml'?"),
        ("more/colors.yaml", "did you mean 'more/colours.yaml'?"),
        ("sdxl", "did you mean 'tagmetry:sdxl'?"),
        ("zzz.yaml", None),
    ],
)
def test_a_missing_file_is_told_with_the_nearest_one(name, help):
    write("house.yaml")
    write("more/colours.yaml")
    assert extends_error(name) == (
        "policy-not-found",
        f"there is no file '{name}' relative to tagmetry.yaml",
        help,
    )


def test_what_is_no_file_is_refused(folder):
    (folder / "house").mkdir()
    assert extends_error("house") == (
        "policy-is-folder",
        "house is a folder, not a policy file",
        "name the file in it, for example house/tagmetry.yaml",
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_without_waiting():
    os.mkfifo("pipe.yaml")
    assert extends_error("pipe.yaml")[:2] == (
        "policy-not-a-file",
        "pipe.yaml is not a regular file (but a pipe, a socket or a device)",
    )


def test_a_file_that_is_no_policy_is_never_quoted():
    write("secret.txt", "password: 123\n\t", version=False)
    assert extends_error("secret.txt") == (
        "policy-extends",
        "secret.txt is no policy: it does not say which version of the language it is in",
        "a policy begins with: tagmetry: 1",
    )


def test_links_in_a_circle_are_refused(folder):
    link("a.yaml", "b.yaml")
    link("b.yaml", "a.yaml")
    found = problems("extends: a.yaml")
    assert len(found) == 1
    with pytest.raises(PolicyError):
        load("a.yaml")


def outside(name):
    return (
        "policy-extends",
        f"'{name}' lies outside the folder that policies may be read from",
        "move it below that folder, or widen it with --policy-root DIR",
    )


def test_files_are_read_below_the_repository_only(folder):
    write("../house.yaml")
    write("projects/hat/tagmetry.yaml", "extends: ../../../house.yaml")
    write("shared.yaml")
    with pytest.raises(PolicyError) as caught:
        load("projects/hat/tagmetry.yaml")
    assert [found[1:] for found in told(caught.value)] == [outside("../../../house.yaml")]
    write("projects/hat/tagmetry.yaml", "extends: ../../shared.yaml")
    assert load("projects/hat/tagmetry.yaml").sources == ("shared.yaml", "projects/hat/tagmetry.yaml")


def test_without_a_repository_files_are_read_beside_the_policy_only(folder):
    (folder / ".git").rmdir()
    write("shared.yaml")
    write("hat/more/a.yaml")
    write("hat/tagmetry.yaml", "extends: [../shared.yaml, more/a.yaml]")
    with pytest.raises(PolicyError) as caught:
        load("hat/tagmetry.yaml")
    assert [found[1:] for found in told(caught.value)] == [outside("../shared.yaml")]


def test_another_folder_can_be_allowed(folder):
    (folder / ".git").rmdir()
    write("house/shared.yaml")
    write("hat/a.yaml")
    write("hat/tagmetry.yaml", "extends: [../house/shared.yaml, a.yaml]")
    assert load("hat/tagmetry.yaml", policy_root=folder / "house").sources == (
        "house/shared.yaml",
        "hat/a.yaml",
        "hat/tagmetry.yaml",
    )


def test_a_link_cannot_lead_out(folder):
    write("../house.yaml")
    link("house.yaml", "../house.yaml")
    assert extends_error("house.yaml") == outside("house.yaml")


def test_a_built_in_policy_extends_no_files(folder):
    write("a.yaml")
    plugins = with_policies(house="tagmetry: 1\nextends: a.yaml\n")
    assert refused("acme:house", plugins) == joined(
        "error[policy-extends]: a built-in policy extends built-in policies only, not 'a.yaml'",
        " --> acme:house:2:10",
        "  |",
        "2 | extends: a.yaml",
        "  |          ^^^^^^",
        "  = help: policies: acme:house, tagmetry:recommended, tagmetry:sdxl",
    )


def test_too_many_policies_are_refused():
    assert problems(f"extends: [{', '.join(['tagmetry:sdxl'] * 64)}, tagmetry:sdxl]") == [
        ("2:1", "policy-value", "extends has more than 64 entries", None)
    ]


def test_the_mistakes_of_all_files_are_told_at_once():
    write("tagmetry.yaml", "extends: [a.yaml, b.yaml, nowhere.yaml]\nrules: {tag-frequncy: off}\n")
    write("a.yaml", "gate: {fail_on: warn}\n")
    write("b.yaml", "rules:\n\ttag-frequency: off\n")
    with pytest.raises(PolicyError) as caught:
        load()
    assert [(one.span.place, one.code) for one in caught.value.diagnostics] == [
        ("a.yaml:2", "policy-value"),
        ("b.yaml:3", "policy-tab"),
        ("tagmetry.yaml:2", "policy-not-found"),
        ("tagmetry.yaml:3", "policy-unknown-rule"),
    ]


def test_a_hundred_policies_may_be_read():
    for first, last in ((1, 50), (51, 100)):
        write(f"group{first}.yaml", f"extends: [{', '.join(f'{i}.yaml' for i in range(first, last + 1))}]")
    for i in range(1, 101):
        write(f"{i}.yaml")
    write("tagmetry.yaml", "extends: group1.yaml")
    assert len(sources()) == 52
    found = problems("extends: [group1.yaml, group51.yaml]")
    assert [one[1:3] for one in found] == [("policy-extends-many", "more than 100 policies extend one another")]


def test_a_file_may_have_ten_thousand_values():
    def policy(n):
        return f"rules: {{tag-frequency: {{ignore: [{', '.join(f'tag {i}' for i in range(n))}]}}}}"

    assert loaded(policy(9_991)).name == "tagmetry.yaml"
    assert problems(policy(9_992))[0][1:3] == (
        "policy-too-many-values",
        "the file has more than 10,000 keys and values",
    )


def test_two_hundred_mistakes_are_told():
    def policy(n):
        return "rules:\n" + "".join(f"  no-such-rule-{i}: off\n" for i in range(n))

    assert len(problems(policy(199))) == 199
    found = problems(policy(1_000))
    assert len(found) == 201
    assert found[-2][1] == "policy-unknown-rule"
    assert found[-1][1:3] == (
        "policy-too-many-problems",
        "the file has 200 mistakes or more; the others are not told",
    )


# What a policy is known by


def test_a_policy_is_known_by_the_content_of_all_its_files():
    write("tagmetry.yaml", "extends: a.yaml")
    write("a.yaml", "name: a/b")
    first = load().sha256
    assert len(first) == 64
    assert load().sha256 == first
    write("a.yaml", "name: a/c")
    assert load().sha256 != first
    write("a.yaml", "name: a/b")
    assert load().sha256 == first


def test_the_borders_between_files_count():
    write("tagmetry.yaml", "extends: a.yaml\n# one\n# two\n")
    write("a.yaml", "")
    one = load().sha256
    write("tagmetry.yaml", "extends: a.yaml\n# one\n")
    write("a.yaml", "# two\n")
    assert load().sha256 != one


def test_where_it_lies_does_not_count():
    write("one/tagmetry.yaml", "name: a/b")
    write("two/house.yaml", "name: a/b")
    assert load("one/tagmetry.yaml").sha256 == load("two/house.yaml").sha256


def test_a_policy_without_a_name_is_named_by_its_file():
    assert loaded("").name == "tagmetry.yaml"
    assert loaded("extends: tagmetry:sdxl").name == "tagmetry.yaml"
    assert loaded("name: acme/portrait").name == "acme/portrait"


# Mistakes, with the text that is shown


def test_an_unknown_option_is_shown_with_its_place_and_the_options():
    write("tagmetry.yaml", "rules:\n  near-duplicate-ratio:\n    limt: 10%\n")
    assert refused() == joined(
        "error[policy-unknown-option]: unknown option 'limt' of rule near-duplicate-ratio",
        " --> tagmetry.yaml:4:5",
        "  |",
        "4 |     limt: 10%",
        "  |     ^^^^",
        "  = help: did you mean 'limit'? Options: error_limit, limit",
    )


def test_two_mistakes_give_two_places():
    write(
        "tagmetry.yaml", "rules:\n  tag-frequency: {limit: 2}\n  near-duplicate-ratoi: off\ngate: {fail_on: warning}\n"
    )
    assert refused() == joined(
        "error[policy-option-value]: rules.tag-frequency.limit is 2; the largest value is 1 (did you mean 2%?)",
        " --> tagmetry.yaml:3:26",
        "  |",
        "3 |   tag-frequency: {limit: 2}",
        "  |                          ^",
        "",
        "error[policy-unknown-rule]: unknown rule 'near-duplicate-ratoi'",
        " --> tagmetry.yaml:4:3",
        "  |",
        "4 |   near-duplicate-ratoi: off",
        "  |   ^^^^^^^^^^^^^^^^^^^^",
        "  = help: did you mean near-duplicate-ratio?",
    )


def test_a_file_without_a_version_is_refused():
    write("tagmetry.yaml", "name: a/b\n", version=False)
    assert refused() == joined(
        "error[policy-version]: the policy does not say which version of the language it is written in",
        " --> tagmetry.yaml:1:1",
        "  |",
        "1 | name: a/b",
        "  | ^^^^",
        "  = help: begin it with: tagmetry: 1",
    )
    write("tagmetry.yaml", "{}\n", version=False)
    assert refused().startswith("error[policy-version]: the policy does not say")


@pytest.mark.parametrize(
    ("version", "shown"), [("2", "2"), ("'1'", "'1'"), ("1.5", "1.5"), ("true", "true"), ("", "null")]
)
def test_another_version_is_refused(version, shown):
    write("tagmetry.yaml", f"tagmetry: {version}\n", version=False)
    with pytest.raises(PolicyError) as caught:
        load()
    assert [found[1:] for found in told(caught.value)] == [
        (
            "policy-version",
            f"this Tagmetry reads version 1 of the policy language, not {shown}",
            "write: tagmetry: 1",
        )
    ]


KEYS = (
    "balance, define, extends, gate, name, overrides, playbooks, profile, risks, rules, suppressions, tagmetry, "
    "vocabulary"
)


@pytest.mark.parametrize(
    ("text", "place", "code", "said", "help"),
    [
        ("rule: {}", "2:1", "policy-unknown-key", "unknown key 'rule'", f"did you mean 'rules'? Keys: {KEYS}"),
        ("foo: {}", "2:1", "policy-unknown-key", "unknown key 'foo'", f"keys: {KEYS}"),
        (
            "base_model: sdxl",
            "2:1",
            "policy-unknown-key",
            "unknown key 'base_model'",
            "'base_model' belongs under 'profile'",
        ),
        (
            "tag-frequency: off",
            "2:1",
            "policy-unknown-key",
            "unknown key 'tag-frequency'",
            "'tag-frequency' is a rule: put it under 'rules'",
        ),
        (
            "profile: {gate: error}",
            "2:11",
            "policy-unknown-key",
            "unknown key 'gate' in profile",
            "'gate' is a key of the file itself: begin it in the first column",
        ),
        (
            "profile: {concepts: {hat: {triger: ohwx}}}",
            "2:28",
            "policy-unknown-key",
            "unknown key 'triger' in profile.concepts.hat",
            "did you mean 'trigger'? Keys: class_word, core_tags, expected_fusion, match, trigger",
        ),
        (
            "profile: {roles: {reg: reg/**}}",
            "2:19",
            "policy-unknown-key",
            "unknown key 'reg' in profile.roles",
            "did you mean 'regularization'? Keys: earlier, holdout, preservation, regularization, train",
        ),
        (
            "gate: {fail-on: error}",
            "2:8",
            "policy-unknown-key",
            "unknown key 'fail-on' in gate",
            "did you mean 'fail_on'? Keys: fail_on",
        ),
        (
            "vocabulary: {group: {}}",
            "2:14",
            "policy-unknown-key",
            "unknown key 'group' in vocabulary",
            (
                "did you mean 'groups'? Keys: exclusive, excuses, groups, implications, protected, roles, "
                "single_subject, synonyms, words"
            ),
        ),
        (
            "balance: {tag_cap: {limit: 0.9}}",
            "2:21",
            "policy-unknown-key",
            "unknown key 'limit' in balance.tag_cap",
            "keys: cap_ratio, threshold",
        ),
        ("rules: {foo: off}", "2:9", "policy-unknown-rule", "unknown rule 'foo'", "tagmetry rules lists the rules"),
        (
            "rules: {gate: error}",
            "2:9",
            "policy-unknown-rule",
            "unknown rule 'gate'",
            "'gate' is a key of the file itself: begin it in the first column",
        ),
        (
            "rules: {purpose: style}",
            "2:9",
            "policy-unknown-rule",
            "unknown rule 'purpose'",
            "'purpose' belongs under 'profile'",
        ),
        (
            "rules: {long-tail-tags: {limit: 1}}",
            "2:26",
            "policy-unknown-option",
            "unknown option 'limit' of rule long-tail-tags",
            "the rule has no options; severity and because are what every rule takes",
        ),
        (
            "rules: {near-duplicate-ratio: {foo: 1}}",
            "2:32",
            "policy-unknown-option",
            "unknown option 'foo' of rule near-duplicate-ratio",
            "options: error_limit, limit",
        ),
        # severities
        (
            "rules: {long-tail-tags: false}",
            "2:25",
            "policy-type",
            "rules.long-tail-tags is false; it takes off, info, warning, error or a mapping",
            "did you mean 'off'?",
        ),
        (
            "rules: {long-tail-tags: none}",
            "2:25",
            "policy-value",
            "rules.long-tail-tags is none; it takes off, info, warning, error or a mapping",
            "did you mean 'off'?",
        ),
        (
            "rules: {long-tail-tags: Warning}",
            "2:25",
            "policy-value",
            "rules.long-tail-tags is Warning; it takes off, info, warning, error or a mapping",
            "did you mean 'warning'?",
        ),
        (
            "rules: {long-tail-tags: critical}",
            "2:25",
            "policy-value",
            "rules.long-tail-tags is critical; it takes off, info, warning, error or a mapping",
            "did you mean 'error'?",
        ),
        (
            "rules: {long-tail-tags: }",
            "2:9",
            "policy-type",
            "rules.long-tail-tags has no value; it takes off, info, warning, error or a mapping",
            "write {} to leave the rule as it is, or a severity",
        ),
        (
            "rules: {long-tail-tags: [off]}",
            "2:9",
            "policy-type",
            "rules.long-tail-tags is a list; it takes off, info, warning, error or a mapping",
            "write its keys without '-' before them",
        ),
        (
            "rules: {tag-frequency: {severity: warn}}",
            "2:35",
            "policy-value",
            "rules.tag-frequency.severity is warn; it takes off, info, warning, error or null",
            "did you mean 'warning'?",
        ),
        (
            "rules: {tag-frequency: {severity: {}}}",
            "2:25",
            "policy-value",
            "rules.tag-frequency.severity is a mapping; it takes off, info, warning, error or null",
            None,
        ),
        (
            "gate: {fail_on: off}",
            "2:17",
            "policy-value",
            "gate.fail_on is off; it takes error, warning, info, never or null",
            "did you mean 'never'?",
        ),
        ("gate: error", "2:7", "policy-type", "gate is error; it takes a mapping", "write: gate: {fail_on: error}"),
        # options
        (
            "rules: {tag-frequency: {limit: 90}}",
            "2:32",
            "policy-option-value",
            "rules.tag-frequency.limit is 90; the largest value is 1 (did you mean 90%?)",
            None,
        ),
        (
            "rules: {tag-frequency: {limit: -1%}}",
            "2:32",
            "policy-option-value",
            "rules.tag-frequency.limit is -0.01; the smallest value is 0",
            None,
        ),
        (
            "rules: {tag-frequency: {limit: many}}",
            "2:32",
            "policy-option-value",
            "rules.tag-frequency.limit is many; it takes: share (0.15 or 15%)",
            None,
        ),
        (
            "rules: {tag-frequency: {limit: 1e-1%}}",
            "2:32",
            "policy-value",
            "rules.tag-frequency.limit is 1e-1%, which does not have the right form",
            "write a share as 0.15 or 15%",
        ),
        (
            "rules: {tag-frequency: {limit: [0.1]}}",
            "2:25",
            "policy-type",
            "rules.tag-frequency.limit is a list; it takes a text, a number or null",
            None,
        ),
        (
            "rules: {tag-frequency: {min_images: 2.5}}",
            "2:37",
            "policy-option-value",
            "rules.tag-frequency.min_images is 2.5; it takes: whole number",
            None,
        ),
        (
            "rules: {tag-frequency: {min_images: '5'}}",
            "2:37",
            "policy-type",
            "rules.tag-frequency.min_images is '5'; it takes a whole number or null",
            "leave the quotes out",
        ),
        (
            "rules: {tag-frequency: {style: tag}}",
            "2:32",
            "policy-option-value",
            "rules.tag-frequency.style is tag; it takes tags, sentences, auto",
            "did you mean 'tags'?",
        ),
        (
            "rules: {tag-frequency: {strict: yes}}",
            "2:33",
            "policy-option-value",
            "rules.tag-frequency.strict is yes; it takes: true or false",
            "did you mean 'true'?",
        ),
        (
            "rules: {tag-frequency: {strict: 1}}",
            "2:33",
            "policy-option-value",
            "rules.tag-frequency.strict is 1; it takes: true or false",
            None,
        ),
        (
            "rules: {tag-frequency: {word: 2005}}",
            "2:31",
            "policy-type",
            "rules.tag-frequency.word is 2005; it takes a text or null",
            "put it in quotes: '2005'",
        ),
        (
            "rules: {tag-frequency: {ignore: solo}}",
            "2:33",
            "policy-type",
            "rules.tag-frequency.ignore is solo; it takes a mapping, a list of texts or null",
            None,
        ),
        (
            "rules: {tag-frequency: {ignore: [solo, 2000]}}",
            "2:40",
            "policy-type",
            "rules.tag-frequency.ignore[1] is 2000; it takes a text",
            "put it in quotes: '2000'",
        ),
        (
            "rules: {tag-frequency: {sizes: [512, 12]}}",
            "2:38",
            "policy-option-value",
            "rules.tag-frequency.sizes is 12; the smallest value is 64",
            None,
        ),
        (
            "rules: {tag-frequency: {sizes: {add: [512, big]}}}",
            "2:44",
            "policy-option-value",
            "rules.tag-frequency.sizes is big; it takes: whole number",
            None,
        ),
        (
            "rules: {tag-frequency: {because: 3}}",
            "2:34",
            "policy-type",
            "rules.tag-frequency.because is 3; it takes a text",
            "put it in quotes: '3'",
        ),
        # profile
        (
            "profile: {base_model: sd1.5}",
            "2:23",
            "policy-option-value",
            "profile.base_model is sd1.5; it takes sd15, sdxl, flux",
            "did you mean 'sd15'?",
        ),
        (
            "profile: [base_model]",
            "2:1",
            "policy-type",
            "profile is a list; it takes a mapping",
            "write its keys without '-' before them",
        ),
        (
            "profile: {concepts: {hat: }}",
            "2:22",
            "policy-type",
            "profile.concepts.hat has no value; it takes a mapping",
            None,
        ),
        (
            "profile: {concepts: {hat: {trigger: 5}}}",
            "2:37",
            "policy-type",
            "profile.concepts.hat.trigger is 5; it takes a text or null",
            "put it in quotes: '5'",
        ),
        (
            'profile: {concepts: {hat: {trigger: "a, b"}}}',
            "2:37",
            "policy-value",
            "trigger is one tag, and this holds several",
            None,
        ),
        (
            'profile: {concepts: {hat: {class_word: ""}}}',
            "2:40",
            "policy-value",
            "class_word is empty; null takes it back",
            None,
        ),
        (
            'profile: {concepts: {hat: {core_tags: [red hat, ""]}}}',
            "2:49",
            "policy-value",
            "a tag is empty",
            None,
        ),
        (
            "balance: {randomization: {tags: {caption_tag_dropout_rate: 10}}}",
            "2:60",
            "policy-option-value",
            "balance.randomization.tags.caption_tag_dropout_rate is 10; the largest value is 1 (did you mean 10%?)",
            None,
        ),
        ("name: ''", "2:7", "policy-value", "name is empty", None),
        ("name: 5", "2:7", "policy-type", "name is 5; it takes a text", "put it in quotes: '5'"),
        (
            "extends: {a: b}",
            "2:1",
            "policy-type",
            "extends is a mapping; it takes a text or a list of texts",
            None,
        ),
        ("extends: [5]", "2:11", "policy-type", "extends[0] is 5; it takes a text", "put it in quotes: '5'"),
    ],
)
def test_a_mistake_is_told_at_its_place(text, place, code, said, help):
    assert problems(text) == [(place, code, said, help)]


def test_all_mistakes_of_a_file_are_told_whatever_their_kind():
    found = problems(
        """\
        extends: nowhere.yaml
        profile: {purpose: stlye, roles: {train: reg}}
        rules: {tag-frequency: {limit: 2, limt: 1}, foo: off}
        vocabulary: {groups: {background: {remove: [sky]}}}
        balance: {apply: 3}
        gate: error
        """
    )
    assert [one[:2] for one in found] == [
        ("2:10", "policy-not-found"),
        ("3:20", "policy-option-value"),
        ("3:42", "policy-pattern"),
        ("4:32", "policy-option-value"),
        ("4:35", "policy-unknown-option"),
        ("4:45", "policy-unknown-rule"),
        ("5:45", "policy-vocabulary"),
        ("6:18", "policy-option-value"),
        ("7:7", "policy-type"),
    ]


def test_the_rule_of_a_plugin_that_did_not_load_comes_with_the_plugin():
    parts = parts_of(PLUGINS)
    outcome = PluginOutcome("acme", "1.2", "failed", "ImportError: no module named foo")
    broken = type(PLUGINS)(**{**parts, "outcomes": (outcome,)})
    (found,) = problems("rules: {acme/no-hats: off}", broken)
    assert found[:3] == ("2:9", "policy-unknown-rule", "unknown rule 'acme/no-hats'")
    assert "acme 1.2" in found[3]
    assert "ImportError: no module named foo" in found[3]


def test_the_rule_of_a_plugin_that_is_left_out_comes_with_the_plugin():
    left_out = type(PLUGINS)(**{**parts_of(PLUGINS), "left_out": ("acme",)})
    (found,) = problems("rules: {acme/no-hats: off}", left_out)
    assert "--no-plugins" in found[3]
    assert "acme" in found[3]


def test_a_rule_may_be_named_by_its_former_name():
    policy = loaded("rules: {soft-image: error}")
    assert effective(policy, "blurry-image").severity.label == "error"


def test_a_rule_under_both_of_its_names_is_refused():
    assert problems("rules:\n  blurry-image: error\n  soft-image: off\n") == [
        (
            "4:3",
            "policy-rule-twice",
            "'soft-image' is a former name of 'blurry-image', which stands here too",
            "keep one of the two; the other is in line 3",
        )
    ]
    assert problems("rules:\n  soft-image: off\n  blurry-image: error\n") == [
        (
            "4:3",
            "policy-rule-twice",
            "'blurry-image' stands here under a former name too",
            "keep one of the two; the other is in line 3",
        )
    ]


# What YAML makes of it


def test_a_bare_off_switches_a_rule_off():
    assert effective(loaded("rules: {long-tail-tags: off}"), "long-tail-tags").severity.label == "off"


def test_words_of_other_yaml_versions_are_texts():
    policy = loaded("profile: {concepts: {hat: {trigger: no, class_word: 16:9, core_tags: [2027-03-31, on]}}}")
    (hat,) = policy.profile().concepts
    assert (hat.trigger, hat.class_word, hat.core_tags) == ("no", "16:9", ("2027-03-31", "on"))


def test_a_leading_zero_is_no_octal():
    assert effective(loaded("rules: {tag-frequency: {min_images: 010}}"), "tag-frequency").options.min_images == 10


def test_a_pattern_that_begins_with_a_star_needs_quotes():
    write("tagmetry.yaml", "profile:\n  roles:\n    train: *.png\n")
    assert refused() == joined(
        "error[policy-alias]: '*' at the start makes *.png a YAML alias; aliases are not allowed",
        " --> tagmetry.yaml:4:12",
        "  |",
        "4 |     train: *.png",
        "  |            ^^^^^",
        "  = help: put the text in quotes: '*.png'",
    )
    assert dict(loaded('profile: {roles: {train: "*.png"}}').profile().roles) == {"train": ("*.png",)}


def test_a_key_that_stands_twice_is_refused():
    assert problems("rules: {tag-frequency: off, tag-frequency: error}") == [
        (
            "2:29",
            "policy-duplicate-key",
            "the key 'tag-frequency' is given twice, first in line 2, column 9",
            "keep one of the two",
        )
    ]


@pytest.mark.parametrize("key", ["profile", "rules", "vocabulary", "balance", "gate", "define", "overrides"])
def test_a_part_of_which_all_is_commented_out_is_empty(key):
    assert loaded(f"{key}:\n  # nothing yet\n").sources == ("tagmetry.yaml",)


@pytest.mark.parametrize(
    ("text", "said", "help"),
    [
        (
            "define: {min-side: {kind: metric}}",
            "'min-side' is no name for a new rule",
            "name it namespace/kebab-case-name, for example acme/min-side",
        ),
        (
            "define: {acme/a: {kind: counts}}",
            f"define.acme/a.kind is counts; it takes {', '.join([*KINDS][:-1])} or {[*KINDS][-1]}",
            "did you mean 'count'?",
        ),
        ("define: {acme/a: {}}", "define.acme/a has no 'kind'", None),
        ("overrides: [{rules: {}}]", "overrides[0] has no 'match'", None),
        (
            "overrides: [{match: {role: training}}]",
            f"overrides[0].match.role is training; it takes {', '.join(ROLES)} or a list",
            "did you mean 'train'?",
        ),
        (
            "overrides: [{match: {role: train}, rules: {tag-frequency: {limit: 7}}}]",
            "overrides[0].rules.tag-frequency.limit is 7; the largest value is 1 (did you mean 7%?)",
            None,
        ),
        ("suppressions: [{rule: tag-frequency}]", "suppressions[0] has no 'reason'", None),
        (
            "suppressions: [{rule: a, reason: b, expires: 1.3.2027}]",
            "suppressions[0].expires is 1.3.2027, which does not have the right form",
            "write a day as 2027-03-31",
        ),
        (
            "risks: {memorization: {high: 3}}",
            "risks.memorization.high is 3; it takes a text or null",
            "put it in quotes: '3'",
        ),
        ("playbooks: over-fitted", "playbooks is over-fitted; it takes a list", None),
        (
            "rules: {tag-frequency: {tolerate: -1}}",
            "rules.tag-frequency.tolerate is -1; the smallest value is 0",
            "write a share as 2%, or a whole number of subjects as 3",
        ),
    ],
)
def test_what_is_not_read_yet_is_checked_for_its_form(text, said, help):
    assert (said, help) in [found[2:] for found in problems(text)]


# Patterns


@pytest.mark.parametrize(
    ("pattern", "said", "help"),
    [
        (
            "/reg/**",
            "the pattern '/reg/**' begins outside the dataset",
            "patterns are relative to the dataset's folder, as reg/**",
        ),
        (
            "C:\\reg\\**",
            "the pattern 'C:\\reg\\**' begins outside the dataset",
            "patterns are relative to the dataset's folder, as reg/**",
        ),
        (
            "~/reg/**",
            "the pattern '~/reg/**' begins outside the dataset",
            "patterns are relative to the dataset's folder, as reg/**",
        ),
        (
            "../reg/**",
            "the pattern '../reg/**' leads out of the dataset",
            "patterns are relative to the dataset's folder, as reg/**",
        ),
        (
            "reg",
            "the pattern 'reg' names a folder, and patterns are compared with images",
            "write reg/** for all that lies in it",
        ),
        (
            "img/reg/",
            "the pattern 'img/reg/' names a folder, and patterns are compared with images",
            "write img/reg/** for all that lies in it",
        ),
        ("", "the pattern is empty", "** stands for everything"),
        ("x" * 1001, "the pattern is longer than 1,000 characters", None),
    ],
)
def test_a_pattern_that_can_match_no_image_is_refused(pattern, said, help):
    text = json.dumps(pattern)
    assert [found[1:] for found in problems(f"profile: {{roles: {{train: [{text}]}}}}")] == [
        ("policy-pattern", said, help)
    ]
    found = problems(f"profile: {{concepts: {{hat: {{match: {{add: {text}}}}}}}}}")
    assert [one[1:] for one in found] == [("policy-pattern", said, help)]


@pytest.mark.parametrize(
    "pattern", ["**", "*", "reg/**", "img/1_*/*.png", "a/b.png", "[ab]/?.jpg", "reg\\**", "x" * 998 + ".p"]
)
def test_other_patterns_are_taken(pattern):
    roles = loaded(f"profile: {{roles: {{train: {json.dumps(pattern)}}}}}").profile().roles
    assert dict(roles) == {"train": (pattern,)}


# The vocabulary


def test_a_vocabulary_without_sense_is_refused_at_its_place():
    write("tagmetry.yaml", "vocabulary:\n  groups:\n    background:\n      remove: [white backround]\n")
    assert refused() == joined(
        "error[policy-vocabulary]: vocabulary.groups.background.remove[0] in tagmetry.yaml: "
        'there is no "white backround" to remove',
        " --> tagmetry.yaml:5:16",
        "  |",
        "5 |       remove: [white backround]",
        "  |                ^^^^^^^^^^^^^^^",
        '  = help: did you mean "white background"?',
    )


def test_all_mistakes_of_a_vocabulary_are_told():
    found = problems(
        """\
        vocabulary:
          groups:
            background: {remove: [sky, outdoors, sea], add: [green screen]}
            colours: 5
          exclusive: {place: [indoors]}
          roles: {look: [colours, clothes]}
          synonyms: {t_shirt: [T-Shirt], Tee Shirt: [t shirt, T-SHIRT]}
          implications: {dress: sundress}
          single_subject: [hair]
        """
    )
    assert [(one[0], one[1]) for one in found] == [
        ("4:27", "policy-vocabulary"),
        ("4:42", "policy-vocabulary"),
        ("5:14", "policy-type"),
        ("6:15", "policy-vocabulary"),
        ("7:11", "policy-vocabulary"),
        ("9:25", "policy-vocabulary"),
        ("10:3", "policy-vocabulary"),
    ]


def test_a_layer_finds_the_vocabulary_of_those_before():
    write("house.yaml", "vocabulary: {groups: {colours: [red, blue]}}")
    policy = loaded("extends: house.yaml\nvocabulary: {groups: {colours: {remove: [red]}}, roles: {look: [colours]}}")
    assert [source for source, _ in policy.vocabulary_patches()] == ["house.yaml", "tagmetry.yaml"]


def test_the_vocabulary_is_not_read_for_a_policy_that_does_not_change_it():
    unreadable = make_plugins(vocabulary="groups: [")
    assert load("sdxl", unreadable).name == "tagmetry/sdxl"
    assert problems("vocabulary: {protected: [logo]}", unreadable)[0][1] == "policy-unclosed-bracket"


# Whatever the text

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 300),
    st.integers(10**399 // 2, 10**399),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        ["off", "error", "15%", "warning", "tagmetry:sdxl", "a.yaml", "../x", "solo", "reg/**", "[", "", "**"]
    ),
    st.text(st.characters(exclude_characters="\0\x7f", exclude_categories=("Cs",)), max_size=8),
)
KEYS_OF_THE_LANGUAGE = """
    tagmetry name extends profile rules define overrides suppressions vocabulary balance risks playbooks gate
    base_model purpose resolution concepts roles match trigger class_word core_tags expected_fusion train regularization
    tag-frequency long-tail-tags soft-image blurry-image acme/no-artists limit min_images ignore sizes style
    severity because where lock tolerate add remove groups background exclusive synonyms implications protected
    single_subject tag_cap threshold randomization tags steps fail_on kind memorization high rule reason
"""
NAMES_OF_THE_LANGUAGE = st.sampled_from(KEYS_OF_THE_LANGUAGE.split())
ODD_VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(NAMES_OF_THE_LANGUAGE, st.text(max_size=3)), inner, max_size=4),
    ),
    max_leaves=12,
)
RULE_PATCHES = st.one_of(SCALARS, st.dictionaries(NAMES_OF_THE_LANGUAGE, ODD_VALUES, max_size=4))
ODD_POLICIES = st.fixed_dictionaries(
    {"tagmetry": st.one_of(st.just(1), st.just(1), SCALARS)},
    optional={
        "extends": ODD_VALUES,
        "rules": st.one_of(ODD_VALUES, st.dictionaries(NAMES_OF_THE_LANGUAGE, RULE_PATCHES, max_size=5)),
        "profile": ODD_VALUES,
        "vocabulary": ODD_VALUES,
        "balance": ODD_VALUES,
        "gate": ODD_VALUES,
        "overrides": ODD_VALUES,
        "define": ODD_VALUES,
        "suppressions": ODD_VALUES,
        "name": SCALARS,
    },
)


def only_a_policy_or_its_error(text):
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "tagmetry.yaml"
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            policy = load_policy(str(file), PLUGINS)
        except PolicyError as error:
            assert error.diagnostics
            for one in error.diagnostics:
                assert one.code.startswith("policy-")
                assert one.span is not None
                assert 1 <= one.span.line <= text.count("\n") + text.count("\r") + 1
            json.dumps([one.as_data() for one in error.diagnostics])
            assert render(error.diagnostics)
        else:
            assert isinstance(policy, Policy)
            policy.rules(PLUGINS.rules.values())
            policy.profile()
            policy.balance()


@settings(max_examples=100)
@given(ODD_POLICIES)
def test_whatever_a_policy_says_it_is_a_policy_or_told_to_be_none(odd):
    only_a_policy_or_its_error(json.dumps(odd))
    only_a_policy_or_its_error(json.dumps(odd, indent=1, ensure_ascii=False))


@settings(max_examples=100)
@given(
    st.lists(
        st.one_of(
            NAMES_OF_THE_LANGUAGE.map(lambda name: f"{name}: "),
            st.sampled_from(["\n", "\n  ", "\n    ", "- ", "{", "}", "[", "]", ", ", "off", "15%", "1", "'", "#"]),
            st.sampled_from(string.printable),
        ),
        max_size=40,
    ).map("".join)
)
def test_whatever_the_text_it_is_a_policy_or_told_to_be_none(text):
    only_a_policy_or_its_error("tagmetry: 1\n" + text)


@pytest.mark.skipif(sys.platform == "win32", reason="paths of this system are bytes")
def test_a_file_whose_name_is_no_text_is_told():
    name = os.fsdecode(b"\xff.yaml")
    write(name, "rule: {}")
    assert " --> \\udcff.yaml:2:1\n" in refused(name)
