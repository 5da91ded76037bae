"""YAML files as plain data with positions, and nothing that could surprise.

Only PyYAML's pure Python scanner and parser are used, never a constructor: a node is a mapping with text
keys, a sequence, or a scalar of the YAML 1.2 core schema. What YAML has beyond that (tags, anchors, aliases,
merge keys, further documents) is refused with its place, and so is what would cost more than a policy can
be worth, before it costs anything.
"""

import contextlib
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, NoReturn

import yaml
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from tagmetry.messages import Message, message
from tagmetry.policy.diagnostics import PolicyError, Problems, Span
from tagmetry.policy.yaml_events import (
    SHARE_OTHERWISE,
    Events,
    colon_help,
    put_in_quotes,
    syntax_mistake,
    too_long,
    unknown_escape,
)
from tagmetry.policy.yaml_source import (
    Limits,
    Mistakes,
    Source,
    Unreadable,
    code_point,
    declares_policy,
    decoded,
    excess,
    read_policy_file,
)

__all__ = [
    "KeyNode",
    "Limits",
    "MappingNode",
    "Node",
    "Scalar",
    "ScalarNode",
    "SequenceNode",
    "declares_policy",
    "read_data",
    "read_policy_file",
    "read_yaml",
    "to_data",
]

Scalar = None | bool | int | float | str


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A single value. `raw` is its text without quotes; `quoted` tells `"15"` from `15`."""

    value: Scalar
    raw: str
    quoted: bool
    span: Span


@dataclass(frozen=True, slots=True)
class SequenceNode:
    items: "tuple[Node, ...]"
    span: Span

    def __iter__(self) -> "Iterator[Node]":
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True, slots=True)
class KeyNode:
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class MappingNode:
    """Keys with their values in the order of the file; no key stands twice."""

    items: "tuple[tuple[KeyNode, Node], ...]"
    span: Span
    _index: "Mapping[str, tuple[KeyNode, Node]]" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", MappingProxyType({item[0].text: item for item in self.items}))

    def __contains__(self, key: str) -> bool:
        return key in self._index

    def __len__(self) -> int:
        return len(self.items)

    def get(self, key: str) -> "Node | None":
        """The node of a key, None if the key is not there (a null value is a node)."""
        item = self._index.get(key)
        return None if item is None else item[1]

    def key_span(self, key: str) -> Span:
        """Where a key stands. Raises KeyError if it is not there."""
        return self._index[key][0].span


Node = MappingNode | SequenceNode | ScalarNode


def to_data(node: Node) -> Any:
    """The node as dicts, lists and scalars."""
    if isinstance(node, MappingNode):
        return {key.text: to_data(value) for key, value in node.items}
    if isinstance(node, SequenceNode):
        return [to_data(item) for item in node.items]
    return node.value


def read_yaml(
    content: str | bytes, *, file: str, limits: Limits | None = None, problems: Problems | None = None
) -> MappingNode:
    """The single document of a file as nodes; `file` is the name that positions show.

    Mistakes after which reading can go on (a duplicate key, a tag) are added to `problems` if it is given, and
    the nodes hold what the rest says. Raises PolicyError, holding those as well, for all others, and for any
    at all without `problems`.
    """
    found = Problems() if problems is None else problems
    allowed = limits or Limits()
    mistakes = Mistakes(found, most=allowed.problems)
    try:
        text = decoded(content, file=file, limits=allowed, mistakes=mistakes)
        source = Source(text, file)
        if len(text) > allowed.glanced_at and (found_excess := excess(text, allowed)) is not None:
            at = found_excess.offset
            if found_excess.kind == "nodes":
                mistakes.fail("policy-too-many-values", _too_many(allowed.nodes), source.span(at, at + 1))
            mistakes.fail("policy-text-too-long", too_long(allowed.text_characters), source.rest_of_line(at))
        root = _Builder(source, limits=allowed, mistakes=mistakes).root()
    except Unreadable:
        raise PolicyError(found.diagnostics) from None
    if problems is None:
        found.raise_if_any()
    return root


def read_data(text: str, *, file: str) -> Any:
    """The single document of a file as dicts, lists and scalars, for files in which mistakes are rare.

    The same as `to_data` of what `read_yaml` gives, several times faster where PyYAML has libyaml. Whatever is not
    plain goes to `read_yaml`, which says what is wrong and where. Raises PolicyError as that does.
    """
    limits = Limits()
    if _LIBYAML is not None and len(text) <= limits.size_bytes // 4 and "\\" not in text:
        with contextlib.suppress(_NotPlainError, YAMLError, ValueError, RecursionError):
            return _PlainData(_LIBYAML(text), limits).document()
    return to_data(read_yaml(text, file=file))


_LIBYAML: Final[Any] = getattr(yaml, "CBaseLoader", None)
"""PyYAML built with libyaml, which not every platform has; only its events are used."""


class _NotPlainError(Exception):
    """Something stands in a file that only the careful reader deals with."""


class _PlainData:
    """Data from libyaml's events, as long as nothing else is there than mappings, sequences and scalars."""

    def __init__(self, parser: Any, limits: Limits) -> None:
        self._parser = parser
        self._limits = limits
        self._nodes = 0

    def document(self) -> Any:
        self._expect(StreamStartEvent)
        self._expect(DocumentStartEvent)
        root = self._node(self._expect(MappingStartEvent), depth=1)
        self._expect(DocumentEndEvent)
        self._expect(StreamEndEvent)
        return root

    def _expect(self, kind: type[Event]) -> Any:
        event = self._parser.get_event()
        if not isinstance(event, kind):
            raise _NotPlainError
        return event

    def _node(self, event: Any, *, depth: int) -> Any:
        self._nodes += 1
        if isinstance(event, AliasEvent) or event.anchor is not None or event.tag is not None:
            raise _NotPlainError
        if self._nodes > self._limits.nodes or depth > self._limits.depth:
            raise _NotPlainError
        if isinstance(event, ScalarEvent):
            if len(event.value) > self._limits.text_characters:
                raise _NotPlainError
            return _core_value(event.value, digits=self._limits.digits) if event.implicit[0] else event.value
        if isinstance(event, SequenceStartEvent):
            items = []
            while not isinstance(event := self._parser.get_event(), SequenceEndEvent):
                items.append(self._node(event, depth=depth + 1))
            return items
        found: dict[str, Any] = {}
        while not isinstance(event := self._parser.get_event(), MappingEndEvent):
            key = self._node(event, depth=depth + 1)
            if not isinstance(key, str) or key in found or key == "<<":
                raise _NotPlainError
            found[key] = self._node(self._parser.get_event(), depth=depth + 1)
        return found


