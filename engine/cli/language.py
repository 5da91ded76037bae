"""How this call of the command line talks: what all commands share of click, and the language of texts.

That is `--lang`, `TAGMETRY_LANG` or the user's settings. Little is imported here: every call waits for it.
"""

from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import click

from tagmetry.errors import UsageError
from tagmetry.messages import Translator, english, languages, message, translator

if TYPE_CHECKING:
    # Imported here for types alone: `tagmetry --version` needs no plugins.
    from tagmetry.plugins import Plugins

CONTEXT: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
"""What all commands are given: how to ask for help, and how wide it may be."""

HELP: Final = f"Language of texts: {', '.join(languages())}, or one that a plugin brings."
_LANGUAGE: Final[ContextVar[str]] = ContextVar("language", default="en")


def chosen(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """The callback of `--lang`: what is said from here on, errors too, is said in that language."""
    _LANGUAGE.set(value)
    return value


def language_settings() -> dict[str, Any]:
    """The settings of the flag `--lang`, for commands that have it among others and for those that have it alone."""
    return {
        "metavar": "LANGUAGE",
        "default": "en",
        "show_default": True,
        "is_eager": True,
        "callback": chosen,
        "help": HELP,
    }


def spoken() -> Translator:
    """Tagmetry's own texts in the chosen language; English where it has none of its own."""
    return _own(_LANGUAGE.get())


@lru_cache(maxsize=4)
def _own(language: str) -> Translator:
    return translator(language) if language in languages() else english()


def spoken_with(plugins: "Plugins") -> Translator:
    """The chosen language with the texts that plugins bring. Raises UsageError for a language that nobody speaks."""
    language = _LANGUAGE.get()
    extra = brought_for(language, plugins)
    if extra or language in languages():
        return translator(language, extra)
    known = ", ".join(sorted({*languages(), *(source.language for source in plugins.locales)}))
    raise UsageError(
        message("--lang: there are no texts in {language}", language=language),
        message("languages: {known}", known=known),
    )


def brought_for(language: str, plugins: "Plugins") -> list[bytes]:
    """The catalogues that plugins bring for a language."""
    return [source.po for source in plugins.locales if source.language == language]
