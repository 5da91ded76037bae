"""Rules about the trainer's own configuration, held against the data. This module is their plugin."""

from tagmetry.api import Rule, hookimpl
from tagmetry.rules.settings import (
    augmentation_conflict,
    bucket_limit_tight,
    bucketing_off,
    caption_dropout_high,
    config_data_mismatch,
    config_misread,
    config_rejected,
    loss_scale_range,
    max_token_length,
    multiplier_range,
    network_alpha_mismatch,
    no_caption_randomization,
    prior_loss_weight,
    rank_vs_data,
    resolution_off_step,
    separator_left_in_caption,
    stale_cache,
    tag_dropout_high,
    text_encoder_cache_conflict,
    text_encoder_learning,
    trigger_not_kept,
    validation_images_trained,
    validation_takes_images,
)


@hookimpl
def tagmetry_rules() -> tuple[Rule, ...]:
    return (
        augmentation_conflict.rule,
        bucket_limit_tight.rule,
        bucketing_off.rule,
        caption_dropout_high.rule,
        config_data_mismatch.rule,
        config_misread.rule,
        config_rejected.rule,
        loss_scale_range.rule,
        max_token_length.rule,
        multiplier_range.rule,
        network_alpha_mismatch.rule,
        no_caption_randomization.rule,
        prior_loss_weight.rule,
        rank_vs_data.rule,
        resolution_off_step.rule,
        separator_left_in_caption.rule,
        stale_cache.rule,
        tag_dropout_high.rule,
        text_encoder_cache_conflict.rule,
        text_encoder_learning.rule,
        trigger_not_kept.rule,
        validation_images_trained.rule,
        validation_takes_images.rule,
    )
