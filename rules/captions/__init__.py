"""Rules about captions: whether they are there, can be read, say enough, and agree. This module is their plugin."""

from tagmetry.api import Rule, hookimpl
from tagmetry.rules.captions import (
    always_on_quality_tags,
    caption_encoding,
    caption_from_cropped_name,
    caption_too_long,
    captionless_share,
    class_tokens_conflict,
    excessive_modifiers,
    important_tag_late,
    inconsistent_style_words,
    low_word_diversity,
    missing_caption,
    missing_caption_fields,
    mixed_caption_style,
    mixed_separators,
    mood_words_to_review,
    multiline_caption,
    orphan_caption,
    script_unknown_to_t5,
    sentence_caption_shuffled,
    shared_caption,
    template_captions,
)


@hookimpl
def tagmetry_rules() -> tuple[Rule, ...]:
    return (
        always_on_quality_tags.rule,
        caption_encoding.rule,
        caption_from_cropped_name.rule,
        caption_too_long.rule,
        captionless_share.rule,
        class_tokens_conflict.rule,
        excessive_modifiers.rule,
        important_tag_late.rule,
        inconsistent_style_words.rule,
        low_word_diversity.rule,
        missing_caption.rule,
        missing_caption_fields.rule,
        mixed_caption_style.rule,
        mixed_separators.rule,
        mood_words_to_review.rule,
        multiline_caption.rule,
        orphan_caption.rule,
        script_unknown_to_t5.rule,
        shared_caption.rule,
        template_captions.rule,
        sentence_caption_shuffled.rule,
    )
