from dataclasses import replace

import pytest

from rule_testing import (
    caption_problem,
    concept,
    dataset,
    figures,
    findings,
    orphan,
    remedies,
    severities,
    subjects,
    texts,
    training_config,
)
from tagmetry.judging import judged
from tagmetry.rules.captions.missing_caption import rule
from tagmetry.rules.captions.trainer_names import NAMES


def said(captions, folder="hat", names=None, **parts):
    data = dataset(concept("hat", captions=captions, folder=folder, names=names), **parts)
    found = findings(rule, data)
    return list(zip(severities(rule, found), texts(rule, found), strict=True))


def without_bytes(data, *rows):
    """The same dataset, the caption files of these rows having 0 bytes."""
    return changed(data, zero_bytes=frozenset(rows))


def changed(data, **captions):
    return replace(data, captions=replace(data.captions, **captions))


def test_an_image_that_no_manifest_lists_is_to_be_listed():
    data = dataset(concept("hat", captions=["a", None]), layout="imagefolder")
    found = findings(rule, data)
    assert texts(rule, found) == ["hat/001.png has no caption: no line of the manifest names it"]
    assert remedies(rule, found[0]) == ["add a line to metadata.jsonl with its file_name and a text"]
    data = dataset(concept("hat", captions=["a", None]), layout="imagefolder", trainer="diffusers")
    assert texts(rule, findings(rule, data)) == [
        "no line of the manifest names hat/001.png, so diffusers trains it on the instance prompt"
    ]


def test_an_image_without_a_caption_file_is_found():
    found = findings(rule, dataset(concept("hat", captions=["a hat", None, "a cap", "a hood"])))
    assert subjects(found) == ["hat/001.png"]
    assert found[0].subject.kind == "sample"
    assert texts(rule, found) == ["hat/001.png has no caption"]
    assert severities(rule, found) == ["warning"]
    assert figures(found) == [("caption_missing_ratio", 0.25, None, None, "share")]
    assert remedies(rule, found[0]) == [
        "describe the picture in a text file that has the image's name and lies beside it"
    ]


@pytest.mark.parametrize("text", ["", "  ", "\n\n", "\u3000"])
def test_a_caption_without_text_is_empty(text):
    found = findings(rule, dataset(concept("hat", captions=["a hat", text])))
    assert [(finding.subject.kind, finding.subject.paths) for finding in found] == [
        ("caption", ("hat/001.txt", "hat/001.png"))
    ]
    assert texts(rule, found) == ["hat/001.png has an empty caption"]
    assert severities(rule, found) == ["warning"]


def test_a_set_with_all_captions_is_clean():
    assert said(["a hat", "帽子をかぶった女の子", "."]) == []


def test_every_image_of_a_set_without_captions_is_named_with_the_share():
    found = findings(rule, dataset(concept("hat", captions=[None, None, ""])))
    assert sorted(subjects(found)) == ["hat/000.png", "hat/001.png", "hat/002.txt"]
    assert {(finding.values["ratio"], finding.values["n"], finding.values["total"]) for finding in found} == {(1, 3, 3)}


def test_only_training_images_are_asked_for_captions():
    data = dataset(
        concept("hat", captions=["a hat"]),
        concept("person", n=3, captions=[None, "", None], role="regularization"),
        concept("kept", captions=[None], role="preservation"),
    )
    assert findings(rule, data) == []


@pytest.mark.parametrize("caption", [None, ""])
def test_flux_makes_it_an_error(caption):
    assert [severity for severity, _ in said(["a hat", caption], base_model="flux")] == ["error"]
    assert [severity for severity, _ in said(["a hat", caption], base_model="sdxl")] == ["warning"]


@pytest.mark.parametrize("trainer", ["musubi", "diffusion-pipe"])
def test_a_trainer_that_skips_the_image_makes_it_an_error(trainer):
    assert said([None], trainer=trainer) == [
        ("error", f"hat/000.png has no caption, so {NAMES[trainer]} leaves it out of the training")
    ]


@pytest.mark.parametrize("trainer", ["musubi", "diffusion-pipe", "onetrainer", "ai-toolkit", "simpletuner"])
def test_an_empty_file_is_trained_as_an_empty_caption_by_most(trainer):
    assert said([""], trainer=trainer) == [("warning", "hat/000.png has an empty caption")]


def test_kohya_takes_the_words_of_the_folder_where_there_is_no_file():
    assert said([None], folder="train/10_sks woman", trainer="kohya") == [
        (
            "warning",
            'train/10_sks woman/000.png has no caption, so kohya trains it on "sks woman", from the name of its folder',
        )
    ]


def test_kohya_reads_the_roots_own_name_where_images_lie_in_it():
    assert said([None], folder=".", root="5_帽子", trainer="kohya") == [
        ("warning", '000.png has no caption, so kohya trains it on "帽子", from the name of its folder')
    ]


@pytest.mark.parametrize(("folder", "trainer"), [("5", "kohya"), ("hat", "kohya"), ("10_sks", "onetrainer")])
def test_without_class_tokens_nothing_is_left_to_train_on(folder, trainer):
    assert said([None], folder=folder, trainer=trainer) == [
        ("warning", f"{folder}/000.png has no caption, so {NAMES[trainer]} trains it on an empty prompt")
    ]


