"""The one door for every text that a user reads.

A text is a template with named, typed placeholders, `{name}` or `{name:kind}`, and values that are
kept apart from it until somebody shows it. The English template is the msgid of the gettext catalogues.
Kinds: `text count percent px bits tokens bytes number`; without a kind a placeholder is `text`.
`{{` and `}}` stand for braces.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from io import BytesIO
from types import MappingProxyType
from typing import Any, Final

Value = str | int | float | bool | tuple[str, ...]
"""What a message may carry. A tuple is shown as a list, cut after `LIST_SHOWN` members."""

KINDS: Final = ("text", "count", "percent", "px", "bits", "tokens", "bytes", "number")
LIST_SHOWN: Final = 5
TEXT_SHOWN: Final = 240

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\w+)(?::(\w+))?\}|[{}]")
_NO_VALUES: Mapping[str, Value] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Plural:
    """A text with two English forms; `by` names the value that counts."""

    one: str
    other: str
    by: str = "n"


Template = str | Plural


@dataclass(frozen=True, slots=True)
class Message:
    """A template with its values, not yet in any language."""

    template: Template
    values: Mapping[str, Value] = field(default_factory=lambda: _NO_VALUES)

    def english(self) -> str:
        return english().format(self.template, self.values)


def message(template: Template, **values: Value) -> Message:
    """A message; the template's placeholders and the values must agree (checked when it is shown)."""
    return Message(template, MappingProxyType(dict(values)))


def template_fields(template: Template) -> dict[str, str]:
    """The placeholders of a template: name -> kind.

    Raises ValueError for a stray brace or an unknown kind, so that tests and plugin loading can refuse it.
    """
    fields: dict[str, str] = {}
    for text in (template,) if isinstance(template, str) else (template.one, template.other):
        for match in _PLACEHOLDER.finditer(text):
            if match.group() in ("{{", "}}"):
                continue
            name, kind = match.group(1), match.group(2) or "text"
            if name is None:
                raise ValueError(f"stray brace in the text {text!r}")
            if kind not in KINDS:
                raise ValueError(f"unknown kind {kind!r} in the text {text!r}; kinds: {', '.join(KINDS)}")
            fields[name] = kind
    return fields


_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """The text with control, bidirectional and invisible characters written as escapes.

    Strangers' file names and captions pass through here before they are shown, so that they can neither
    steer a terminal nor hide. The zero-width joiner and variation selectors inside emoji are kept.
    """
    if text.isascii() and text.isprintable():
        return text

    def escape(match: re.Match[str]) -> str:
        character = match.group()
        code = ord(character)
        before = text[match.start() - 1] if match.start() else ""
        if code in (0x200D, 0xFE0F) and before and unicodedata.category(before) in ("So", "Sk", "Mn", "Cf"):
            return character
        if code <= 0xFF:
            return f"\\x{code:02x}"
        return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"

    return _INVISIBLE.sub(escape, text)


