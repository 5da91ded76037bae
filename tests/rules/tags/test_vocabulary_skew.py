from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.tags.vocabulary_skew import rule

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def hats(captions, **parts):
    return dataset(concept("hat", captions=captions, trigger="ohwx"), **parts)


def lopsided(n, *, common=10, rare=30, times=3):
    """Captions of which all hold the common tags, and each of the rare ones stands on a few."""
    captions = [["ohwx", *(f"common {LETTERS[tag]}" for tag in range(common))] for _ in range(n)]
    for tag in range(rare):
        for place in range(times):
            captions[(tag * times + place) % n].append(f"rare {LETTERS[tag // 26]}{LETTERS[tag % 26]}")
    return [", ".join(tags) for tags in captions]


def test_ten_tags_that_make_up_nearly_all_are_found():
    found = findings(rule, hats(lopsided(60)))
    assert subjects(found) == ["hat"]
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == [
        (
            'the 10 most common of the 40 tags of "hat" make up 87 % of what its captions say: '
            "common a, common b, common c, common d, common e and 5 more"
        )
    ]
    assert figures(found) == [("top_k_share", 600 / 690, 0.8, "top_limit", "share")]
    assert remedies(rule, found[0])[1] == "never raise rare tags by weights or repeats"


def test_both_sides_of_the_limit():
    assert findings(rule, hats(lopsided(36)))
    assert findings(rule, hats(lopsided(35))) == []


def test_an_uneven_spread_over_more_tags_is_found_by_its_gini_coefficient():
    data = hats(lopsided(600, common=20, rare=200))
    found = findings(rule, data, top=10)
    assert [finding.message for finding in found] == ["gini"]
    assert texts(rule, found)[0].startswith('the 220 tags of "hat" are spread very unevenly (Gini coefficient 0.86)')
    assert findings(rule, data, gini_limit=0.95) == []


def test_rare_tags_and_praise_are_left_out():
    praised = [f"masterpiece, best quality, highres, {text}" for text in lopsided(35)]
    assert findings(rule, hats(praised)) == []
    assert skips(rule, hats(lopsided(60, times=2))) != []


def test_small_sets_are_not_judged():
    assert skips(rule, hats(lopsided(29))) == [
        "the largest concept has 29 captions, and it takes 30 and 30 different tags to judge how they are spread"
    ]
    assert skips(rule, hats(lopsided(60, rare=19))) != []
    assert findings(rule, hats(lopsided(60, rare=20)))


def test_what_cannot_be_judged():
    assert skips(rule, hats(["A hat."], caption_style="sentences")) == [
        "the captions are sentences, and this rule reads tags"
    ]
    assert skips(rule, hats([None])) == ["there are no captions"]