# https://yaml.org/spec/1.2.2/#103-core-schema
_WORDS: Final[Mapping[str, Scalar]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT = re.compile(r"[-+]?[0-9]+")
_INT_WITH_PREFIX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


class _NumberError(ValueError):
    """A number that is not accepted, with the reason."""

    def __init__(self, text: Message) -> None:
        super().__init__(text.english())
        self.text = text


def _core_value(text: str, *, digits: int) -> Scalar:
    """What an unquoted scalar stands for. Raises _NumberError."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _NOT_FINITE.fullmatch(text):
        raise _NumberError(message("{text} is not a finite number", text=text))
    is_decimal = _INT.fullmatch(text) is not None
    is_integer = is_decimal or _INT_WITH_PREFIX.fullmatch(text) is not None
    if not is_integer and not _FLOAT.fullmatch(text):
        return text
    if len(text) > digits:
        raise _NumberError(message("the number is longer than {limit:count} characters", limit=digits))
    if is_integer:
        return int(text, 10 if is_decimal else 0)
    number = float(text)
    if not math.isfinite(number):
        raise _NumberError(message("{text} is too large for a number", text=text))
    return number


class _Builder:
    """Nodes from events. PyYAML leaves the marks of its events optional, hence `Any` for those that have them."""

    def __init__(self, source: Source, *, limits: Limits, mistakes: Mistakes) -> None:
        self._source = source
        self._limits = limits
        self._mistakes = mistakes
        self._events = Events(source, limits=limits, mistakes=mistakes)
        self._nodes = 0

    def root(self) -> MappingNode:
        try:
            return self._document()
        except MarkedYAMLError as error:
            self._mistakes.fail(*syntax_mistake(error, self._events, self._source))
        except (YAMLError, ValueError, OverflowError, RecursionError):
            at = self._events.offset
            if self._source.text[at - 2 : at] == "\\U":
                # PyYAML hands any figure to chr(), which ends at U+10FFFF.
                self._mistakes.fail(*unknown_escape(self._source, at))
            text = message("this is not valid YAML")
            self._mistakes.fail("policy-syntax", text, self._source.rest_of_line(at))

    def _document(self) -> MappingNode:
        events = self._events
        events.get_event()  # start of the stream
        start = events.get_event()
        first = None if isinstance(start, StreamEndEvent) else events.get_event()
        if first is None or (isinstance(first, ScalarEvent) and first.value == "" and first.style is None):
            help = message("a policy begins with: {line}", line="tagmetry: 1")
            place = Span(self._source.file, 1, 1, 1, 1)
            self._mistakes.fail("policy-empty", message("the file is empty"), place, help)
        if not isinstance(first, MappingStartEvent):
            self._fail_root(first)
        root = self._mapping(first, depth=1)
        events.get_event()  # end of the document
        following = events.get_event()
        if not isinstance(following, StreamEndEvent):
            events.fail_several_documents(following.start_mark.index)
        return root

    def _fail_root(self, first: Any) -> NoReturn:
        if isinstance(first, SequenceStartEvent):
            text = message("the file must be a mapping of keys to values, and this is a list")
        else:
            text = message("the file must be a mapping of keys to values, and this is a single value")
        span = self._source.rest_of_line(first.start_mark.index)
        self._mistakes.fail("policy-root", text, span, colon_help(span.source_line or ""))

    def _node(self, event: Any, *, depth: int) -> Node:
        """The node that begins with an event; `depth` is its own, that of the root is 1."""
        if isinstance(event, MappingStartEvent):
            return self._mapping(event, depth=depth)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(event, depth=depth)
        return self._scalar(event)

    def _mapping(self, start: Any, *, depth: int) -> MappingNode:
        self._begin_collection(start, depth=depth)
        items: dict[str, tuple[KeyNode, Node]] = {}
        last: Node | None = None
        while not isinstance(event := self._events.get_event(), MappingEndEvent):
            key = self._key(event, depth=depth + 1)
            last = self._node(self._events.get_event(), depth=depth + 1)
            if key is None:
                continue
            if key.text in items:
                self._add_duplicate(key, first=items[key.text][0])
                continue
            if start.flow_style:
                self._check_colon(key, last)
            items[key.text] = (key, last)
        return MappingNode(tuple(items.values()), self._collection_span(start, event, last))

    def _sequence(self, start: Any, *, depth: int) -> SequenceNode:
        self._begin_collection(start, depth=depth)
        items: list[Node] = []
        while not isinstance(event := self._events.get_event(), SequenceEndEvent):
            items.append(self._node(event, depth=depth + 1))
        return SequenceNode(tuple(items), self._collection_span(start, event, items[-1] if items else None))

    def _begin_collection(self, start: Any, *, depth: int) -> None:
        self._events.check_depth(depth, start.start_mark.index)
        self._count(start)

    def _count(self, event: Any) -> None:
        self._nodes += 1
        if self._nodes > self._limits.nodes:
            offset = event.start_mark.index
            span = self._source.span(offset, offset + 1)
            self._mistakes.fail("policy-too-many-values", _too_many(self._limits.nodes), span)

    def _collection_span(self, start: Any, end: Any, last: Node | None) -> Span:
        begin = start.start_mark.index
        if start.flow_style or last is None:
            return self._source.span(begin, end.end_mark.index)
        # PyYAML ends a block where the next thing begins, which may be many comments later.
        return replace(self._source.span(begin, begin), end_line=last.span.end_line, end_column=last.span.end_column)

    def _key(self, event: Any, *, depth: int) -> KeyNode | None:
        """The key; None if its value is to be dropped."""
        if not isinstance(event, ScalarEvent):
            span = self._node(event, depth=depth).span
            text = message("a key is a text, and this one is a list or a mapping")
            self._mistakes.add("policy-key-not-text", text, span, message("put the text in quotes"))
            return None
        self._count(event)
        span = self._scalar_span(event)
        if event.style is not None:
            return KeyNode(self._checked_text(event.value, span), span)
        if event.value == "<<":
            text = message("'<<' is a YAML merge key; merge keys are not allowed")
            self._mistakes.add("policy-merge-key", text, span, SHARE_OTHERWISE)
            return None
        self._check_key(event.value, span)
        return KeyNode(event.value, span)

    def _check_key(self, raw: str, span: Span) -> None:
        try:
            value = _core_value(raw, digits=self._limits.digits)
        except _NumberError:
            value = 0
        if isinstance(value, str):
            self._check_space(raw, span)
            return
        if value is None:
            text = message("a key is a text, and this one is read as null")
        elif isinstance(value, bool):
            text = message("a key is a text, and this one is read as true or false")
        else:
            text = message("a key is a text, and this one is read as a number")
        self._mistakes.add("policy-key-not-text", text, span, put_in_quotes(raw))

    def _add_duplicate(self, again: KeyNode, *, first: KeyNode) -> None:
        text = message(
            "the key '{key}' is given twice, first in line {line}, column {column}",
            key=first.text,
            line=str(first.span.line),
            column=str(first.span.column),
        )
        self._mistakes.add("policy-duplicate-key", text, again.span, message("keep one of the two"))

    def _check_colon(self, key: KeyNode, value: Node) -> None:
        """In braces a key may stand alone, so that YAML reads `{limit:15}` as a key without a value."""
        if not isinstance(value, ScalarNode) or value.raw or value.quoted:
            return
        if (help := colon_help(key.text)) is not None:
            text = message("the key '{key}' has no value", key=key.text)
            self._mistakes.add("policy-missing-colon", text, key.span, help)

    def _scalar(self, event: Any) -> ScalarNode:
        self._count(event)
        span = self._scalar_span(event)
        if event.style is not None:
            text = self._checked_text(event.value, span)
            return ScalarNode(text, text, True, span)
        raw: str = event.value
        self._check_space(raw, span)
        return ScalarNode(self._value(raw, span), raw, False, span)

    def _value(self, raw: str, span: Span) -> Scalar:
        try:
            return _core_value(raw, digits=self._limits.digits)
        except _NumberError as error:
            help = message("put it in quotes if it is meant as text")
            self._mistakes.add("policy-number", error.text, span, help)
            return raw

    def _scalar_span(self, event: Any) -> Span:
        start, end = event.start_mark.index, event.end_mark.index
        if event.style in ("|", ">"):
            # Like a block, a text block ends where the next thing begins.
            end = start + len(self._source.text[start:end].rstrip())
        if end - start > self._limits.text_characters:
            self._events.fail_too_long(start)
        return self._source.span(start, end)

    def _checked_text(self, text: str, span: Span) -> str:
        """A quoted text, in which escapes can write what the file itself cannot hold."""
        # JSON writes a character beyond U+FFFF as two escapes, each for half of a surrogate pair.
        text = _SURROGATE_PAIR.sub(_joined, text)
        refused = _REFUSED_IN_TEXT.search(text)
        if refused is None:
            return text
        character = code_point(refused.group())
        said = message("the text holds the character {character}, which is not allowed", character=character)
        self._mistakes.add("policy-character", said, span)
        return _REFUSED_IN_TEXT.sub("\ufffd", text)

    def _check_space(self, text: str, span: Span) -> None:
        """YAML strips ordinary spaces from an unquoted text, so that what is left at its start is another."""
        if text[:1].isspace():
            character = code_point(text[0])
            said = message("{character} stands here, which YAML does not read as a space", character=character)
            help = message("use ordinary spaces, or put the text in quotes")
            self._mistakes.add("policy-space", said, span, help)


def _too_many(limit: int) -> Message:
    return message("the file has more than {limit:count} keys and values", limit=limit)


_REFUSED_IN_TEXT = re.compile("[\0\ud800-\udfff]")
_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def _joined(pair: re.Match[str]) -> str:
    return pair.group().encode("utf-16-le", "surrogatepass").decode("utf-16-le")
