"""What a config leaves to chance in captions, for the rules that judge it."""

from typing import Final

from tagmetry.api import ConfigPart, Given
from tagmetry.trainers import kohya

ORDER_SETTINGS: Final = ("shuffle_caption", "caption_tag_dropout_rate", "token_warmup_step")
"""Settings by which the list of tags differs from one time to the next."""

REFUSED_BY_CACHE: Final = ("shuffle_caption", "token_warmup_step", "caption_dropout_rate", "caption_tag_dropout_rate")
LOST_WITH_CACHE: Final = (
    "caption_prefix",
    "caption_suffix",
    "enable_wildcard",
    "keep_tokens_separator",
    "secondary_separator",
    "caption_dropout_every_n_epochs",
)


def set_of(part: ConfigPart, names: tuple[str, ...]) -> list[Given]:
    """The settings of these names that somebody set to something."""
    given = (part.subset.settings.get(name) for name in names)
    return [one for one in given if one is not None and not one.is_default and one.value]


def is_moved(part: ConfigPart) -> bool:
    """Whether tags change their place or go, one by one."""
    return any(bool(part.subset.settings[name].value) for name in ORDER_SETTINGS if name in part.subset.settings)


def separator_of(part: ConfigPart) -> str:
    given = part.given("caption_separator")
    return str(given.value) if given is not None and given.value else kohya.CAPTION_SEPARATOR


def shown(given: Given) -> str:
    """`shuffle_caption = true`, as it is written in configs."""
    value = given.value
    text = str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else f"{value:g}"
    return f"{given.key} = {text}"
