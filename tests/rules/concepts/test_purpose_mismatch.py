import pytest

from rule_testing import concept, dataset, figures, findings, severities, skips, texts
from tagmetry.rules.concepts.purpose_mismatch import rule


def girls(*captions, purpose="character", core_tags=(), **parts):
    return dataset(
        concept("girl", captions=list(captions), trigger="tk", core_tags=core_tags), purpose=purpose, **parts
    )


def messages(found):
    return [finding.message for finding in found]


def cycle(*values, n=20):
    return [f"tk, {values[place % len(values)]}" for place in range(n)]


def test_a_character_whose_expression_hardly_changes():
    captions = ["tk, smile"] * 17 + ["tk, sad", "tk, angry", "tk, crying"]
    found = findings(rule, girls(*captions))
    assert texts(rule, found) == [
        (
            'the expression of "girl" hardly changes: 17 of the 20 captions that name one say smile; '
            "the purpose character needs several"
        )
    ]
    assert severities(rule, found) == ["warning"]
    assert figures(found)[0][:4] == ("tag_entropy", pytest.approx(0.4235, abs=0.001), 0.5, "entropy_limit")
    assert findings(rule, girls(*cycle("smile", "sad", "angry"))) == []


def test_what_another_rule_names_already_is_a_note():
    found = findings(rule, girls(*["tk, smile, red dress"] * 20))
    assert messages(found) == ["expression", "clothes"]
    assert severities(rule, found) == ["info", "info"]


def test_hair_may_be_a_trait():
    found = findings(rule, girls(*["tk, ponytail"] * 17, *["tk, hair bun"] * 1, *["tk"] * 4))
    assert (messages(found), severities(rule, found)) == (["hair-style"], ["info"])


def test_core_tags_are_meant_to_stay():
    data = girls(*["tk, red dress, smile"] * 20, core_tags=["red dress"])
    assert messages(findings(rule, data)) == ["expression"]


def test_a_person_for_flux_wants_one_light_and_the_face():
    flux = {"purpose": "person", "base_model": "flux"}
    captions = cycle("soft lighting", "sunset", "neon lighting", "candlelight")
    assert messages(findings(rule, girls(*captions, **flux))) == ["light-changes"]
    assert findings(rule, girls(*["tk, soft lighting, smile"] * 20, **flux)) == []
    turned = ["tk, from behind"] * 5 + ["tk, front view"] * 15
    found = findings(rule, girls(*turned, **flux))
    assert messages(found) == ["turned-away"]
    assert figures(found) == [("turned_share", 0.25, 0.2, "turned_limit", "share")]
    assert findings(rule, girls(*["tk, from behind"] * 4, *["tk, front view"] * 16, **flux)) == []


def test_fashion_wants_one_outfit_with_its_colours_and_many_poses():
    same = cycle("red dress, standing", "red dress, sitting", "red dress, walking")
    assert findings(rule, girls(*same, purpose="fashion")) == []
    other = cycle("red dress", "blue jeans", "green coat")
    found = findings(rule, girls(*other, purpose="fashion"))
    assert messages(found) == ["outfit-changes"]
    assert figures(found) == [("garment_share", 0.35, 0.8, "outfit_limit", "share")]
    assert messages(findings(rule, girls(*cycle("dress"), purpose="fashion"))) == ["no-colours"]
    found = findings(rule, girls(*cycle("red dress, standing"), purpose="fashion"))
    assert (messages(found), severities(rule, found)) == (["one-pose"], ["info"])


def test_a_declared_outfit_counts():
    assert findings(rule, girls(*cycle("red dress"), purpose="fashion", core_tags=["red dress"])) == []


def test_a_style_wants_scenes_and_the_names_of_its_elements():
    plain = ["tk, white background"] * 11 + cycle("street", "beach", "kitchen", n=9)
    found = findings(rule, girls(*plain, purpose="style"))
    assert messages(found) == ["no-core-tags", "plain-backgrounds"]
    assert severities(rule, found) == ["info", "warning"]
    assert figures(found)[1] == ("plain_share", 0.55, 0.5, "plain_limit", "share")
    half = ["tk, white background"] * 10 + cycle("street", "beach", "kitchen", n=10)
    assert findings(rule, girls(*half, purpose="style", core_tags=["thick lineart"])) == []


def test_what_is_not_judged():
    assert skips(rule, girls("tk", purpose=None)) == ["no purpose is declared: use --purpose or set profile.purpose"]
    assert skips(rule, girls("tk", purpose="object")) == ["this purpose makes no demands beyond the framing"]
    assert skips(rule, girls(None)) == ["there are no captions"]
    assert skips(rule, girls(*["tk, smile"] * 9)) == [
        "too few captions name what this purpose asks for: it takes 10, half of all, and 9 do"
    ]


def test_sentences_are_searched_for_the_words():
    captions = ["A photo of tk with a smile."] * 20
    assert messages(findings(rule, girls(*captions, caption_style="sentences"))) == ["expression"]
