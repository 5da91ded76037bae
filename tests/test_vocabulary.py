import pytest

from tagmetry.errors import UsageError
from tagmetry.vocabulary import LOOK, SURROUNDINGS, TRAITS, Vocabulary, VocabularyError

DATA = {
    "source": "written for the tests",
    "groups": {
        "background": ["white background", "Outdoors", "* background"],
        "hair_colour": ["blonde_hair", "brown hair"],
        "clothing": ["dress", "red dress", "* dress"],
        "colour": ["red dress", "red"],
        "quality": ["masterpiece", "score_*"],
        "vehicle": ["tram"],
    },
    "roles": {
        "traits": ["hair_colour"],
        "surroundings": ["background"],
        "look": ["clothing", "colour"],
        "praise": ["quality"],
    },
    "exclusive": {"time": ["day", "night"], "hair": ["blonde hair", "brown hair"]},
    "single_subject": ["hair"],
    "excuses": {"hair": ["two-tone hair", "* highlights"], "several_figures": "2girls", "several_pictures": "comic"},
    "synonyms": {"blonde hair": ["blond hair", "blonde-hair"], "night": "nighttime"},
    "implications": {"ball gown": "dress", "red dress": ["dress"], "dress": ["clothes"]},
    "protected": ["watermark", "sign *"],
}


def vocabulary(**changes):
    return Vocabulary.merged(Vocabulary.from_data({**DATA, **changes}, "vocabulary.yaml"))


def error_of(data):
    with pytest.raises(VocabularyError) as caught:
        Vocabulary.merged(Vocabulary.from_data(data, "vocabulary.yaml"), origin="vocabulary.yaml")
    return caught.value


def patch_error(patch):
    with pytest.raises(VocabularyError) as caught:
        vocabulary().patched(patch, "tagmetry.yaml")
    return caught.value


# Looking up


def test_a_tag_is_in_every_group_that_lists_it():
    assert vocabulary().groups_of("red dress") == ("clothing", "colour")


def test_an_unknown_tag_is_in_no_group():
    assert vocabulary().groups_of("ohwx") == ()
    assert not vocabulary().is_known("ohwx")


def test_data_may_be_written_in_any_spelling():
    found = vocabulary()
    assert found.in_group("blonde hair", "hair_colour")
    assert found.in_group("outdoors", "background")


def test_a_text_may_hold_several_tags():
    found = vocabulary(
        groups={"background": "white background, * backdrop,", "clothing": ["dress， 帽子、靴", "coat"]},
        roles={"surroundings": "background", "look": "clothing"},
        exclusive={"time": "day, night"},
        single_subject="time",
        excuses={"time": "dusk, * eclipse"},
        synonyms={"dress": "gown, frock"},
        implications={"day, night": "time of day, light"},
        protected="logo, sign *",
    )
    assert found.groups == {
        "background": {"white background", "* backdrop"},
        "clothing": {"dress", "帽子", "靴", "coat"},
    }
    assert found.roles == {"surroundings": {"background"}, "look": {"clothing"}}
    assert found.exclusive == {"time": ("day", "night")}
    assert found.single_subject == {"time"}
    assert found.excuses == {"time": {"dusk", "* eclipse"}}
    assert found.synonyms == {"dress": ("gown", "frock")}
    assert found.implications == {"day": ("time of day", "light"), "night": ("time of day", "light")}
    assert found.protected == {"logo", "sign *"}


def test_a_pattern_at_the_end_matches_beginnings():
    found = vocabulary()
    assert found.is_quality_word("score 9")
    assert found.is_quality_word("score 8 up")
    assert not found.is_quality_word("score")
    assert not found.is_quality_word("scoreboard")


def test_a_pattern_at_the_beginning_matches_ends():
    found = vocabulary()
    assert found.groups_of("frilled dress") == ("clothing",)
    assert found.groups_of("sundress") == ()
    assert found.in_group("brick background", "background")


