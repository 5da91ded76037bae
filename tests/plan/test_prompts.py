"""The fixed prompts: three tests, seeds that stay, and a file that sd-scripts reads."""

import json

import pytest

from rule_testing import concept, dataset
from tagmetry.plan.prompts import as_json, as_sample_prompts, prompts


def girl(name="girl", trigger="lumi", n=12):
    places, wear = ["park", "beach", "street"], ["red dress", "hat", "coat"]
    return concept(
        name,
        captions=[f"{trigger}, girl, blue hair, {wear[i % 3]}, {places[i % 3]}, close-up" for i in range(n)],
        trigger=trigger,
        class_word="girl",
    )


def of(data, test, n=24):
    return [one for one in prompts(data, n, 0) if one.test == test]


@pytest.mark.parametrize("n", [20, 24, 50])
def test_there_are_as_many_as_asked_for_and_no_two_alike(n):
    found = prompts(dataset(girl(), girl("b", "mira")), n, 0)
    assert len(found) == n
    assert len({(one.test, one.text) for one in found}) == n
    assert {one.test for one in found} == {"A", "B", "C"}


def test_test_a_calls_the_concept_with_about_three_words():
    first = of(dataset(girl()), "A")[0]
    assert first.text.startswith("lumi, girl, ")
    assert len(first.text.split(", ")) == 5


def test_no_two_of_the_three_words_speak_of_the_same_thing():
    for one in of(dataset(girl()), "A")[:1]:
        assert not {"park", "beach"} <= set(one.text.split(", "))


def test_test_b_changes_one_thing_at_a_time_with_one_seed():
    found = of(dataset(girl()), "B")
    base = found[0]
    assert (base.changed, base.text.split(", ")[:3]) == ("", ["lumi", "girl", "blue hair"])
    assert len({one.seed for one in found}) == 1
    clothes = next(one for one in found if one.changed == "clothes")
    assert "red coat" in clothes.text
    assert not {"red dress", "hat", "coat"} & set(clothes.text.split(", "))
    hair = next(one for one in found if one.changed == "hair")
    assert "blue hair" not in hair.text


def test_test_c_never_calls_the_concept():
    found = of(dataset(girl()), "C")
    assert found[0].text == "girl"
    assert all("lumi" not in one.text for one in found)


def test_concepts_take_turns():
    found = of(dataset(girl(), girl("z", "mira")), "A")
    assert [one.concept for one in found[:4]] == ["girl", "z", "girl", "z"]


def test_sentences_get_sentences():
    data = dataset(
        concept("a", captions=["A photo of lumi standing in a park with trees."] * 9, trigger="lumi"),
        caption_style="sentences",
    )
    assert of(data, "A")[1].text == "lumi on a beach"
    assert of(data, "B")[1].text == "A photo of lumi standing in a park with trees, on a beach"


def test_the_same_seed_gives_the_same_bytes():
    data = dataset(girl())
    assert as_json(prompts(data, 24, 3), side=1024) == as_json(prompts(data, 24, 3), side=1024)
    assert [one.seed for one in prompts(data, 24, 3)] != [one.seed for one in prompts(data, 24, 4)]


def test_sample_prompts_have_size_and_seed_behind_the_text():
    first, *_ = of(dataset(girl()), "C")
    assert as_sample_prompts([first], side=512) == f"girl --w 512 --h 512 --d {first.seed}\n"
    assert as_sample_prompts([first], side=None) == f"girl --d {first.seed}\n"


def test_text_that_looks_like_an_option_or_a_comment_is_none():
    data = dataset(concept("a", captions=["#lumi, smile --n nothing"] * 3, trigger="#lumi"))
    lines = as_sample_prompts(prompts(data, 20, 0), side=None).splitlines()
    assert all(line.count(" --") == 1 and not line.startswith("#") for line in lines)


def test_the_json_names_the_tests():
    data = json.loads(as_json(prompts(dataset(girl()), 20, 0), side=1024))
    assert data["format"] == "tagmetry-prompts/1"
    assert set(data["tests"]) == {"A", "B", "C"}
    assert data["prompts"][0]["width"] == 1024


def test_a_set_without_captions_or_triggers_is_called_by_its_name():
    found = prompts(dataset(concept("teapot", captions=[None] * 4)), 20, 0)
    assert len(found) == 20
    assert found[0].text == "teapot"
