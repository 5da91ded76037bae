"""PyYAML's event stream, tamed: limits where its look-ahead would overrun them, and errors in plain words."""

import re
from collections import deque
from typing import Any, NoReturn

from yaml.error import MarkedYAMLError
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner
from yaml.tokens import DocumentEndToken, ScalarToken, Token

from tagmetry.messages import Message, message
from tagmetry.policy.diagnostics import Span
from tagmetry.policy.yaml_source import Limits, Mistakes, Source, code_point

_REMOVE_OR_QUOTE = message("remove it, or put the text in quotes if it is meant as text")
_QUOTE_WHOLE = message("put the whole text in quotes if it is one text")
_QUOTE_SPECIAL = message("put a text that holds one of , : ? [ ] {{ }} in quotes")
SHARE_OTHERWISE = message("write the values out, or share them between policies with extends")

# Blank lines and comments, which may hold tabs, then the spaces before a token, which may not: there a tab
# could pass for indentation. Possessive, so that a megabyte of line breaks needs no memory for going back.
_COMMENT = r"(?:\#[^\r\n\0]*+)?"
_BETWEEN_TOKENS = re.compile(rf"(?:[ \t]*+{_COMMENT}(?:\r\n?|\n))*+(?:[ \t]*+{_COMMENT}(?=\0)|[ ]*+{_COMMENT})")

# With a text PyYAML scans the spaces and line breaks after it, before it can tell whether the text goes on.
_BESIDE_TEXT = 1024

# The words of an unquoted text in one line. Brackets, commas and question marks end it only within brackets.
_WORD = r"(?:[^\0\t\r\n :]|:(?![\0\t\r\n ]))++"
_WORDS = re.compile(rf"{_WORD}(?:[ ]++(?!\#){_WORD})*+")
_WORD_IN_BRACKETS = r"(?:[^\0\t\r\n ,?\[\]{}:]|:(?![\0\t\r\n ,\[\]{}]))++"
_WORDS_IN_BRACKETS = re.compile(rf"{_WORD_IN_BRACKETS}(?:[ ]++(?!\#){_WORD_IN_BRACKETS})*+")

_YAML_1_2 = re.compile(r"%YAML[ ]+1\.2[ ]*(?:#.*)?$", re.MULTILINE)