def test_a_pattern_needs_something_in_place_of_the_star():
    assert vocabulary(groups={"clothing": ["*dress"]}, roles={}).groups_of("dress") == ()


def test_patterns_of_several_groups_all_count():
    found = vocabulary(groups={"a": ["score *"], "b": ["score 9*"], "c": ["* up"]}, roles={})
    assert found.groups_of("score 9 up") == ("a", "b", "c")


def test_a_listed_tag_is_also_in_the_groups_whose_patterns_it_fits():
    found = vocabulary(groups={"clothing": ["* dress"], "colour": ["red dress"]}, roles={})
    assert found.groups_of("red dress") == ("clothing", "colour")


def test_synonyms_are_known_like_the_tag_they_stand_for():
    found = vocabulary()
    assert found.groups_of("blond hair") == ("hair_colour",)
    assert found.is_trait("blonde-hair")
    assert found.is_general("blond hair")
    assert found.exclusive_sets_of("nighttime") == ("time",)


def test_the_preferred_spelling_is_known_where_only_a_variant_is_listed():
    found = vocabulary(groups={"hair_colour": ["blond hair"]}, roles={})
    assert found.groups_of("blonde hair") == ("hair_colour",)


def test_a_pattern_says_nothing_about_a_variant_of_a_listed_tag():
    found = vocabulary(
        groups={"hair_style": ["twintails"], "body": ["* tail"]}, roles={}, synonyms={"twintails": ["twin tail"]}
    )
    assert found.groups_of("twin tail") == ("hair_style",)


def test_preferred_gives_the_spelling_to_write():
    found = vocabulary()
    assert found.preferred("blond hair") == "blonde hair"
    assert found.preferred("blonde hair") == "blonde hair"
    assert found.preferred("ohwx") == "ohwx"


def test_a_tag_written_out_in_a_group_with_a_role_is_general():
    assert vocabulary().is_general("white background")


def test_a_tag_that_only_fits_a_pattern_may_be_a_trigger():
    found = vocabulary()
    assert found.in_group("ohwx dress", "clothing")
    assert not found.is_general("ohwx dress")


def test_a_tag_in_a_group_without_a_role_is_not_general():
    found = vocabulary()
    assert found.is_known("tram")
    assert not found.is_general("tram")


def test_kinds_tell_traits_from_surroundings_and_look():
    found = vocabulary()
    assert found.is_trait("brown hair")
    assert not found.is_trait("red dress")
    assert found.kinds_of("red dress") == (LOOK,)
    assert found.kinds_of("brick background") == (SURROUNDINGS,)
    assert found.kinds_of("tram") == ()
    assert found.kind_of_group("hair_colour") == TRAITS
    assert found.kind_of_group("vehicle") is None
    assert found.groups_of_kind(LOOK) == ("clothing", "colour")
    assert found.groups_of_kind("nothing") == ()


def test_background_tags_are_listed_with_their_synonyms_and_without_patterns():
    found = vocabulary(synonyms={"outdoors": ["outside"]})
    assert found.background_tags == {"white background", "outdoors", "outside"}
    assert found.tags_of_group("nothing") == frozenset()


def test_known_tags_are_those_of_all_groups():
    assert {"tram", "blond hair", "red"} <= vocabulary().known_tags
    assert "score *" not in vocabulary().known_tags


def test_excuses_are_found_by_name_and_by_pattern():
    found = vocabulary()
    assert found.excuses_of("two-tone hair") == ("hair",)
    assert found.excuses_of("blue highlights") == ("hair",)
    assert found.excuses_of("2girls") == ("several_figures",)
    assert found.excuses_of("comic") == ("several_pictures",)
    assert found.excuses_of("day") == ()


def test_excuses_are_replaced_extended_and_taken_away_with_their_set():
    found = vocabulary().patched({"excuses": {"hair": {"add": ["wig"]}, "time": ["eclipse"], "several_pictures": []}})
    assert found.excuses_of("wig") == found.excuses_of("two-tone hair") == ("hair",)
    assert found.excuses_of("eclipse") == ("time",)
    assert found.excuses_of("comic") == ()
    assert vocabulary().patched({"exclusive": {"hair": []}}).excuses_of("two-tone hair") == ()


