"""Rules about the health of files. This module is their plugin."""

from tagmetry.api import Rule, hookimpl
from tagmetry.rules.files import (
    decoder_failure,
    extension_mismatch,
    hostile_text,
    invalid_manifest,
    name_collision,
    oversized_file,
    unreachable_file,
    unread_images,
    unreadable_image,
    unsupported_format,
)


@hookimpl
def tagmetry_rules() -> tuple[Rule, ...]:
    return (
        decoder_failure.rule,
        extension_mismatch.rule,
        hostile_text.rule,
        invalid_manifest.rule,
        name_collision.rule,
        oversized_file.rule,
        unreachable_file.rule,
        unread_images.rule,
        unreadable_image.rule,
        unsupported_format.rule,
    )
