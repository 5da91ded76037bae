"""What things are called on the page: figures with units, severities, origins, failure modes, roles."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tagmetry.api import FAILURES, Message, Plural, Severity, Template, Translator, cut, msgid, visible

PATH_SHOWN: Final = 200
CAPTION_SHOWN: Final = 600


@dataclass(frozen=True, slots=True)
class Mark:
    """A state in word, icon and colour: `look` names the class and the icon."""

    look: str
    word: str


_SEVERITIES: Final[Mapping[Severity, tuple[str, str]]] = {
    Severity.ERROR: ("error", msgid("error")),
    Severity.WARNING: ("warning", msgid("warning")),
    Severity.INFO: ("note", msgid("note")),
    Severity.OFF: ("off", msgid("off")),
}


def severity_mark(severity: Severity, say: Translator) -> Mark:
    look, word = _SEVERITIES[severity]
    return Mark(look, say.text(word))


COUNTED: Final[Mapping[Severity, Plural]] = {
    Severity.ERROR: Plural("{n:count} error", "{n:count} errors"),
    Severity.WARNING: Plural("{n:count} warning", "{n:count} warnings"),
    Severity.INFO: Plural("{n:count} note", "{n:count} notes"),
}

IMAGES: Final = Plural("{n:count} image", "{n:count} images")


def images(n: int, say: Translator) -> str:
    return say.format(IMAGES, {"n": n})


def pixels(width: int, height: int, say: Translator) -> str:
    return say.format("{width:number} × {height:number} px", {"width": width, "height": height})


_KINDS: Final = {"share": "percent", "px": "px", "bits": "bits", "tokens": "tokens", "bytes": "bytes"}
_UNITS: Final[Mapping[str, Template]] = {
    "images": Plural("{shown} image", "{shown} images"),
    "words": Plural("{shown} word", "{shown} words"),
    "seconds": Plural("{shown} second", "{shown} seconds"),
    "ratio": "{shown} times",
    "bytes_per_pixel": "{shown} bytes per pixel",
}


def figure(value: float, unit: str | None, say: Translator) -> str:
    """A measured value or limit with its unit."""
    if unit is not None and unit in _KINDS:
        return say.value(value, _KINDS[unit])
    shown = say.value(value, "number")
    if unit is not None and unit in _UNITS:
        return say.format(_UNITS[unit], {"n": value, "shown": shown})
    return shown


_LIMIT_SOURCES: Final = {
    "S0": "a proposal of the source on balancing",
    "S1": "a rule of thumb of the source on failure modes",
    "S2": "one practitioner's experience with Flux",
    "trainer": "the trainer's own code",
    "tagmetry": "Tagmetry's own choice",
    "plugin": "the plugin's own choice",
}
_FILE_AND_LINE: Final = re.compile(r"(?s).+:\d+")


def limit_origin(origin: str, say: Translator) -> str:
    """Where a limit comes from, in plain words: a source label, a place in a policy, or a flag."""
    if not origin:
        return ""
    if origin in _LIMIT_SOURCES:
        return say.text(_LIMIT_SOURCES[origin])
    if origin.startswith("-"):
        return say.format("the command line: {flag}", {"flag": origin})
    if origin.startswith("tagmetry:"):
        return say.format("the policy {place}", {"place": origin})
    if _FILE_AND_LINE.fullmatch(origin):
        return say.format("this policy: {place}", {"place": origin})
    return say.format("{origin}", {"origin": origin})


_SETTING_ORIGINS: Final = {
    "flag": "given on the command line",
    "environment": "from the environment",
    "policy": "from the policy",
    "trainer config": "from the trainer's config",
    "layout": "told by the folders",
    "inferred": "inferred",
    "default": "default",
}


def setting_origin(origin: str, basis: Message | None, place: str, say: Translator) -> str:
    """Where a value of the profile comes from, with the place or the basis of an inference."""
    if not origin:
        return ""
    known = say.text(_SETTING_ORIGINS.get(origin, origin))
    if basis is not None:
        return say.format("{origin}: {basis}", {"origin": known, "basis": say.render(basis)})
    if place:
        return say.format("{origin}: {basis}", {"origin": known, "basis": place})
    return known


EVIDENCE: Final = {
    "documented": "Documented: a paper, or a trainer's code or documentation, says so.",
    "community": "Experience: practitioners report it.",
    "heuristic": "A hint: inferred from the figures alone.",
}

FAILURE_MODES: Final = {one.id: (one.name, one.what) for one in FAILURES}

ROLES: Final = {
    "train": "training",
    "regularization": "regularization",
    "preservation": "preservation",
    "holdout": "hold-out",
    "earlier": "earlier stage",
}


def role(name: str, say: Translator) -> str:
    return say.text(ROLES.get(name, name))


def name_text(name: str) -> str:
    """A name from the data, such as a tag or a concept: nothing hidden in it, and cut where it goes on and on."""
    return cut(visible(name))


def path_text(path: str) -> str:
    """A path with nothing hidden in it; of a very long one the end, where the file's name stands."""
    shown = visible(path)
    return shown if len(shown) <= PATH_SHOWN else "…" + shown[-(PATH_SHOWN - 1) :]


def caption_text(caption: str) -> str:
    """A caption on one line, its line breaks as signs, cut where it goes on and on."""
    lines = (visible(line) for line in caption[: CAPTION_SHOWN * 2].splitlines())
    return cut(" ⏎ ".join(lines), CAPTION_SHOWN)


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of running text; `code` for what stood between backquotes."""

    text: str
    code: bool = False


Paragraph = tuple[Span, ...]


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """A section of a rule's manual page: blank lines part paragraphs, backquotes mark code."""
    return tuple(
        tuple(
            Span(piece, code=bool(place % 2)) for place, piece in enumerate(" ".join(block.split()).split("`")) if piece
        )
        for block in re.split(r"\n\s*\n", text.strip())
        if block.strip()
    )


def sentence(text: Message, say: Translator) -> str:
    """A message that stands alone: its first letter is a capital, unless it is data's.

    Messages are written in lower case, so that they also fit behind a path. Only a letter of the template itself is
    raised, never one of a tag or file name; a translation is left as its translator wrote it.
    """
    shown = say.render(text)
    template = text.template if isinstance(text.template, str) else text.template.one
    literal = template.partition("{")[0]
    if literal[:1].islower() and shown.startswith(literal):
        return shown[0].upper() + shown[1:]
    return shown


def rule_title(title: str, say: Translator) -> str:
    """A rule's one-line title as a heading, which ends without a full stop in any language."""
    return say.text(title).rstrip(".。")


def counted(template: Plural, n: int, say: Translator) -> str:
    return say.format(template, {"n": n})
