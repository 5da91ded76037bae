import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.concepts.trigger_coupling import rule

VOCABULARY = {
    "groups": {
        "background": ["white background", "simple background", "* background"],
        "lighting": ["soft lighting"],
        "clothing": ["red dress"],
        "style": ["watercolor"],
        "colour": ["red", "monochrome"],
        "hair": ["blue hair"],
        "subject": ["1girl"],
        "framing": ["full body"],
    },
    "roles": {
        "surroundings": ["background", "lighting"],
        "look": ["clothing", "style", "colour"],
        "traits": ["hair", "subject"],
        "view": ["framing"],
    },
}


def girls(*captions, trigger="tk", class_word=None, core_tags=(), **parts):
    return dataset(
        concept("girl", captions=list(captions), trigger=trigger, class_word=class_word, core_tags=core_tags),
        vocabulary=VOCABULARY,
        **parts,
    )


def test_a_background_that_is_always_there_is_found():
    captions = ["tk, 1girl, blue hair, Simple_Background, white background, full body"] * 12
    found = findings(rule, girls(*captions, "tk, 1girl, blue_hair, Simple_Background, full body"))
    assert subjects(found) == ["girl: tk + Simple_Background"]
    assert found[0].subject.kind == "pair"
    assert found[0].subject.identity == ("girl", "simple background", "tk")
    assert len(found[0].subject.paths) == 13
    assert severities(rule, found) == ["warning"]
    assert found[0].evidence is None
    assert texts(rule, found) == [
        (
            '"Simple_Background" is in 100 % of the captions with the trigger "tk" '
            "(13 of 13; 95 % interval 77 % to 100 %); also with it, but taken as traits: 1girl, blue hair"
        )
    ]
    assert figures(found) == [("p_tag_given_trigger", 1.0, 0.95, "limit", "share")]
    assert found[0].values["traits"] == ("1girl", "blue hair")
    assert found[0].values["others"] == ("full body",)
    assert remedies(rule, found[0]) == [
        'add images of "girl" in other surroundings, and name those in their captions',
        'or take "Simple_Background" out of some captions, such as those of girl/000.png, girl/004.png, girl/008.png',
        'if "tk" shall always bring "Simple_Background" along, declare that: profile.concepts.NAME.expected_fusion',
    ]


@pytest.mark.parametrize(("with_tag", "without", "is_found"), [(19, 1, True), (18, 1, False), (12, 1, False)])
def test_the_share_as_counted_is_held_against_the_limit(with_tag, without, is_found):
    data = girls(*["tk, white background"] * with_tag, *["tk"] * without)
    assert bool(findings(rule, data)) is is_found


def test_only_captions_with_the_trigger_count():
    data = girls(*["tk, white background"] * 8, *["forest background"] * 8)
    assert subjects(findings(rule, data)) == ["girl: tk + white background"]


def test_it_takes_some_captions_with_the_trigger():
    assert skips(rule, girls(*["tk, white background"] * 7)) == [
        "the trigger is in 7 captions, fewer than the 8 needed to judge a coupling"
    ]
    assert skips(rule, girls("tk, white background", *["forest background"] * 9)) == [
        "the trigger is in one caption, fewer than the 8 needed to judge a coupling"
    ]
    assert subjects(findings(rule, girls(*["tk, white background"] * 8))) == ["girl: tk + white background"]
    assert subjects(findings(rule, girls(*["tk, white background"] * 7), min_support=7))


def test_clothes_style_and_colours_are_looks():
    found = findings(rule, girls(*["tk, red dress, watercolor, monochrome"] * 8))
    assert subjects(found) == ["girl: tk + monochrome", "girl: tk + red dress", "girl: tk + watercolor"]
    assert [finding.evidence for finding in found] == ["heuristic", None, None]
    assert texts(rule, found)[1] == (
        '"red dress" is in 100 % of the captions with the trigger "tk" (8 of 8; 95 % interval 68 % to 100 %)'
    )
    assert remedies(rule, found[1]) == [
        'add images of "girl" without it',
        'or take "red dress" out of some captions, such as those of girl/000.png, girl/004.png',
        'if "red dress" belongs to "girl", declare it as a core tag: profile.concepts.NAME.core_tags',
        "where several looks are wanted, train separate LoRAs",
    ]


def test_traits_are_told_once_for_a_concept():
    found = findings(rule, girls(*["tk, blue hair, red dress, white background"] * 8))
    assert ["blue hair" in text for text in texts(rule, found)] == [True, False]
    assert [finding.values["traits"] for finding in found] == [("blue hair",)] * 2


def test_surroundings_come_first_and_the_more_frequent_before_the_rarer():
    captions = ["tk, red dress, soft lighting, white background"] * 19 + ["tk, red dress, white background"]
    assert subjects(findings(rule, girls(*captions))) == [
        "girl: tk + white background",
        "girl: tk + soft lighting",
        "girl: tk + red dress",
    ]


def test_what_belongs_to_the_concept_is_left_out():
    captions = ["tk, dress, red dress, white background, 1girl"] * 8
    data = girls(*captions, class_word="girl", core_tags=["Red_Dress", "white background"])
    assert findings(rule, data) == []


@pytest.mark.parametrize(
    ("purpose", "coupled"),
    [
        ("character", ["red dress", "watercolor"]),
        ("style", ["red dress"]),
        ("fashion", ["watercolor"]),
    ],
)
def test_the_purpose_says_what_is_the_concepts_own(purpose, coupled):
    found = findings(rule, girls(*["tk, red dress, watercolor, blue hair"] * 8, purpose=purpose))
    assert subjects(found) == [f"girl: tk + {tag}" for tag in coupled]


def test_a_tag_that_no_group_knows_is_no_coupling():
    assert findings(rule, girls(*["tk, frobnicated"] * 8)) == []


def test_the_trigger_may_be_part_of_a_tag():
    found = findings(rule, girls(*["tk girl, white background"] * 8))
    assert subjects(found) == ["girl: tk girl + white background"]
    assert len(found[0].subject.paths) == 8
    assert found[0].values["others"] == ()


def test_a_trigger_of_two_tags_is_named_as_it_was_declared():
    found = findings(rule, girls(*["tk, wiki, white background"] * 8, trigger="tk, wiki"))
    assert [finding.values["trigger"] for finding in found] == ["tk, wiki"]
    assert found[0].values["others"] == ()


def test_japanese_tags():
    vocabulary = {"groups": {"background": ["白背景"]}, "roles": {"surroundings": ["background"]}}
    data = dataset(concept("少女", captions=["ウィキペ, 白背景"] * 8, trigger="ウィキペ"), vocabulary=vocabulary)
    assert subjects(findings(rule, data)) == ["少女: ウィキペ + 白背景"]


def test_without_tags_trigger_or_captions_it_is_skipped():
    captions = ["tk, white background"] * 8
    assert skips(rule, girls(*captions, caption_style="sentences")) == [
        "the captions are sentences, and this rule reads tags"
    ]
    assert skips(rule, girls(*captions, trigger=None)) == [
        "no trigger word is known: set profile.concepts.NAME.trigger"
    ]
    assert skips(rule, girls(*[None] * 8)) == ["there are no captions"]


def test_regularization_images_are_left_alone():
    data = dataset(
        concept("hat", captions=["sks, cap"] * 8, trigger="sks"),
        concept("girl", captions=["tk, white background"] * 8, trigger="tk", role="regularization"),
        vocabulary=VOCABULARY,
    )
    assert findings(rule, data) == []