def cut(text: str, limit: int = TEXT_SHOWN) -> str:
    """At most `limit` characters of a text, with an ellipsis where it was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


class Translator:
    """Texts and numbers in one language. Missing entries fall back to English, the msgid."""

    def __init__(self, language: str = "en", catalogues: Iterable[Mapping[Any, Any]] = ()) -> None:
        self.language = language
        self._entries: dict[str, Any] = {}
        for catalogue in catalogues:
            self._entries.update(catalogue)

    def text(self, msgid: str) -> str:
        """A fixed text without values."""
        return self._singular(msgid)

    def render(self, shown: Message) -> str:
        return self.format(shown.template, shown.values)

    def format(self, template: Template, values: Mapping[str, Value] = _NO_VALUES) -> str:
        """The finished sentence. Raises KeyError when a placeholder has no value."""
        pattern = self._pattern(template, values)

        def fill(match: re.Match[str]) -> str:
            if match.group() in ("{{", "}}"):
                return match.group()[0]
            name = match.group(1)
            if name is None:
                return match.group()
            return self.value(values[name], match.group(2) or "text")

        return _PLACEHOLDER.sub(fill, pattern)

    def value(self, value: Value, kind: str) -> str:
        """One value as text of its kind."""
        if isinstance(value, tuple):
            return self._listed(value)
        if isinstance(value, str):
            return cut(visible(value))
        if kind == "percent":
            return self._percent(float(value))
        if kind == "bytes":
            return self._bytes(float(value))
        number = self.number(value)
        if kind in ("px", "bits"):
            return f"{number} {kind}"
        if kind == "tokens":
            return self.format(_TOKENS, {"n": value, "shown": number})
        return number

    def number(self, value: float) -> str:
        """A number with thousands separators; fractions with at most three significant places."""
        if isinstance(value, bool):
            return self.text("yes" if value else "no")
        if isinstance(value, int) or float(value).is_integer():
            return f"{int(value):,}"
        return f"{value:,.2f}".rstrip("0").rstrip(".") if abs(value) >= 0.01 else f"{value:.3g}"

    def _percent(self, share: float) -> str:
        percent = share * 100
        shown = f"{percent:.0f}" if percent >= 10 or float(percent).is_integer() else f"{percent:.1f}"
        # 99.6 % must not read as all of them, nor 0.04 % as none.
        if shown == "100" and share < 1:
            shown = f"{min(percent, 99.9):.1f}"
        if shown == "0.0" and share > 0:
            shown = "0.1"
        return f"{shown} %"

    def _bytes(self, size: float) -> str:
        for unit in ("B", "kB", "MB", "GB"):
            if size < 1000 or unit == "GB":
                return f"{size:,.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
            size /= 1000
        raise AssertionError("unreachable")

    def _listed(self, members: tuple[str, ...]) -> str:
        shown = ", ".join(cut(visible(member), 80) for member in members[:LIST_SHOWN])
        if len(members) <= LIST_SHOWN:
            return shown
        return self.format(_MORE, {"shown": shown, "n": len(members) - LIST_SHOWN})

    def _singular(self, msgid: str) -> str:
        entry = self._entries.get(msgid)
        return entry if isinstance(entry, str) and entry else msgid

    def _pattern(self, template: Template, values: Mapping[str, Value]) -> str:
        if isinstance(template, str):
            return self._singular(template)
        count = values[template.by]
        entry = self._entries.get(template.one)
        if isinstance(entry, tuple) and all(entry):
            return str(entry[0] if count == 1 or len(entry) == 1 else entry[1])
        return template.one if count == 1 else template.other


_TOKENS = Plural("{shown} token", "{shown} tokens")
_MORE = Plural("{shown} and {n:count} more", "{shown} and {n:count} more")


def read_catalogue(data: bytes) -> dict[str, Any]:
    """A gettext .po catalogue as msgid -> text (or tuple of plural forms)."""
    from babel.messages.pofile import read_po

    entries: dict[str, Any] = {}
    for entry in read_po(BytesIO(data)):
        if not entry.id or not entry.string or entry.fuzzy:
            continue
        msgid = entry.id[0] if isinstance(entry.id, list | tuple) else entry.id
        entries[msgid] = tuple(entry.string) if isinstance(entry.string, list | tuple) else entry.string
    return entries


@lru_cache(maxsize=1)
def english() -> Translator:
    return Translator("en")


def languages() -> tuple[str, ...]:
    """The languages that Tagmetry's own catalogues speak, English first."""
    folder = resources.files("tagmetry.locale")
    found = sorted(entry.name for entry in folder.iterdir() if entry.joinpath("tagmetry.po").is_file())
    return ("en", *(name for name in found if name != "en"))


def translator(language: str = "en", extra: Iterable[bytes] = ()) -> Translator:
    """A translator for a language; `extra` are the .po catalogues that plugins bring for it."""
    catalogues: list[dict[str, Any]] = []
    own = resources.files("tagmetry.locale") / language / "tagmetry.po"
    if own.is_file():
        catalogues.append(read_catalogue(own.read_bytes()))
    catalogues.extend(read_catalogue(data) for data in extra)
    return Translator(language, catalogues) if catalogues else Translator(language)
