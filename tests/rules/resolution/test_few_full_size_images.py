from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.resolution.few_full_size_images import rule


def hats(full, small, **profile):
    return dataset(concept("hat", sizes=[(1024, 1024)] * full + [(768, 768)] * small), base_model="sdxl", **profile)


def test_half_of_the_images_are_enough():
    assert findings(rule, hats(5, 5)) == []


def test_less_than_half_is_found():
    found = findings(rule, hats(4, 5))
    assert subjects(found) == ["hats"]
    assert found[0].subject.paths == tuple(f"hat/{number:03d}.png" for number in range(4, 9))
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == [
        "only 44 % of the training images (4 of 9) have the size that SDXL is made for, about 1024 × 1024 px"
    ]
    assert figures(found) == [("full_size_share", 4 / 9, 0.5, "min_share", "share")]
    assert remedies(rule, found[0]) == [
        "replace images by larger originals until most have the full size",
        "without larger images, train at a lower resolution",
    ]


def test_none_at_all_is_said_in_words():
    assert texts(rule, findings(rule, hats(0, 5))) == [
        "no training image has the size that SDXL is made for, about 1024 × 1024 px"
    ]


def test_the_number_of_pixels_counts_and_not_the_shape():
    sizes = [(832, 1216), (1216, 832), (960, 960), (959, 960)]
    data = dataset(concept("hat", sizes=sizes), base_model="sdxl")
    assert figures(findings(rule, data, min_share=0.8)) == [("full_size_share", 0.75, 0.8, "min_share", "share")]


def test_only_training_images_count():
    reg = concept("person", n=20, sizes=(300, 300), role="regularization")
    assert findings(rule, dataset(concept("hat", n=5), reg, base_model="sdxl")) == []


def test_the_limits_can_be_set():
    assert findings(rule, hats(1, 9), min_share=0.1) == []
    assert findings(rule, hats(1, 9), full_px=768) == []


def test_other_base_models_are_not_judged():
    small = concept("hat", sizes=[(300, 300)])
    assert skips(rule, dataset(small, base_model="flux")) == [
        "only SDXL is known to need a certain size of most images"
    ]
    assert skips(rule, dataset(small)) == ["no base model is named: set profile.base_model or use --base-model"]


def test_without_training_images_it_is_skipped():
    assert skips(rule, dataset(base_model="sdxl")) == ["there are no training images"]
