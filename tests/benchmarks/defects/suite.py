"""Twenty defects of captions that people run into, each with the planting that stands for it.

Two published linters of captions name seven and four of such a twenty. Neither finds synonyms, contradictions, a tag
that is there twice, mixed underscores, a class word that never stands alone, or concepts of unlike sizes.
"""

CAPTION_DEFECTS = {
    "no caption": ("missing-caption", "pictures_without_captions"),
    "an empty caption": ("missing-caption", "empty_captions"),
    "a caption that is not UTF-8": ("caption-encoding", "captions_that_are_not_utf8"),
    "a caption without its picture": ("orphan-caption", "a_caption_without_its_picture"),
    "a second line that the trainer drops": ("multiline-caption", "captions_with_a_second_line"),
    "more tokens than the trainer reads": ("caption-too-long", "captions_of_too_many_tokens"),
    "the trigger is missing from some": ("trigger-missing", "captions_without_the_declared_trigger"),
    "the same tag twice": ("duplicate-tags", "a_tag_twice_in_a_caption"),
    "two words for one thing": ("tag-synonyms", "two_words_for_one_thing"),
    "underscores beside spaces": ("tag-synonyms", "underscores_beside_spaces"),
    "tags that contradict each other": ("contradictory-tags", "tags_that_cannot_both_be_true"),
    "misspelt tags": ("unknown-tags", "misspelt_tags"),
    "sentences among tag lists": ("mixed-caption-style", "sentences_among_tag_lists"),
    "different separators": ("mixed-separators", "captions_with_other_separators"),
    "one caption for all pictures": ("template-captions", "one_caption_for_all"),
    "a tag on nearly every picture": ("tag-frequency", "a_tag_on_nearly_every_picture"),
    "a background that comes only with the trigger": ("trigger-coupling", "a_background_that_comes_with_the_trigger"),
    "praise on every picture": ("always-on-quality-tags", "praise_on_every_picture"),
    "a class word that never stands alone": ("class-hijack-risk", "no_class_pictures"),
    "concepts of unlike sizes": ("concept-imbalance", "one_concept_with_few_pictures"),
}
COLUMNS = ("defect", "rule", "sets", "named", "clean_sets", "clean_alarms")


def rows(score):
    """A row for each defect that was planted: on how many sets it was named whole, and alarms on clean ones."""
    for defect, (rule, planting) in CAPTION_DEFECTS.items():
        if (rule, planting) in score.plantings:
            sets, named = score.plantings[rule, planting]
            tally = score.tallies[rule]
            yield {
                "defect": defect,
                "rule": rule,
                "sets": sets,
                "named": named,
                "clean_sets": tally.clean_sets,
                "clean_alarms": tally.clean_alarms,
            }