def test_excuses_are_for_sets_that_are_there():
    error = patch_error({"excuses": {"haair": ["wig"]}})
    assert str(error) == 'excuses in tagmetry.yaml names "haair", which does not exist'
    assert error.help.english() == 'did you mean "hair"?'


def test_implied_tags_are_followed_to_their_end():
    found = vocabulary()
    assert found.implied_by("ball gown") == ("clothes", "dress")
    assert found.implied_by("clothes") == ()


def test_a_variant_implies_what_its_preferred_tag_implies():
    found = vocabulary(
        synonyms={"ball gown": ["ballgown"], "dress": ["gown"]}, implications={"ball gown": "gown", "dress": "clothes"}
    )
    assert found.implied_by("ballgown") == ("clothes", "gown")


def test_protected_tags_are_found_by_name_and_by_pattern():
    found = vocabulary()
    assert found.is_protected("watermark")
    assert found.is_protected("sign of the shop")
    assert not found.is_protected("dress")


def test_an_empty_vocabulary_answers_everything():
    empty = Vocabulary()
    assert empty.groups_of("dress") == ()
    assert empty.background_tags == frozenset()
    assert not empty.is_protected("dress")
    assert empty == Vocabulary.merged()


# Merging


def test_what_has_the_same_name_is_united():
    one = Vocabulary.from_data({"groups": {"a": ["x"]}, "exclusive": {"e": ["x", "y"]}, "protected": ["p"]}, "one")
    two = Vocabulary.from_data({"groups": {"a": ["y"]}, "exclusive": {"e": ["y", "z"]}, "protected": ["q"]}, "two")
    both = Vocabulary.merged(one, two)
    assert both.groups == {"a": {"x", "y"}}
    assert both.exclusive == {"e": ("x", "y", "z")}
    assert both.protected == {"p", "q"}


def test_a_role_may_stand_in_another_file_than_its_groups():
    roles = Vocabulary.from_data({"roles": {"traits": ["a"]}}, "roles.yaml")
    groups = Vocabulary.from_data({"groups": {"a": ["x"]}}, "a.yaml")
    assert Vocabulary.merged(roles, groups).is_trait("x")


def test_parts_that_disagree_about_a_synonym_are_refused():
    one = Vocabulary.from_data({"synonyms": {"grey": ["gray"]}}, "one")
    two = Vocabulary.from_data({"synonyms": {"gray": ["grey"]}}, "two")
    with pytest.raises(VocabularyError, match=r'synonyms\.\w+ in the merged vocabulary: "gr[ea]y" cannot be'):
        Vocabulary.merged(one, two)


def test_a_circle_of_implications_over_two_parts_is_refused():
    one = Vocabulary.from_data({"implications": {"a": "b"}}, "one")
    two = Vocabulary.from_data({"implications": {"b": "c", "c": "a"}}, "two")
    with pytest.raises(
        VocabularyError, match=r"implications\.a in the merged vocabulary implies itself: a → b → c → a"
    ):
        Vocabulary.merged(one, two)


def test_a_long_chain_of_implications_is_no_problem():
    chain = {f"tag {n}": f"tag {n + 1}" for n in range(20_000)}
    assert len(Vocabulary.from_data({"implications": chain}, "x").implied_by("tag 0")) == 20_000


# Patching


def test_add_and_remove_change_a_group():
    found = vocabulary().patched({"groups": {"background": {"add": ["Green_Screen"], "remove": ["outdoors"]}}})
    assert found.background_tags == {"white background", "green screen"}


def test_a_list_replaces_a_group():
    found = vocabulary().patched({"groups": {"quality": ["best"]}})
    assert found.groups["quality"] == {"best"}
    assert not found.is_quality_word("score 9")


