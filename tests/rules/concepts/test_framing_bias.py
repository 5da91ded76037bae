import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.concepts.framing_bias import rule


def girls(*captions, purpose="character", **parts):
    return dataset(concept("girl", captions=list(captions), trigger="tk"), purpose=purpose, **parts)


def mix(close=0, half=0, full=0):
    return ["tk, close-up"] * close + ["tk, upper body"] * half + ["tk, full body"] * full


@pytest.mark.parametrize("purpose", ["character", "object", "person"])
def test_one_distance_for_nearly_all_is_found(purpose):
    found = findings(rule, girls(*mix(close=17, full=3), purpose=purpose))
    assert subjects(found) == ["girl"]
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == [
        (
            '17 of the 20 captions of "girl" that name a framing are close; '
            f"the purpose {purpose} needs other distances as well"
        )
    ]
    assert figures(found) == [("framing_share", 0.85, 0.8, "limit", "share")]
    assert remedies(rule, found[0]) == ["add pictures at other distances, and name the framing in their captions"]


@pytest.mark.parametrize(("close", "is_found"), [(15, False), (16, True)])
def test_both_sides_of_the_limit(close, is_found):
    assert bool(findings(rule, girls(*mix(close=close, full=20 - close)))) is is_found


def test_each_distance_has_its_text():
    assert [finding.message for finding in findings(rule, girls(*mix(half=12)))] == ["framing_half"]
    assert [finding.message for finding in findings(rule, girls(*mix(full=12)))] == ["framing_full"]


def test_one_angle_for_nearly_all_is_found():
    captions = ["tk, from above"] * 12 + ["tk, from below"] * 2
    assert texts(rule, findings(rule, girls(*captions))) == [
        (
            '12 of the 14 captions of "girl" that name an angle say from above; '
            "the purpose character needs other angles as well"
        )
    ]
    assert findings(rule, girls(*["tk, from above"] * 8, *["tk, from below"] * 6)) == []


def test_a_person_for_flux_wants_faces_and_no_full_bodies():
    flux = {"purpose": "person", "base_model": "flux"}
    assert findings(rule, girls(*mix(close=16, half=4), **flux)) == []
    found = findings(rule, girls(*mix(close=8, half=6, full=6), **flux))
    assert [finding.message for finding in found] == ["few-close", "many-full"]
    assert figures(found) == [
        ("framing_share", 0.4, 0.5, "least_close", "share"),
        ("framing_share", 0.3, 0.2, "most_full", "share"),
    ]
    assert findings(rule, girls(*mix(close=10, half=6, full=4), **flux)) == []
    assert findings(rule, girls(*["tk, from above"] * 12, **flux, caption_style="tags"), min_images=8) == []


def test_fashion_wants_the_whole_outfit():
    assert [one.message for one in findings(rule, girls(*mix(close=11, full=9), purpose="fashion"))] == ["fashion"]
    assert findings(rule, girls(*mix(close=10, full=10), purpose="fashion")) == []
    assert findings(rule, girls(*mix(full=20), purpose="fashion")) == []


def test_too_few_captions_that_name_a_framing_are_not_judged():
    assert skips(rule, girls(*mix(close=9))) == [
        "too few captions name a framing or an angle: it takes 10, half of all, and 9 do"
    ]
    assert skips(rule, girls(*mix(close=10), *["tk"] * 11)) != []
    assert findings(rule, girls(*mix(close=10), *["tk"] * 10))


def test_sentences_are_searched_for_the_words():
    captions = ["Close-up of tk smiling at the camera."] * 12
    found = findings(rule, girls(*captions, caption_style="sentences"))
    assert [finding.message for finding in found] == ["framing_close"]


def test_what_is_not_judged():
    assert skips(rule, girls("tk", purpose=None)) == ["no purpose is declared: use --purpose or set profile.purpose"]
    assert skips(rule, girls("tk", purpose="style")) == ["this purpose makes no demand on framing"]
    assert skips(rule, girls(None)) == ["there are no captions"]


def test_japanese_framings():
    found = findings(rule, girls(*["tk、全身"] * 12))
    assert [finding.message for finding in found] == ["framing_full"]