class Events(Reader, Scanner, Parser):
    """The events of a text: mappings, sequences and scalars, without aliases, anchors and tags.

    PyYAML takes an open bracket for a possible key, scans a thousand characters on before it gives the
    first event, and visits all open brackets at each of them. A limit on the depth of events alone would
    come minutes too late for a line of brackets.
    """

    def __init__(self, source: Source, *, limits: Limits, mistakes: Mistakes) -> None:
        self._source = source
        self._limits = limits
        self._mistakes = mistakes
        self._token_start = 0
        self._token_limit = limits.text_characters + _BESIDE_TEXT
        self._anchors: set[str] = set()
        self.document_ends = 0
        self._plain_texts: deque[tuple[int, int]] = deque(maxlen=2)
        Reader.__init__(self, source.text)
        Scanner.__init__(self)
        Parser.__init__(self)

    @property
    def offset(self) -> int:
        """How far the text has been scanned."""
        return int(self.index)

    def get_event(self) -> Any:
        return super().get_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs say nothing

    def text_before(self, offset: int) -> int | None:
        """Where the unquoted text begins that stands before an offset, with nothing but comments in between."""
        for start, end in self._plain_texts:
            between = _BETWEEN_TOKENS.match(self.buffer, end)
            if start < offset and between is not None and between.end() == offset:
                return start
        return None

    def check_depth(self, depth: int, offset: int) -> None:
        if depth > self._limits.depth:
            text = message("lists and mappings are nested more than {limit:count} deep", limit=self._limits.depth)
            self._mistakes.fail("policy-too-deep", text, self._source.span(offset, offset + 1))

    def fail_too_long(self, offset: int) -> NoReturn:
        text = too_long(self._limits.text_characters)
        self._mistakes.fail("policy-text-too-long", text, self._source.rest_of_line(offset))

    def fail_several_documents(self, offset: int) -> NoReturn:
        self._mistakes.fail(
            "policy-several-documents",
            message("a file holds a single YAML document, and another one begins here"),
            self._source.rest_of_line(offset),
            message("put it into a file of its own, and name that under extends"),
        )

    # What PyYAML's reader does, for a text that is in memory as a whole and has no line breaks but CR and LF.

    def peek(self, index: int = 0) -> str:
        if index > self._token_limit:
            self.fail_too_long(self._token_start)
        character: str = self.buffer[self.pointer + index]
        return character

    def forward(self, length: int = 1) -> None:
        start: int = self.pointer
        if start + length - self._token_start > self._token_limit:
            self.fail_too_long(self._token_start)
        passed = self.buffer[start : start + length]
        if "\n" in passed or "\r" in passed:
            super().forward(length)
        else:
            self.pointer = self.index = start + length
            self.column += length

    # What its scanner does, with the same names.

    def scan_to_next_token(self) -> None:
        match = _BETWEEN_TOKENS.match(self.buffer, self.pointer)
        assert match is not None  # it may match nothing, and always does
        passed = match.group()
        last_break = max(passed.rfind("\n"), passed.rfind("\r"))
        if last_break < 0:
            self.column += len(passed)
        else:
            self.line += passed.count("\n") + passed.count("\r") - passed.count("\r\n")
            self.column = len(passed) - last_break - 1
            if not self.flow_level:
                self.allow_simple_key = True
        self.pointer = self.index = self._token_start = match.end()

    def fetch_flow_collection_start(self, TokenClass: type[Token]) -> None:
        self.check_depth(self.flow_level + len(self.indents) + 1, self.offset)
        super().fetch_flow_collection_start(TokenClass)

    def add_indent(self, column: int) -> bool:
        if not super().add_indent(column):
            return False
        self.check_depth(self.flow_level + len(self.indents), self.offset)
        return True

    def fetch_document_indicator(self, TokenClass: type[Token]) -> None:
        if TokenClass is DocumentEndToken:
            self.document_ends += 1
            if self.document_ends > 1:
                self.fail_several_documents(self.offset)
        super().fetch_document_indicator(TokenClass)

    def fetch_directive(self) -> None:
        if _YAML_1_2.match(self.buffer, self.pointer) is None:
            self._mistakes.fail(
                "policy-directive",
                message("'%' at the start of a line makes it a YAML directive; directives are not allowed"),
                self._source.rest_of_line(self.offset),
                _REMOVE_OR_QUOTE,
            )
        super().fetch_directive()

    def scan_plain(self) -> ScalarToken:
        # PyYAML looks at the characters one by one, which would double the time that reading takes.
        words = _WORDS_IN_BRACKETS if self.flow_level else _WORDS
        first_column = 0 if self.flow_level else self.indent + 1
        start = end = self.get_mark()
        parts: list[str] = []
        between: list[str] | None = []
        while between is not None and (match := words.match(self.buffer, self.pointer)) is not None:
            parts += [*between, match.group()]
            self.forward(len(match.group()))
            end = self.get_mark()
            self.allow_simple_key = False
            between = self.scan_plain_spaces(self.indent + 1, start)
            if not between or self.column < first_column or self.peek() == "#":
                break
        return ScalarToken("".join(parts), True, start, end)

    def fetch_plain(self) -> None:
        super().fetch_plain()
        token = self.tokens[-1]
        self._plain_texts.append((token.start_mark.index, token.end_mark.index))

    def fetch_alias(self) -> None:
        # It goes on as text, since that is nearly always meant: *.jpg.
        self.fetch_plain()
        token = self.tokens[-1]
        text = message("'*' at the start makes {text} a YAML alias; aliases are not allowed", text=token.value)
        help = put_in_quotes(token.value)
        if token.value[1:] in self._anchors:
            help = SHARE_OTHERWISE
        self._mistakes.add("policy-alias", text, self._token_span(token), help)

    def fetch_anchor(self) -> None:
        super().fetch_anchor()
        token = self.tokens[-1]
        self._anchors.add(token.value)
        text = message("{text} is a YAML anchor; anchors are not allowed", text=f"&{token.value}")
        self._mistakes.add("policy-anchor", text, self._token_span(token), _REMOVE_OR_QUOTE)

    def fetch_tag(self) -> None:
        super().fetch_tag()
        token = self.tokens[-1]
        written = self.buffer[token.start_mark.index : token.end_mark.index]
        text = message("{text} is a YAML tag; tags are not allowed", text=written)
        self._mistakes.add("policy-tag", text, self._token_span(token), _REMOVE_OR_QUOTE)
        # The tag that says nothing: it goes on as if there were none, and the parser looks up no handle.
        token.value = (None, "!")

    def _token_span(self, token: Any) -> Span:
        return self._source.span(token.start_mark.index, token.end_mark.index)