def test_a_pattern_can_be_removed_and_added():
    found = vocabulary().patched({"groups": {"clothing": {"remove": ["* dress"], "add": ["*_hat"]}}})
    assert found.groups_of("frilled dress") == ()
    assert found.groups_of("red hat") == ("clothing",)


def test_a_new_group_needs_no_role():
    found = vocabulary().patched({"groups": {"cars": {"add": ["taxi"]}, "boats": ["canoe"]}})
    assert found.groups_of("taxi") == ("cars",)
    assert found.groups_of("canoe") == ("boats",)
    assert not found.is_general("taxi")


def test_a_new_group_can_be_given_a_role():
    found = vocabulary().patched({"groups": {"cars": ["taxi"]}, "roles": {"surroundings": {"add": ["cars"]}}})
    assert found.kinds_of("taxi") == (SURROUNDINGS,)
    assert found.kinds_of("outdoors") == (SURROUNDINGS,)


def test_a_group_moves_to_the_role_that_a_patch_gives_it():
    found = vocabulary().patched({"roles": {"traits": {"add": ["clothing"]}}})
    assert found.is_trait("dress")
    assert found.groups_of_kind(LOOK) == ("colour",)


def test_what_a_patch_does_not_name_stays():
    before = vocabulary()
    after = before.patched({"protected": {"add": ["signature pose"]}})
    assert after.protected == before.protected | {"signature pose"}
    assert after == before.patched({"protected": [*sorted(before.protected), "signature pose"]})
    assert before.patched({}) == before


def test_a_patch_leaves_the_vocabulary_it_was_made_from_alone():
    before = vocabulary()
    before.patched({"groups": {"background": ["x"]}, "synonyms": {"blonde hair": []}})
    assert before == vocabulary()


def test_exclusive_sets_are_replaced_extended_and_taken_away():
    found = vocabulary().patched(
        {"exclusive": {"time": {"add": ["dusk"]}, "hair": ["red hair", "blue hair"], "mouth": ["open", "shut"]}}
    )
    assert found.exclusive == {
        "time": ("day", "night", "dusk"),
        "hair": ("red hair", "blue hair"),
        "mouth": ("open", "shut"),
    }
    assert "time" not in vocabulary().patched({"exclusive": {"time": []}}).exclusive


def test_implications_are_replaced_extended_and_taken_away():
    found = vocabulary().patched(
        {"implications": {"maid apron": "apron", "red dress": {"add": ["red"]}, "ball gown": []}}
    )
    assert found.implications == {
        "red dress": ("dress", "red"),
        "dress": ("clothes",),
        "maid apron": ("apron",),
    }


def test_a_new_synonym_is_added_and_removed():
    added = vocabulary().patched({"synonyms": {"t-shirt": ["t shirt", "tee"], "night": {"add": ["at night"]}}})
    assert added.preferred("tee") == "t-shirt"
    assert added.synonyms["night"] == ("nighttime", "at night")
    removed = added.patched({"synonyms": {"t-shirt": {"remove": ["tee"]}}})
    assert removed.preferred("tee") == "tee"


def test_a_policy_may_turn_a_synonym_round():
    found = vocabulary().patched({"synonyms": {"blond hair": ["blonde hair"]}})
    assert found.synonyms["blond hair"] == ("blonde hair", "blonde-hair")
    assert found.preferred("blonde hair") == "blond hair"
    assert found.preferred("blonde-hair") == "blond hair"
    assert found.groups_of("blond hair") == ("hair_colour",)
    assert found.exclusive_sets_of("blond hair") == ("hair",)


def test_a_policy_may_give_a_variant_to_another_tag():
    found = vocabulary().patched({"synonyms": {"fair hair": ["blond hair"]}})
    assert found.preferred("blond hair") == "fair hair"
    assert found.synonyms["blonde hair"] == ("blonde-hair",)


def test_exclusive_sets_of_one_figure_can_be_named():
    found = vocabulary().patched({"exclusive": {"eyes": ["x", "y"]}, "single_subject": {"add": ["eyes"]}})
    assert found.single_subject == {"hair", "eyes"}


