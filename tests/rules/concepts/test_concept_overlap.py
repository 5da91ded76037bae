from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.concepts.concept_overlap import rule

PLACES = ["street", "kitchen", "forest", "beach"]


def captions(trigger, *always, n=20):
    return [", ".join((trigger, *always, PLACES[place % 4])) for place in range(n)]


def pair(first, second, **parts):
    one = concept("ann", captions=first, trigger="aa")
    other = concept("bea", captions=second, trigger="bb")
    return dataset(one, other, **parts)


def test_two_concepts_that_are_described_alike_are_found():
    found = findings(rule, pair(captions("aa", "1girl", "smile"), captions("bb", "1girl", "smile")))
    assert subjects(found) == ["hats"]
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == [
        '"ann" and "bea" are described alike: 6 of their 6 most common tags are the same, and no tag tells them apart'
    ]
    assert figures(found) == [("jaccard", 1.0, 0.8, "limit", "share")]
    assert found[0].key == "ann\nbea"
    assert remedies(rule, found[0])[0] == (
        'name in the captions what tells "ann" from "bea": hair, clothes, colours, place'
    )


def test_one_tag_that_tells_them_apart_is_enough():
    first, second = captions("aa", "1girl", "red hair"), captions("bb", "1girl", "blue hair")
    assert findings(rule, pair(first, second), limit=0.5) == []


def test_a_difference_that_is_real_but_of_no_use_does_not_tell_them_apart():
    first = captions("aa", "1girl", "smile", n=120) + captions("aa", "1girl", n=80)
    second = captions("bb", "1girl", "smile", n=80) + captions("bb", "1girl", n=120)
    assert len(findings(rule, pair(first, second))) == 1
    assert findings(rule, pair(first, second), telling=0.15) == []


def test_both_sides_of_the_limit():
    # Both have the four places and three tags; the second has two of its own as well: 7 of 9.
    extra = ["hat", "scarf"]
    first = captions("aa", "1girl", "smile", "solo")
    second = [
        f"{text}, {extra[place % 2]}" if place < 8 else text
        for place, text in enumerate(captions("bb", "1girl", "smile", "solo"))
    ]
    assert findings(rule, pair(first, second), likeness_limit=1.0) == []
    assert len(findings(rule, pair(first, second), likeness_limit=1.0, limit=0.77)) == 1


def test_a_like_spread_of_all_tags_is_found_as_well():
    # The rarest of the most common ten differ by chance of the alphabet; as a whole the two are alike.
    first = captions("aa", "1girl", "smile")
    second = [
        f"{text}, {extra}" for text, extra in zip(captions("bb", "1girl", "smile"), "pqrstuvwxyzabcdefghi", strict=True)
    ]
    data = pair(first, second)
    assert findings(rule, data) == []
    found = findings(rule, data, likeness_limit=0.7)
    assert [finding.message for finding in found] == ["distribution"]
    assert figures(found)[0][0] == "js_likeness"


def test_own_words_and_praise_are_not_compared():
    first = ["aa, masterpiece, best quality, highres, street, hat"] * 20
    second = ["bb, masterpiece, best quality, highres, kitchen, cap"] * 20
    assert findings(rule, pair(first, second), telling=1.0, limit=0.5) == []


def test_too_few_images_are_not_judged():
    alike = [captions(name, "1girl", "smile", n=9) for name in ("aa", "bb")]
    assert skips(rule, pair(*alike)) == [
        "no two concepts have the 10 captions needed to compare them; the second largest has 9"
    ]
    assert findings(rule, pair(*alike), min_images=9)


def test_what_cannot_be_judged():
    assert skips(rule, dataset(concept("ann", captions=["x"]))) == ["there is only one training concept"]
    assert skips(rule, pair(["x"], ["y"], caption_style="sentences")) == [
        "the captions are sentences, and this rule reads tags"
    ]
    assert skips(rule, pair([None], [None])) == ["there are no captions"]


def test_many_concepts_are_compared_each_once():
    data = dataset(
        *(
            concept(f"c{number:03d}", captions=captions(f"t{number}", "1girl", n=10), trigger=f"t{number}")
            for number in range(30)
        )
    )
    assert len(findings(rule, data)) == 30 * 29 // 2