def test_kohya_stops_at_a_file_of_no_bytes_and_not_at_a_blank_line():
    data = without_bytes(dataset(concept("hat", captions=["", " "]), trainer="kohya"), 0)
    found = sorted(findings(rule, data), key=lambda finding: finding.subject.name)
    assert severities(rule, found) == ["error", "warning"]
    assert texts(rule, found) == [
        "hat/000.txt has 0 bytes, and kohya stops at such a file",
        "hat/001.png has an empty caption",
    ]
    assert remedies(rule, found[0]) == ["write into hat/000.txt what is in the picture, or remove the file"]


def test_other_trainers_do_not_stop_at_a_file_of_no_bytes():
    data = without_bytes(dataset(concept("hat", captions=[""]), trainer="onetrainer"), 0)
    assert [finding.message for finding in findings(rule, data)] == ["empty"]


def test_a_blank_first_line_hides_the_rest_from_kohya():
    data = changed(dataset(concept("hat", captions=[""]), trainer="kohya"), unread={0: "sks, red hat"})
    found = findings(rule, data)
    assert texts(rule, found) == ["the first line of hat/000.txt is blank and kohya reads no further: sks, red hat"]
    assert severities(rule, found) == ["warning"]
    assert remedies(rule, found[0]) == ["remove the blank line at the beginning of hat/000.txt"]


def test_class_tokens_of_a_config_are_told_and_folder_names_mean_nothing_then():
    text = '[[datasets]]\nresolution = 512\n[[datasets.subsets]]\nimage_dir = "5_hat"\n'
    for more, told in (
        (
            'class_tokens = "zq cap"\n',
            'has no caption, so kohya trains it on "zq cap", from its class tokens',
        ),
        ("", "has no caption, so kohya trains it on an empty prompt"),
    ):
        data = dataset(concept("5_hat", captions=[None]), config=training_config(text + more))
        assert texts(rule, findings(rule, data)) == [f"5_hat/000.png {told}"]


def test_everydream_reads_the_file_name_instead():
    assert sorted(said([None, ""], names=["red hat_01.png", "cap.v2.jpg"], trainer="everydream")) == [
        ("warning", 'hat/cap.v2.jpg has an empty caption, so EveryDream2 trains it on "cap.v2", from its own name'),
        ("warning", 'hat/red hat_01.png has no caption, so EveryDream2 trains it on "red hat", from its own name'),
    ]


def test_diffusers_falls_back_to_the_instance_prompt():
    assert sorted(said([None, ""], trainer="diffusers")) == [
        ("warning", "hat/000.png has no caption, so diffusers trains it on the instance prompt"),
        ("warning", "hat/001.png has an empty caption, so diffusers trains it on the instance prompt"),
    ]


@pytest.mark.parametrize(("trainer", "severity"), [(None, "warning"), ("kohya", "warning"), ("musubi", "error")])
def test_a_caption_whose_name_nearly_fits_is_named(trainer, severity):
    data = dataset(
        concept("hat", captions=[None], names=["Café.png"]),
        orphans=[orphan("hat/cafe\u0301.txt", near="hat/Café.png"), orphan("hat/other.txt")],
        trainer=trainer,
    )
    found = findings(rule, data)
    assert texts(rule, found) == [
        "hat/Café.png has no caption: the name of hat/cafe\u0301.txt differs from it in case or Unicode form"
    ]
    assert severities(rule, found) == [severity]
    assert remedies(rule, found[0]) == [
        "rename hat/cafe\u0301.txt: apart from the ending its name must be that of hat/Café.png, letter for letter"
    ]


def test_what_other_rules_tell_is_not_told_again():
    """A caption that could not be opened has a file and no text; one that is not text at all has an empty one."""
    data = dataset(
        concept("hat", captions=[None, "", ""], caption_paths=["hat/000.txt", "hat/001.txt", "hat/002.txt"]),
        caption_problems=[
            caption_problem("hat/001.txt", 1, "binary", looks_like="PNG"),
            caption_problem("hat/002.txt", 2, "bom", encoding="utf-8"),
        ],
    )
    assert subjects(findings(rule, data)) == ["hat/002.txt"]


def test_all_messages_have_been_said_here():
    """Each key is rendered by a test above; a new one needs its own."""
    assert set(rule.messages) == {
        *("missing", "near", "skipped", "class-tokens", "file-name", "instance-prompt", "empty-prompt"),
        "configured-tokens",
        *("empty", "empty-file-name", "empty-instance-prompt", "stops", "first-line-blank"),
        *("unlisted", "unlisted-instance-prompt"),
    }


def test_a_large_set_is_judged_by_columns():
    captions = [None if number % 10 == 0 else "a hat" for number in range(20_000)]
    said = judged(rule, dataset(concept("hat", captions=captions)), rule.options())
    assert len(said.findings) == 2_000
    assert said.findings[0].values["ratio"] == 0.1
