"""Findings name the images that are meant: those to change, to drop or to look at, and no others."""

import pytest

from rule_testing import concept, dataset, findings
from tagmetry.rules.balance import effective_size
from tagmetry.rules.captions import (
    always_on_quality_tags,
    captionless_share,
    important_tag_late,
    low_word_diversity,
    missing_caption_fields,
    template_captions,
)
from tagmetry.rules.concepts import (
    class_hijack_risk,
    framing_bias,
    mixed_identities,
    purpose_mismatch,
    trigger_coupling,
    trigger_missing,
)
from tagmetry.rules.duplicates import near_duplicate_ratio
from tagmetry.rules.regularization import missing_regularization
from tagmetry.rules.tags import tag_frequency

MANY = ", ".join("abcdefghijklmn")
FULL = "ohwx, woman, park, red hair, blue dress, from side, smile"


def named(rule, *captions, trigger="ohwx", **profile):
    """The numbers of the images that the first finding names."""
    class_word = profile.pop("class_word", None)
    data = dataset(concept("hat", captions=list(captions), trigger=trigger, class_word=class_word), **profile)
    return [int(path[-7:-4]) for path in findings(rule, data)[0].subject.paths]


@pytest.mark.parametrize(
    ("rule", "captions", "profile", "expected"),
    [
        (trigger_missing.rule, ["ohwx, hat", "hat", "ohwx, cap"], {}, [1]),
        (always_on_quality_tags.rule, [*["ohwx, masterpiece"] * 9, "ohwx"], {}, list(range(9))),
        (template_captions.rule, [*["ohwx, hat, red"] * 9, "ohwx, brim"], {}, list(range(9))),
        (missing_caption_fields.rule, [FULL.replace("park, ", "")] * 5, {}, list(range(5))),
        (important_tag_late.rule, [*[f"ohwx, {MANY}"] * 2, *[f"{MANY}, ohwx"] * 8], {}, list(range(2, 10))),
        (class_hijack_risk.rule, [*["ohwx, woman"] * 8, "hat"], {"class_word": "woman"}, list(range(8))),
        (missing_regularization.rule, [*["ohwx, woman"] * 6, *["ohwx"] * 2], {"class_word": "woman"}, list(range(6))),
        (mixed_identities.rule, [*["ohwx, red hair"] * 8, *["ohwx, blue hair"] * 4], {}, [8, 9, 10, 11]),
        (framing_bias.rule, [*["ohwx, close-up"] * 19, "ohwx, full body"], {"purpose": "character"}, list(range(19))),
    ],
)
def test_the_images_that_are_meant_are_named(rule, captions, profile, expected):
    assert named(rule, *captions, **profile) == expected


def test_close_ups_that_are_too_few_name_the_pictures_from_further_away():
    captions = [*["ohwx, close-up"] * 2, *["ohwx, upper body"] * 18]
    assert named(framing_bias.rule, *captions, purpose="person", base_model="flux") == list(range(2, 20))


def test_a_style_on_plain_ground_names_the_plain_pictures():
    captions = [*["ohwx, white background"] * 9, *["ohwx, forest"] * 3]
    data = dataset(concept("hat", captions=captions, trigger="ohwx", core_tags=["ink"]), purpose="style")
    assert len(findings(purpose_mismatch.rule, data)[0].subject.paths) == 9


def test_captions_that_say_nothing_of_their_own_are_named():
    captions = [f"ohwx, {word}, {other}" for word in ("red", "blue") for other in ("hat", "cap", "wig")]
    assert named(low_word_diversity.rule, *captions, *captions, "ohwx, red, brim") == list(range(12))


def test_images_without_captions_are_named():
    one = concept("one", captions=["a", None, None])
    data = dataset(one, concept("two", captions=["b", None, "c"]))
    paths = findings(captionless_share.rule, data)[0].subject.paths
    assert paths == ("one/001.png", "one/002.png", "two/001.png")


def test_copies_are_named_and_what_is_kept_is_not():
    near = [tuple(f"hat/{n:03}.png" for n in (2, 3, 4)), tuple(f"hat/{n:03}.png" for n in (7, 8))]
    data = dataset(concept("hat", n=9), near=near)
    assert findings(effective_size.rule, data)[0].subject.paths == ("hat/003.png", "hat/004.png", "hat/008.png")
    assert findings(near_duplicate_ratio.rule, data)[0].subject.paths == ("hat/003.png", "hat/004.png")


def test_a_remedy_names_captions_to_change_and_a_coupling_those_that_stand_apart():
    captions = [*["ohwx, stage"] * 19, "ohwx, smile"]
    data = dataset(concept("hat", captions=captions, trigger="ohwx"))
    (found,) = findings(trigger_coupling.rule, data)
    assert found.values["examples"] == ("hat/000.png", "hat/006.png", "hat/012.png")
    assert found.values["apart"] == ("hat/019.png",)
    assert findings(tag_frequency.rule, data)[0].values["examples"] == ("hat/000.png", "hat/006.png", "hat/012.png")
