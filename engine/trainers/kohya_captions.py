"""What sd-scripts makes of a caption each time it is drawn: the order of processing, and what it leaves to chance.

From `library/train_util.py` (process_caption) and, for cached text-encoder outputs, `library/strategy_*.py`.
"""

import re
from dataclasses import dataclass, fields
from typing import Final, Literal

Draw = Literal["dropout", "epoch-dropout", "line", "wildcard", "warmup", "shuffle", "tag-dropout"]
"""What differs from one time to the next, in the order in which the trainer does it."""

_JOINT: Final = ", "
_WILDCARD: Final = re.compile(r"\{([^}]+)\}")
_CACHE_REFUSES: Final = ("shuffle_caption", "token_warmup_step", "caption_dropout_rate", "caption_tag_dropout_rate")


@dataclass(frozen=True, slots=True)
class CaptionSettings:
    """The keys of a subset that concern its captions, by their names in the config; the defaults are the trainer's."""

    caption_prefix: str | None = None
    caption_suffix: str | None = None
    caption_separator: str = ","
    secondary_separator: str | None = None
    keep_tokens: int = 0
    keep_tokens_separator: str | None = None
    enable_wildcard: bool = False
    shuffle_caption: bool = False
    caption_dropout_rate: float = 0.0
    caption_dropout_every_n_epochs: int = 0
    caption_tag_dropout_rate: float = 0.0
    token_warmup_min: int = 1
    token_warmup_step: float = 0

    @property
    def takes_apart(self) -> bool:
        """Whether captions are split into parts at all. If not, `keep_tokens` and its separator do nothing."""
        return self.shuffle_caption or self.token_warmup_step > 0 or self.caption_tag_dropout_rate > 0


@dataclass(frozen=True, slots=True)
class ProcessedCaption:
    """A caption as it is trained when chance changes nothing: the first line, the first of each wildcard's words,
    every part in its place.

    `fixed`, `flexible` and `tail` are its parts where it is taken apart, else empty; only the flexible ones are moved,
    dropped or held back. `draws` says what chance does to this caption.
    """

    text: str
    fixed: tuple[str, ...] = ()
    flexible: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()
    draws: tuple[Draw, ...] = ()


def processed_caption(caption: str, settings: CaptionSettings) -> ProcessedCaption:
    """The order of processing for a caption as it was stored. Raises ValueError for an empty separator, as it does."""
    draws: list[Draw] = []
    if settings.caption_prefix:
        caption = f"{settings.caption_prefix} {caption}"
    if settings.caption_suffix:
        caption = f"{caption} {settings.caption_suffix}"
    if settings.caption_dropout_rate > 0:
        draws.append("dropout")
    if settings.caption_dropout_every_n_epochs > 0:
        draws.append("epoch-dropout")
    if settings.enable_wildcard:
        draws += _wildcard_draws(caption)
        caption = _first_choices(caption.split("\n")[0])
    else:
        caption = caption.split("\n")[0]
    fixed: list[str] = []
    flexible: list[str] = []
    tail: list[str] = []
    if settings.takes_apart:
        fixed, flexible, tail = _parts(caption, settings)
        caption = _JOINT.join([*fixed, *flexible, *tail])
        draws += _part_draws(flexible, settings)
    if settings.secondary_separator:
        caption = caption.replace(settings.secondary_separator, settings.caption_separator)
    return ProcessedCaption(caption, tuple(fixed), tuple(flexible), tuple(tail), tuple(draws))


def _wildcard_draws(caption: str) -> list[Draw]:
    draws: list[Draw] = []
    if "\n" in caption:
        draws.append("line")
    if any(_WILDCARD.search(_escaped(line)[0]) for line in caption.split("\n")):
        draws.append("wildcard")
    return draws


def _escaped(caption: str) -> tuple[str, str, str]:
    """The caption with doubled braces put away, and the signs that stand for them, which it does not hold."""
    opening, closing = "⦅", "⦆"
    while opening in caption or closing in caption:
        opening, closing = opening + "⦅", closing + "⦆"
    return caption.replace("{{", opening).replace("}}", closing), opening, closing


def _first_choices(caption: str) -> str:
    escaped, opening, closing = _escaped(caption)
    chosen = _WILDCARD.sub(lambda match: match.group(1).split("|")[0], escaped)
    return chosen.replace(opening, "{").replace(closing, "}")


def _parts(caption: str, settings: CaptionSettings) -> tuple[list[str], list[str], list[str]]:
    """Fixed, flexible and last parts. Empty ones vanish only where a keep_tokens_separator stands in the caption."""
    mark = settings.keep_tokens_separator
    if not mark or mark not in caption:
        parts = [part.strip() for part in caption.strip().split(settings.caption_separator)]
        kept = max(settings.keep_tokens, 0)
        return parts[:kept], parts[kept:], []
    head, _, rest = caption.partition(mark)
    middle, _, end = rest.partition(mark)

    def filled(text: str) -> list[str]:
        return [stripped for part in text.split(settings.caption_separator) if (stripped := part.strip())]

    return filled(head), filled(middle), filled(end)


def _part_draws(flexible: list[str], settings: CaptionSettings) -> list[Draw]:
    draws: list[Draw] = []
    if settings.token_warmup_step > 0 and len(flexible) > settings.token_warmup_min:
        draws.append("warmup")
    if settings.shuffle_caption and len(flexible) > 1:
        draws.append("shuffle")
    if settings.caption_tag_dropout_rate > 0 and flexible:
        draws.append("tag-dropout")
    return draws


def warmed_up_parts(n: int, step: int, settings: CaptionSettings, *, max_train_steps: int) -> int:
    """How many of `n` flexible parts are shown at a step, counted from 0. A `token_warmup_step` below 1 is a share."""
    last = settings.token_warmup_step
    if last < 1:
        last = int(last * max_train_steps)
    if not last or step >= last:
        return n
    shown = int(step * ((n - settings.token_warmup_min) / last) // 1) + settings.token_warmup_min
    return max(0, min(n, shown))


def epochs_without_captions(epochs: int, settings: CaptionSettings) -> tuple[int, ...]:
    """The epochs, counted from 1, in which `caption_dropout_every_n_epochs` empties every caption."""
    every = settings.caption_dropout_every_n_epochs
    return tuple(range(every, epochs + 1, every)) if every > 0 else ()


def refused_with_text_encoder_cache(settings: CaptionSettings) -> tuple[str, ...]:
    """Keys with which the trainer does not start while text-encoder outputs are cached."""
    return tuple(name for name in _CACHE_REFUSES if getattr(settings, name))


def lost_with_text_encoder_cache(settings: CaptionSettings) -> tuple[str, ...]:
    """Keys that are set and silently do nothing while text-encoder outputs are cached: stored captions are encoded."""
    default = CaptionSettings()
    touched = [one.name for one in fields(CaptionSettings) if getattr(settings, one.name) != getattr(default, one.name)]
    return tuple(name for name in touched if name not in (*_CACHE_REFUSES, "token_warmup_min"))
