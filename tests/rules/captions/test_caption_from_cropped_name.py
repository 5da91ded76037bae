from rule_testing import concept, dataset, findings, skips, texts
from tagmetry.rules.captions.caption_from_cropped_name import rule


def said(names, captions, **parts):
    data = dataset(concept("a", names=names, captions=captions), trainer="kohya", **parts)
    return texts(rule, findings(rule, data))


def test_a_name_of_four_more_parts_takes_the_caption_of_the_shorter_one():
    names = ["photo.png", "photo_10_20_30_40.png", "photo_1_2_3.png"]
    (text,) = said(names, ["sks, hat", None, None])
    assert text == (
        "1 of 3 training images takes the caption of another: without one of its own, a/photo_10_20_30_40.png is "
        "trained on a/photo.txt"
    )


def test_several_are_told_with_the_first():
    names = ["photo.png", "photo_1_2_3_4.png", "photo_5_6_7_8.png"]
    (text,) = said(names, ["sks", None, None])
    assert text.startswith("2 of 3 training images take the captions of others")


def test_a_caption_of_its_own_is_read_and_other_names_take_none():
    assert said(["photo.png", "photo_10_20_30_40.png"], ["sks", "sks, face"]) == []
    assert said(["photo.png", "pho_10_20_30_40.png"], ["sks", None]) == []
    assert said(["photo.png", "photo_10_20_30.png"], ["sks", None]) == []


def test_only_sd_scripts_reads_so():
    images = concept("a", names=["p.png", "p_1_2_3_4.png"], captions=["sks", None])
    assert skips(rule, dataset(images)) == ["no trainer is named: set profile.trainer or use --trainer"]
    assert skips(rule, dataset(images, trainer="everydream")) == ["only sd-scripts reads captions so"]