def test_taking_an_exclusive_set_away_needs_no_second_change():
    found = vocabulary().patched({"exclusive": {"hair": []}})
    assert found.single_subject == frozenset()


# Errors


def test_an_error_is_a_wrong_use_and_leads_to_its_place():
    error = error_of({"groups": {"background": ["sky", 2005]}})
    assert isinstance(error, UsageError)
    assert error.path == ("groups", "background", 1)
    assert error.origin == "vocabulary.yaml"
    assert str(error) == "groups.background[1] in vocabulary.yaml must be a text, not 2005"
    assert error.help.english() == 'put it in quotes: "2005"'


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ([], "vocabulary in vocabulary.yaml must be a mapping of names, not [...]"),
        ({"group": {}}, "unknown key group in vocabulary.yaml"),
        ({"source": 1}, "source in vocabulary.yaml must be a text, not 1"),
        ({"groups": ["a"]}, "groups in vocabulary.yaml must be a mapping of names, not [...]"),
        ({"groups": {"a": None}}, "groups.a in vocabulary.yaml must be a text or a list, not null"),
        ({"groups": {"a": " , "}}, "groups.a in vocabulary.yaml: a tag is empty"),
        ({"groups": {"a": [True]}}, "groups.a[0] in vocabulary.yaml must be a text, not true"),
        ({"groups": {"a": [["b"]]}}, "groups.a[0] in vocabulary.yaml must be a text, not [...]"),
        ({"groups": {"a": [{"b": "c"}]}}, "groups.a[0] in vocabulary.yaml must be a text, not {...}"),
        ({"groups": {"a": [" _ "]}}, "groups.a[0] in vocabulary.yaml: a tag is empty"),
        ({"groups": {"": ["a"]}}, "groups. in vocabulary.yaml: a name is empty"),
        ({"groups": {1: ["a"]}}, "groups.1 in vocabulary.yaml must be a text, not 1"),
        (
            {"groups": {"a": ["*"]}},
            'groups.a[0] in vocabulary.yaml: "*" needs some text and one * at its beginning or end',
        ),
        (
            {"groups": {"a": ["*x*"]}},
            'groups.a[0] in vocabulary.yaml: "*x*" needs some text and one * at its beginning or end',
        ),
        (
            {"exclusive": {"a": ["x", "y*"]}},
            'exclusive.a[1] in vocabulary.yaml: "y*" is a pattern, but a tag is needed here',
        ),
        ({"exclusive": {"a": ["x"]}}, "exclusive.a in vocabulary.yaml needs at least two tags"),
        ({"exclusive": {"a": ["x y", "X_Y"]}}, "exclusive.a in vocabulary.yaml needs at least two tags"),
        (
            {"synonyms": {"a": ["a"]}},
            'synonyms.a in vocabulary.yaml: "a" cannot be a variant of it, since it belongs to "a"',
        ),
        (
            {"synonyms": {"a": ["x"], "b": ["x"]}},
            'synonyms.b in vocabulary.yaml: "x" cannot be a variant of it, since it belongs to "a"',
        ),
        (
            {"synonyms": {"a_b": ["x"], "a b": ["y"]}},
            'synonyms.a b in vocabulary.yaml: "a_b" stands before it already',
        ),
        ({"implications": {"a": "a"}}, "implications.a in vocabulary.yaml implies itself: a → a"),
        ({"implications": {"a": 3}}, "implications.a in vocabulary.yaml must be a text or a list, not 3"),
        (
            {"groups": {"a": []}, "roles": {"traits": ["a"], "look": ["a"]}},
            'roles.traits in vocabulary.yaml: the group "a" already has the role look',
        ),
        (
            {"roles": {"traits": ["hair"]}},
            'roles.traits in vocabulary.yaml names "hair", which does not exist',
        ),
        (
            {"single_subject": ["hair"]},
            'single_subject in vocabulary.yaml names "hair", which does not exist',
        ),
        ({"roles": {"traits": [1]}}, "roles.traits[0] in vocabulary.yaml must be a text, not 1"),
        ({"protected": 1}, "protected in vocabulary.yaml must be a text or a list, not 1"),
    ],
)
def test_wrong_data_is_refused_by_naming_the_key(data, text):
    assert str(error_of(data)) == text


