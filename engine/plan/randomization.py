"""Weak randomization: the settings that vary the captions of a picture from one draw to the next."""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from tagmetry.dataset import Concept, Dataset
from tagmetry.messages import Message, Plural, message
from tagmetry.plan.model import SettingValue
from tagmetry.plan.options import BalanceOptions
from tagmetry.text import normal_form


def randomization(
    step: Callable[..., None], dataset: Dataset, options: BalanceOptions
) -> tuple[dict[str, SettingValue], dict[str, Message]]:
    """The settings by sd-scripts' names and why; `step` is told the answer to the question of the captions."""
    profile = dataset.profile
    question = message("are the captions tags or sentences?")
    if not dataset.train.captioned.any():
        step("captions", question, message("no captions"), message("no randomization: there is nothing to shuffle"))
        return {}, {}
    if profile.caption_style == "sentences":
        return _sentences(step, question, options)
    rate = options.style_tag_dropout if profile.purpose == "style" else options.tag_dropout
    keep = _keep_tokens(dataset.training_concepts) if options.keep_tokens is None else options.keep_tokens
    step(
        "captions",
        question,
        message("tags"),
        _taken(shuffle=options.shuffle_tags, rate=rate, keep=keep),
        message("sentences: no shuffle and no tag dropout, since a sentence has an order"),
    )
    settings: dict[str, SettingValue] = {
        "shuffle_caption": options.shuffle_tags,
        "keep_tokens": keep,
        "caption_tag_dropout_rate": rate,
        "caption_dropout_rate": options.caption_dropout,
        "cache_text_encoder_outputs": False,
    }
    why = {
        "shuffle_caption": message("a fixed order is learned as such"),
        "keep_tokens": message("the trigger and class word stay in front, where shuffle and dropout leave them alone"),
        "caption_tag_dropout_rate": message(
            "no tag is then always there; for a style up to {rate:percent}", rate=options.style_tag_dropout
        ),
        "caption_dropout_rate": message("0; 0.02 to 0.05 only where short prompts fail"),
        "cache_text_encoder_outputs": message(
            "captions that change cannot be cached: training takes longer and more memory, and learns better"
        ),
    }
    if not _varies(settings):
        settings["cache_text_encoder_outputs"] = True
        why["cache_text_encoder_outputs"] = message("the captions never change, so that they may be cached")
    return settings, why


def _taken(*, shuffle: bool, rate: float, keep: int) -> Message:
    if not shuffle:
        return message("tag dropout {rate:percent} without shuffle, as the policy has it", rate=rate)
    return message(
        Plural(
            "weak randomization: shuffle, tag dropout {rate:percent}, the first tag kept",
            "weak randomization: shuffle, tag dropout {rate:percent}, the first {keep:count} tags kept",
            by="keep",
        ),
        rate=rate,
        keep=keep,
    )


def _sentences(
    step: Callable[..., None], question: Message, options: BalanceOptions
) -> tuple[dict[str, SettingValue], dict[str, Message]]:
    settings: dict[str, SettingValue] = {
        "shuffle_caption": options.sentence_shuffle,
        "keep_tokens": options.sentence_keep_tokens,
        "caption_tag_dropout_rate": options.sentence_tag_dropout,
        "caption_dropout_rate": options.sentence_caption_dropout,
    }
    reason = message("sentences lose their meaning when parts are moved or dropped")
    if _varies(settings):
        reason = message("as the policy has it for sentences")
        taken = message("randomized as the policy has it, although a sentence has an order")
    else:
        taken = message("no shuffle and no tag dropout: a sentence has an order")
    step(
        "captions",
        question,
        message("sentences"),
        taken,
        message("tags: shuffle, tag dropout {rate:percent}, the trigger kept in front", rate=options.tag_dropout),
    )
    return settings, dict.fromkeys(settings, reason)


def _varies(settings: dict[str, SettingValue]) -> bool:
    return any(settings[key] for key in ("shuffle_caption", "caption_tag_dropout_rate", "caption_dropout_rate"))


def _keep_tokens(concepts: Sequence[Concept]) -> int:
    """How many leading tags are trigger and class word, in most captions of the concept that needs most; at least 1."""
    needed = 1
    for concept in concepts:
        words = {normal_form(word) for word in (concept.trigger, concept.class_word) if word}
        captions = concept.dataset.captions
        texts = concept.text_ids[concept.text_ids >= 0]
        if not words or not len(texts):
            continue
        lengths: Counter[int] = Counter()
        for text, n in zip(*np.unique(texts, return_counts=True), strict=True):
            leading = 0
            for tag in captions.tags.row(int(text)):
                if captions.forms[tag] not in words:
                    break
                leading += 1
            lengths[leading] += int(n)
        usual = max(lengths, key=lambda length: (lengths[length], -length))
        needed = max(needed, usual)
    return needed
