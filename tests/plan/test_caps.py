"""Caps on frequent tags, by edited captions and by fewer draws."""

import pytest

from rule_testing import concept, dataset
from tagmetry.plan.caps import edited_captions, fewer_draws, tag_caps
from tagmetry.plan.options import BalanceOptions


def hats(n=20, always=20, **settings):
    captions = [f"lumi, {'masterpiece, ' if i < always else ''}tag{i}" for i in range(n)]
    return dataset(concept("hat", captions=captions, trigger="lumi"), **settings)


def test_a_tag_on_nine_of_ten_images_is_capped_at_eight():
    (cap,) = tag_caps(hats(20, 18), BalanceOptions())
    assert (cap.form, cap.n, cap.share_before, cap.share_after) == ("masterpiece", 18, 0.9, 0.8)
    assert cap.drop == pytest.approx(1 - 16 / 18)


def test_a_tag_below_the_threshold_is_left_alone():
    assert tag_caps(hats(20, 17), BalanceOptions()) == ()


def test_the_trigger_and_protected_words_are_never_capped():
    data = dataset(
        concept("hat", captions=["lumi, girl, signature pose, smile"] * 12, trigger="lumi", class_word="girl"),
        vocabulary={"protected": ["signature pose"]},
    )
    assert [cap.form for cap in tag_caps(data, BalanceOptions())] == ["smile"]


def test_concepts_of_nine_images_have_no_frequent_tags():
    assert tag_caps(hats(9, 9), BalanceOptions()) == ()
    assert len(tag_caps(hats(10, 10), BalanceOptions())) == 1


def test_edited_captions_leave_the_tag_on_the_capped_share():
    data = hats(20)
    edited = edited_captions(data, tag_caps(data, BalanceOptions()), seed=0)
    assert len(edited) == 4
    assert {caption.dropped for caption in edited.values()} == {("masterpiece",)}
    row = min(edited)
    assert edited[row].text == data.captions.texts[data.captions.text_of[row]].replace("masterpiece, ", "")


def test_the_seed_decides_which_captions_lose_a_tag():
    data = hats(40, 40)
    caps = tag_caps(data, BalanceOptions())
    assert edited_captions(data, caps, 1) == edited_captions(data, caps, 1)
    assert set(edited_captions(data, caps, 1)) != set(edited_captions(data, caps, 2))


def test_the_last_tag_of_a_caption_stays():
    data = dataset(concept("hat", captions=["hat shop"] * 12))
    assert edited_captions(data, tag_caps(data, BalanceOptions(tag_cap_ratio=0.0)), seed=0) == {}


def test_a_tag_written_twice_goes_both_times():
    data = dataset(concept("hat", captions=["smile, a, smile"] * 12))
    caps = tuple(cap for cap in tag_caps(data, BalanceOptions(tag_cap_ratio=0.0)) if cap.form == "smile")
    assert {caption.text for caption in edited_captions(data, caps, 0).values()} == {"a"}


def test_fewer_draws_bring_a_tag_to_its_cap():
    weight = fewer_draws(0.9, 0.8)
    assert weight == pytest.approx(4 / 9)
    assert 0.9 * weight / (0.9 * weight + 0.1) == pytest.approx(0.8)


def test_no_weight_helps_where_every_image_has_the_tag():
    assert fewer_draws(1.0, 0.8) is None
    assert fewer_draws(0.7, 0.8) == 1.0