def too_long(limit: int) -> Message:
    return message("this text is longer than {limit:count} characters", limit=limit)


def put_in_quotes(text: str) -> Message:
    return message("put the text in quotes: {text}", text="'" + text.replace("'", "''") + "'")


_COLON_ALONE = re.compile(r"\uff1a|:(?! )(?=.)")


def colon_help(text: str) -> Message | None:
    """What is wrong with the first ':' in a line that YAML does not read as the end of a key."""
    text = text.partition(" #")[0]
    match = _COLON_ALONE.search(text)
    if match is None:
        return None
    if match.group() != ":":
        return message("write an ordinary ':' and a space instead of '{colon}'", colon=match.group())
    following = text[match.end()]
    if following.isspace():
        return message("after ':' write an ordinary space instead of {character}", character=code_point(following))
    return message("put a space after ':'")


Mistake = tuple[str, Message, Span, Message | None]


def syntax_mistake(error: MarkedYAMLError, events: Events, source: Source) -> Mistake:
    """Code, text, place and help for an error of PyYAML, whose own words are for people who know its grammar."""
    context, problem = error.context or "", error.problem or ""
    at = events.offset if error.problem_mark is None else error.problem_mark.index
    begin = at if error.context_mark is None else error.context_mark.index
    if problem.startswith("found character"):
        return _unexpected_character(source, at)
    if context == "while scanning a simple key":
        return _missing_colon(source, begin)
    if problem == "mapping values are not allowed here":
        return _unexpected_colon(source, at, events)
    if problem == "sequence entries are not allowed here":
        text = message("an entry of a list cannot begin here")
        help = message("begin each '-' on a line of its own, or put the text in quotes")
        return "policy-indentation", text, source.rest_of_line(at), help
    if context == "while scanning an anchor":
        text = message("'&' at the start makes this a YAML anchor; anchors are not allowed")
        return "policy-anchor", text, source.rest_of_line(begin), message("put the text in quotes")
    if context in ("while scanning a tag", "while parsing a tag"):
        text = message("'!' at the start makes this a YAML tag; tags are not allowed")
        return "policy-tag", text, source.rest_of_line(begin), _REMOVE_OR_QUOTE
    if context == "while scanning a block scalar":
        text = message("'|' and '>' begin a text on the lines below, so nothing can follow in this line")
        return "policy-text-block", text, source.rest_of_line(begin), _QUOTE_WHOLE
    if context == "while scanning a quoted scalar":
        return "policy-unclosed-quote", message("this quote is never closed"), source.rest_of_line(begin), None
    if context == "while scanning a double-quoted scalar":
        return unknown_escape(source, at)
    return _misplaced(source, at=at, events=events, problem=problem)


def _unexpected_character(source: Source, at: int) -> Mistake:
    span = source.span(at, at + 1)
    if source.text[at] == "\t":
        text = message("a tab stands here, and YAML takes only spaces")
        return "policy-tab", text, span, message("replace the tab by spaces, or put the text in quotes")
    return _needs_quotes(source, at)


def _missing_colon(source: Source, begin: int) -> Mistake:
    span = source.rest_of_line(begin)
    text = message("a key with ':' and a space after it is expected here")
    help = colon_help((span.source_line or "")[span.column - 1 :])
    return (
        "policy-missing-colon",
        text,
        span,
        help or message("write it as key: value; indent a line that continues a text"),
    )


