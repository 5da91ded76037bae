"""A user's own settings: below flags and environment, never rules, and wrong ones are told with their place."""

import pytest

from command_testing import draw, run
from tagmetry.policy.diagnostics import PolicyError
from tagmetry.settings_place import settings_path
from tagmetry.user_settings import read_settings


def written(folder, text):
    path = folder / "settings.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def wrong(path):
    with pytest.raises(PolicyError) as caught:
        read_settings(path)
    return [(f"{one.span.line}:{one.span.column}", one.message.english()) for one in caught.value.diagnostics]


def test_settings_are_flags_and_options_of_outputs(tmp_path):
    (tmp_path / "tags.csv").write_text("smile\n", encoding="utf-8")
    text = "lang: en\ncolor: never\ncache_dir: kept\ntag_lists: tags.csv\nreporters: {html: {blur: true, columns: 3}}\n"
    found = read_settings(written(tmp_path, text))
    assert found.flags == {
        "lang": "en",
        "color": "never",
        "cache_dir": tmp_path / "kept",
        "tag_lists": (tmp_path / "tags.csv",),
    }
    assert found.reporters == {"html": {"blur": "true", "columns": "3"}}


def test_all_that_is_wrong_is_told_with_its_place(tmp_path):
    text = "colour: red\ncolor: red\nlang: [en]\ntag_lists: none.csv\nreporters: {html: {blur: [1]}}\nrules: {a: off}\n"
    assert wrong(written(tmp_path, text)) == [
        ("1:1", "there is no setting 'colour'"),
        ("2:8", "color is red; it takes auto, always, never"),
        ("3:7", "'lang' is a text"),
        ("4:12", f"there is no file {tmp_path / 'none.csv'}"),
        ("5:26", "'blur' is a single value"),
        ("6:1", "there is no setting 'rules'"),
    ]


def test_the_environment_names_another_file_or_none(tmp_path, monkeypatch):
    assert settings_path({"TAGMETRY_SETTINGS": str(tmp_path / "a.yaml")}) == tmp_path / "a.yaml"
    assert settings_path({"TAGMETRY_SETTINGS": ""}) is None


def test_a_run_uses_them_below_its_flags(tmp_path):
    draw(tmp_path / "set" / "a.png", 1)
    (tmp_path / "tags.csv").write_text("smile\n,\n", encoding="utf-8")
    path = written(tmp_path, "tag_lists: tags.csv\ncolor: always\n")
    environment = {"TAGMETRY_SETTINGS": str(path)}
    done = run("check", "set", cwd=tmp_path, environment=environment)
    assert "1 line of the tag list holds no tag" in done.stderr
    assert "\x1b[" in done.stdout
    done = run("check", "set", "--color", "never", cwd=tmp_path, environment=environment)
    assert "\x1b[" not in done.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("reporters: {html: {blurr: true}}", "settings.yaml:1: html has no option blurr"),
        ("reporters: {htlm: {blur: true}}", "settings.yaml:1: there is no output named htlm"),
        ("reporters: {html: {blur: soft}}", "settings.yaml:1: blur is soft; it takes: true or false"),
        ("lang: xx", "--lang: there are no texts in xx"),
        ("color: red", "color is red; it takes auto, always, never"),
    ],
)
def test_a_run_with_wrong_settings_ends_with_2(tmp_path, text, said):
    draw(tmp_path / "set" / "a.png", 1)
    environment = {"TAGMETRY_SETTINGS": str(written(tmp_path, text))}
    done = run("check", "set", "-o", "html=page.html", cwd=tmp_path, environment=environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
