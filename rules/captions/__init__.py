"""Rules about captions: whether they are there, can be read, and are read to their end. This module is their plugin."""

from tagmetry.api import Rule, hookimpl
from tagmetry.rules.captions import (
    caption_encoding,
    caption_too_long,
    missing_caption,
    multiline_caption,
    orphan_caption,
)


@hookimpl
def tagmetry_rules() -> tuple[Rule, ...]:
    return (
        caption_encoding.rule,
        caption_too_long.rule,
        missing_caption.rule,
        multiline_caption.rule,
        orphan_caption.rule,
    )