def _unexpected_colon(source: Source, at: int, events: Events) -> Mistake:
    """A second ':' in a line; or a text that PyYAML has joined from several lines stands before the ':'."""
    begin = events.text_before(at)
    line = None if begin is None else source.line_number(begin)
    if begin is not None and line is not None and line != source.line_number(at):
        key = source.line_start(at)
        if _may_be_key(source, begin, key):
            return _missing_colon(source, begin)
        text = message("this line continues the text of line {line}, since it begins further right", line=line)
        help = message("begin a key in the same column as its neighbours; put a text that holds ': ' in quotes")
        return "policy-indentation", text, source.rest_of_line(key), help
    text = message("':' is not expected here")
    return "policy-unexpected-colon", text, source.span(at, at + 1), message("put a text that holds ': ' in quotes")


def _may_be_key(source: Source, begin: int, following: int) -> bool:
    """Whether the text at `begin` was meant as a key: it begins its line, or its list entry with one more key."""
    before = source.before(begin)
    return not before.strip() or (not before.strip(" -") and len(before) == len(source.before(following)))


def unknown_escape(source: Source, at: int) -> Mistake:
    """For the place where PyYAML gives up, which is after the backslash."""
    start = source.text.rindex("\\", 0, at + 1)
    if start + 1 == at:
        text = message("double quotes know no escape {escape}", escape=source.text[start : at + 1])
    else:
        text = message("the escape {escape} is cut off, or names no character", escape=source.text[start:at])
    return (
        "policy-escape",
        text,
        source.span(start, start + 2),
        message("use single quotes, in which a backslash is just a backslash"),
    )


def _misplaced(source: Source, *, at: int, events: Events, problem: str) -> Mistake:
    """What the parser did not expect: something is missing before it, or it stands in the wrong column."""
    span = source.rest_of_line(at)
    opened = events.marks[-1].index if events.marks else at
    if events.flow_level > 0 and at >= len(source.text.rstrip()):
        return "policy-unclosed-bracket", message("this bracket is never closed"), source.rest_of_line(opened), None
    if problem.startswith("expected ',' or"):
        return _missing_comma(source, at=at, opened=opened)
    if problem.startswith("expected the node content"):
        if events.flow_level > 0:
            return "policy-missing-value", message("a value is missing before this"), span, _QUOTE_SPECIAL
        return _needs_quotes(source, at)
    if events.document_ends:
        text = message("'...' ends the YAML document, and this stands after it")
        return "policy-several-documents", text, span, message("remove the line with '...'")
    if source.text[at : at + 1] == ":":
        return "policy-missing-key", message("a key is missing before this"), span, _QUOTE_WHOLE
    if not source.before(at).strip():
        begin = events.text_before(at)
        if begin is not None and _may_be_key(source, begin, at):
            return _missing_colon(source, begin)
        text = message("this line begins in a column that fits none of the lines above")
        help = message("begin the keys of a mapping, and the '-' of a list, all in the same column")
        return "policy-indentation", text, span, help
    quote = source.text[at - 1]
    if quote in "'\"":
        help = message("a quote inside a quoted text is written {twice} or {escaped}", twice="''", escaped='\\"')
        return "policy-syntax", message("the quoted text ends before this"), span, help
    return "policy-syntax", message("this cannot follow what stands before it in the line"), span, _QUOTE_WHOLE


def _missing_comma(source: Source, *, at: int, opened: int) -> Mistake:
    line = source.line_number(opened)
    if source.text[opened] == "[":
        text = message("',' or ']' is missing before this, in the list that begins in line {line}", line=line)
    else:
        text = message("',' or '}}' is missing before this, in the mapping that begins in line {line}", line=line)
    help = _QUOTE_SPECIAL
    if line != source.line_number(at):
        help = message("close the bracket of line {line}, or put a comma between its entries", line=line)
    return "policy-missing-comma", text, source.rest_of_line(at), help


def _needs_quotes(source: Source, at: int) -> Mistake:
    text = message("a text without quotes cannot begin with '{character}'", character=source.text[at : at + 1])
    return "policy-quote-needed", text, source.rest_of_line(at), _QUOTE_WHOLE
