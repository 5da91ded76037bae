from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.resolution.inconsistent_resolution import rule

OTHERS = [(1000, 500), (500, 1000), (1000, 700), (700, 1000), (1000, 400)]


def hats(*sizes, **profile):
    return dataset(concept("hat", sizes=list(sizes)), **profile)


def test_half_of_one_shape_is_enough():
    assert findings(rule, hats(*[(1024, 1024)] * 5, *OTHERS)) == []


def test_less_than_half_is_noted():
    found = findings(rule, hats(*[(1024, 1024)] * 4, *OTHERS, (300, 1000)))
    assert subjects(found) == ["hat"]
    assert severities(rule, found) == ["info"]
    assert texts(rule, found) == [
        'the images of "hat" have many shapes: only 40 % have the most common one, 1,024 × 1,024 or nearly so'
    ]
    assert figures(found) == [("common_shape_share", 0.4, 0.5, "min_share", "share")]
    assert remedies(rule, found[0]) == [
        "crop the images to the most common shape where nothing is lost",
        "train with buckets",
    ]


def test_flux_is_told_its_sizes():
    found = findings(rule, hats(*[(1024, 1024)] * 4, *OTHERS, (300, 1000), base_model="flux"))
    assert texts(rule, found)[0].endswith("for Flux one size is advised")
    assert remedies(rule, found[0])[1] == "or bring all to 768 × 1152, 768 × 1024 or 1024 × 1024"


def test_the_size_does_not_matter_but_the_shape():
    assert findings(rule, hats(*[(100 * side, 100 * side) for side in range(5, 10)], *OTHERS)) == []


def test_shapes_within_a_tenth_are_the_same():
    near = [(1000, 1000)] * 4
    assert findings(rule, hats(*near, (1099, 1000), *OTHERS)) == []
    assert len(findings(rule, hats(*near, (1101, 1000), *OTHERS))) == 1


def test_small_concepts_are_not_judged():
    nine = [(1000, 1000)] * 4 + OTHERS
    assert skips(rule, hats(*nine)) == ["the concept has too few images to speak of a common shape"]
    assert len(findings(rule, hats(*nine), min_images=9)) == 1


def test_each_concept_is_judged_by_itself():
    data = dataset(concept("hat", n=10, sizes=(832, 1216)), concept("cap", n=10, sizes=(1216, 832)))
    assert findings(rule, data) == []
