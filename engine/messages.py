"""The one door for every text that a user reads.

A text is a template with named, typed placeholders, `{name}` or `{name:kind}`, and values that are
kept apart from it until somebody shows it. The English template is the msgid of the gettext catalogues.
Kinds: `text count percent px bits tokens bytes number`; without a kind a placeholder is `text`.
`{{` and `}}` stand for braces.
"""

import contextlib
import gettext
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from io import BytesIO
from types import MappingProxyType
from typing import Final

Value = str | int | float | bool | tuple[str, ...]
"""What a message may carry. A tuple is shown as a list, cut after `LIST_SHOWN` members."""

KINDS: Final = ("text", "count", "percent", "px", "bits", "tokens", "bytes", "number")
LIST_SHOWN: Final = 5
TEXT_SHOWN: Final = 240
MEMBER_SHOWN: Final = 80

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


def message(template: Template, /, **values: Value) -> Message:
    """A message; the template's placeholders and the values must agree (checked when it is shown)."""
    return Message(template, MappingProxyType(dict(values)))


def msgid(text: str) -> str:
    """Marks a fixed text that is shown later through a translator, so that the catalogues know it; gives it back."""
    return text


def paragraphs(text: str) -> tuple[str, ...]:
    """A longer text's paragraphs, which blank lines part, each as one line: the units in which it is translated."""
    return tuple(" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip())


def template_fields(template: Template) -> dict[str, str]:
    """The values that a template needs: name -> kind. What a plural counts by is among them, shown or not.

    Raises ValueError for a stray brace or an unknown kind, so that tests and plugin loading can refuse it.
    """
    fields: dict[str, str] = {} if isinstance(template, str) else {template.by: "count"}
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


# Unicode's Default_Ignorable_Code_Point, control characters, line separators, and surrogates, which are no characters.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_JOINER: Final = "\u200d"
_EMOJI_STYLE: Final = "\ufe0f"
_KEYCAP: Final = "\u20e3"
_KEYCAP_BASES: Final = frozenset("0123456789#*")
# Signs that emoji are made of although they are no "other symbols".
_EMOJI_BASES: Final = frozenset("©®‼⁉™ℹ↔↕↖↗↘↙↩↪Ⓜ▪▫▶◀◻◼◽◾〰〽㊗㊙")


def visible(text: str) -> str:
    """The text with control, bidirectional and invisible characters written as escapes.

    Strangers' file names and captions pass through here before they are shown, so that they can neither
    steer a terminal nor hide. The zero-width joiner and the variation selector inside emoji are kept.
    """
    if text.isascii() and text.isprintable():
        return text

    def escape(match: re.Match[str]) -> str:
        character = match.group()
        if _is_inside_emoji(text, match.start()):
            return character
        code = ord(character)
        if code <= 0xFF:
            return f"\\x{code:02x}"
        return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"

    return _INVISIBLE.sub(escape, text)


def _is_inside_emoji(text: str, place: int) -> bool:
    """Whether the invisible character at a place belongs to the emoji around it."""
    before, after = text[max(0, place - 2) : place], text[place + 1 : place + 2]
    if text[place] == _EMOJI_STYLE:
        return _is_emoji_base(before[-1:]) or (before[-1:] in _KEYCAP_BASES and after == _KEYCAP)
    if text[place] != _JOINER or not _is_emoji_base(after):
        return False
    # A skin tone (a modifier symbol) or the style may stand between the first emoji and the joiner.
    last = before[-1:]
    return _is_emoji_base(last) or (
        (last == _EMOJI_STYLE or "\U0001f3fb" <= last <= "\U0001f3ff") and _is_emoji_base(before[:-1])
    )


def _is_emoji_base(character: str) -> bool:
    return bool(character) and (unicodedata.category(character) == "So" or character in _EMOJI_BASES)


def cut(text: str, limit: int = TEXT_SHOWN) -> str:
    """At most `limit` characters of a text, with an ellipsis where it was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _shown(text: str, limit: int) -> str:
    """A stranger's text in a message. What is cut off need not be looked at, however long it is."""
    return cut(visible(text[: limit + 1]), limit)


_LARGEST_IN_FULL: Final = 10**15


def _in_powers(value: float) -> str:
    """A number that nobody counts, such as 1e+20; Python neither makes floats nor texts of every int."""
    try:
        return f"{float(value):.3g}"
    except OverflowError:
        return f"{'-' if value < 0 else ''}1e+{int(math.log10(abs(value)))}"


_GERMANIC: Final = gettext.c2py("n != 1")


@dataclass(frozen=True, slots=True)
class PluralForms:
    """A translation in all forms of its language; `choose` is the catalogue's rule from a count to a form."""

    forms: tuple[str, ...]
    choose: Callable[[int], int] = _GERMANIC

    def form(self, count: Value) -> str:
        # The rules are made for whole numbers; a fraction takes the form of several.
        number = abs(count) if isinstance(count, int) else 1 if count == 1 else 2
        return self.forms[min(self.choose(number), len(self.forms) - 1)]


Entry = str | tuple[str, ...] | PluralForms
"""A translation; a plain tuple has its forms chosen as in English."""


class Translator:
    """Texts and numbers in one language. Missing entries fall back to English, the msgid."""

    def __init__(self, language: str = "en", catalogues: Iterable[Mapping[str, Entry]] = ()) -> None:
        self.language = language
        self._entries: dict[str, Entry] = {}
        for catalogue in catalogues:
            self._entries.update(catalogue)

    def text(self, msgid: str) -> str:
        """A fixed text without values."""
        return self._singular(msgid)

    def template(self, plural: Plural) -> str:
        """The form of a plural for many, with its placeholders."""
        return self._pattern(plural, {plural.by: 2})

    def prose(self, text: str) -> str:
        """A longer text without values, by its paragraphs, with a blank line between them."""
        return "\n\n".join(self._singular(paragraph) for paragraph in paragraphs(text))

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
            return _shown(value, TEXT_SHOWN)
        if kind == "percent":
            return self._percent(float(value))
        if kind == "bytes":
            return self._bytes(float(value))
        number = self.number(value)
        if kind == "bits":
            return self.format(_BITS, {"n": value, "shown": number})
        if kind == "px":
            return f"{number} px"
        if kind == "tokens":
            return self.format(_TOKENS, {"n": value, "shown": number})
        return number

    def number(self, value: float) -> str:
        """A number with thousands separators; fractions with two decimals, small ones with three significant places."""
        if isinstance(value, bool):
            return self.text("yes" if value else "no")
        if abs(value) >= _LARGEST_IN_FULL:
            return _in_powers(value)
        if isinstance(value, int) or float(value).is_integer():
            return f"{int(value):,}"
        return f"{value:,.2f}".rstrip("0").rstrip(".") if abs(value) >= 0.1 else f"{value:.3g}"

    def _percent(self, share: float) -> str:
        # 0.07 * 100 is a little more than 7.
        percent = round(share * 100, 9)
        shown = f"{percent:.0f}" if percent >= 9.95 or percent.is_integer() else f"{percent:.1f}"
        # 99.6 % must not read as all of them, nor 0.04 % as none.
        if shown == "100" and share < 1:
            shown = f"{min(percent, 99.9):.1f}"
        if share > 0 and float(shown) == 0:
            shown = "0.1"
        return f"{shown} %"

    def _bytes(self, size: float) -> str:
        units = ("B", "kB", "MB", "GB", "TB")
        unit = units[0]
        for unit in units:
            if size < 999.5 or unit == units[-1]:
                break
            size /= 1000
        return f"{size:,.0f} {unit}" if unit == "B" or size >= 99.95 else f"{size:.1f} {unit}"

    def _listed(self, members: tuple[str, ...]) -> str:
        comma = self._singular(LIST_COMMA)
        shown = comma.join(_shown(member, MEMBER_SHOWN) for member in members[:LIST_SHOWN])
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
            entry = PluralForms(entry)
        if isinstance(entry, PluralForms):
            return entry.form(count)
        return template.one if count == 1 else template.other


LIST_COMMA: Final = ", "
"""A text like any other: what parts the members of a list differs between languages."""
_TOKENS = Plural("{shown} token", "{shown} tokens")
_BITS = Plural("{shown} bits", "{shown} bits")
_MORE = Plural("{shown} and {n:count} more", "{shown} and {n:count} more")


def read_catalogue(data: bytes) -> dict[str, Entry]:
    """The finished entries of a gettext .po catalogue by their msgid. Raises ValueError for what is none."""
    from babel.messages.pofile import PoFileError, read_po

    try:
        # Babel prints what it does not understand.
        with contextlib.redirect_stdout(None):
            catalogue = read_po(BytesIO(data))
    except (PoFileError, LookupError) as error:
        raise ValueError(str(error)) from error
    choose = _plural_rule(catalogue.plural_expr)
    entries: dict[str, Entry] = {}
    for entry in catalogue:
        if not entry.id or not entry.string or entry.fuzzy:
            continue
        if not isinstance(entry.id, list | tuple):
            entries[entry.id] = str(entry.string)
        elif all(entry.string):
            entries[entry.id[0]] = PluralForms(tuple(entry.string), choose)
    return entries


def _plural_rule(expression: str) -> Callable[[int], int]:
    try:
        return gettext.c2py(expression)
    except ValueError:
        # What GNU gettext does with a rule that it cannot read.
        return _GERMANIC


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
    catalogues: list[dict[str, Entry]] = []
    own = resources.files("tagmetry.locale") / language / "tagmetry.po"
    if own.is_file():
        catalogues.append(read_catalogue(own.read_bytes()))
    catalogues.extend(read_catalogue(data) for data in extra)
    return Translator(language, catalogues) if catalogues else Translator(language)