def test_an_unknown_key_comes_with_the_nearest_known_one():
    assert error_of({"synonym": {}}).help.english() == 'did you mean "synonyms"?'
    assert error_of({"zzz": {}}).help.english().startswith("known keys: groups, roles, exclusive")


@pytest.mark.parametrize(
    ("patch", "text", "help"),
    [
        (
            {"groups": {"background": {"remove": ["white backround"]}}},
            'groups.background.remove[0] in tagmetry.yaml: there is no "white backround" to remove',
            'did you mean "white background"?',
        ),
        (
            {"groups": {"background": {"ad": ["x"]}}},
            "unknown key groups.background.ad in tagmetry.yaml",
            'did you mean "add"?',
        ),
        (
            {"groups": {"background": {"add": 1}}},
            "groups.background.add in tagmetry.yaml must be a text or a list, not 1",
            None,
        ),
        (
            {"groups": {"background": {"remove": ["outdoors, white background", "* backdrop"]}}},
            'groups.background.remove[1] in tagmetry.yaml: there is no "* backdrop" to remove',
            None,
        ),
        (
            {"groups": {"background": {"remove": [1]}}},
            "groups.background.remove[0] in tagmetry.yaml must be a text, not 1",
            'put it in quotes: "1"',
        ),
        (
            {"groups": {"new": {"remove": ["x"]}}},
            'groups.new.remove[0] in tagmetry.yaml: there is no "x" to remove',
            None,
        ),
        (
            {"roles": {"look": {"add": ["clothin"]}}},
            'roles.look in tagmetry.yaml names "clothin", which does not exist',
            'did you mean "clothing"?',
        ),
        (
            {"exclusive": {"time": {"remove": ["day"]}}},
            "exclusive.time in tagmetry.yaml needs at least two tags",
            None,
        ),
        (
            {"implications": {"clothes": "ball gown"}},
            "implications.clothes in tagmetry.yaml implies itself: clothes → ball gown → dress → clothes",
            None,
        ),
        ({"source": "mine"}, "unknown key source in tagmetry.yaml", None),
        (None, "vocabulary in tagmetry.yaml must be a mapping of names, not null", None),
    ],
)
def test_a_wrong_patch_is_refused_by_naming_the_key(patch, text, help):
    error = patch_error(patch)
    assert str(error) == text
    if help is not None:
        assert error.help.english() == help


# Words of running text


def test_words_are_looked_up_by_the_name_of_their_lists():
    found = vocabulary(words={"praise": ["Very_Nice", "cute"], "places": "wall, floor"})
    assert found.words_named("praise") == {"very nice", "cute"}
    assert found.words_named("praise", "places") == {"very nice", "cute", "wall", "floor"}
    assert found.words_named("nothing") == frozenset()


def test_a_word_makes_no_group_of_tags():
    found = vocabulary(words={"praise": ["cute"]})
    assert found.groups_of("cute") == ()
    assert not found.is_general("cute")


def test_a_policy_changes_words():
    found = vocabulary(words={"praise": ["cute"]}).patched({"words": {"praise": {"add": ["nice"], "remove": ["cute"]}}})
    assert found.words == {"praise": {"nice"}}


def test_words_of_several_files_are_united():
    parts = [Vocabulary.from_data({"words": {"praise": [word]}}, word) for word in ("cute", "nice")]
    assert Vocabulary.merged(*parts).words == {"praise": {"cute", "nice"}}


def test_a_word_is_no_pattern():
    assert error_of({"words": {"praise": ["very *"]}}).path == ("words", "praise", 0)
