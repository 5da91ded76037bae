"""From the text of an expression to its tokens, with every limit and every foreign sign dealt with.

What passes here holds nothing but values, names, a few signs and brackets in an order that makes sense, little enough
of it and flat enough for Python's own parser. That parser dies of a MemoryError or RecursionError on deep nesting and
gives its places in bytes, so it sees only texts in which it finds nothing wrong.
"""

import keyword
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from tagmetry.messages import Message, cut, message
from tagmetry.policy.expressions.mistakes import Mistakes

MOST_CHARACTERS: Final = 2000
MOST_PARTS: Final = 200
"""Values, names, signs, calls and lists of one expression."""
DEEPEST: Final = 32
"""Brackets and signs within each other."""
MOST_DOTS: Final = 2
"""Inside one name; those of the registry have one."""

TokenKind = Literal["number", "text", "name", "word", "sign"]


@dataclass(frozen=True, slots=True)
class Token:
    """`word` is one of `and or not in`; names are everything else that is made of letters."""

    kind: TokenKind
    text: str
    start: int
    end: int

    @property
    def place(self) -> tuple[int, int]:
        return self.start, self.end


_WORDS: Final = frozenset({"and", "or", "not", "in"})
_TRUTHS: Final = frozenset({"True", "False"})
# The longest sign first: `**` must not be read as two of `*`.
_TOKEN: Final = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<text>(?P<prefix>[A-Za-z]*)(?P<quoted>'(?:[^'\\\r\n]|\\[^\r\n])*'|"(?:[^"\\\r\n]|\\[^\r\n])*"))
    |(?P<number>(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]+)?\w*(?:[ ]?[%％])?)
    |(?P<name>[^\W\d]\w*)
    |(?P<foreign>\*\*|//|<<|>>|:=|->|&&|\|\||<>|===|!==|=>|=<)
    |(?P<sign><=|>=|==|!=|[<>+\-*/()\[\],.])
    |(?P<open>['"])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_DIGITS: Final = "[0-9]+(?:_[0-9]+)*"
_NUMBER: Final = re.compile(rf"(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?[0-9]+)?")
_LEADING_ZERO: Final = re.compile(r"0[0-9_]*[1-9][0-9_]*")
_ESCAPES: Final = re.compile(r"\\(.)", re.DOTALL)

_INSTEAD: Final[Mapping[str, Message]] = {
    "**": message("there are no powers: write x * x"),
    "//": message("write floor(a / b)"),
    "=": message("to compare, write =="),
    "===": message("to compare, write =="),
    "!==": message("write !="),
    "<>": message("write !="),
    "=>": message("write >="),
    "=<": message("write <="),
    "&&": message("write and"),
    "&": message("write and"),
    "||": message("write or"),
    "|": message("write or"),
    "!": message("write not"),
    "~": message("write not"),
    "%": message("a share is written as a number: 15 % is 0.15"),
    "{": message("a list stands in [ ]"),
    "}": message("a list stands in [ ]"),
    "#": message("a comment stands outside of the expression"),
    "is": message("write =="),
}
_COMPARATORS: Final = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})
_CLOSES: Final[Mapping[str, str]] = {")": "(", "]": "["}
_NOTHING_WORDS: Final = frozenset({"None", "null", "none", "nil"})


def read_tokens(text: str, mistakes: Mistakes) -> list[Token]:
    """The tokens of an expression in a sensible order. Raises ExpressionError."""
    if len(text) > MOST_CHARACTERS:
        said = message(
            "the expression has {n:count} characters; at most {most:count} are read", n=len(text), most=MOST_CHARACTERS
        )
        mistakes.add("expression-too-long", said, (MOST_CHARACTERS, len(text)))
        mistakes.raise_if_any()
    tokens = _tokens(text, mistakes)
    if not tokens and not len(mistakes):
        mistakes.add("expression-empty", message("the expression is empty"), (0, len(text)))
    mistakes.raise_if_any()
    _check_parts(tokens, mistakes)
    _Order(tokens, len(text), mistakes).check()
    mistakes.raise_if_any()
    return tokens


def as_one_line(text: str, tokens: list[Token]) -> str:
    """The text as long as before, with plain spaces for all white space between tokens."""
    pieces: list[str] = []
    end = 0
    for token in tokens:
        pieces += [" " * (token.start - end), token.text]
        end = token.end
    return "".join([*pieces, " " * (len(text) - end)])


def _tokens(text: str, mistakes: Mistakes) -> list[Token]:
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind, place, written = match.lastgroup, match.span(), match.group()
        if kind == "space":
            continue
        if kind == "text":
            _check_text(match, mistakes)
            tokens.append(Token("text", written, *place))
        elif kind == "number":
            _check_number(written, place, mistakes)
            tokens.append(Token("number", written, *place))
        elif kind == "name":
            _check_word(written, place, mistakes)
            tokens.append(Token("word" if written in _WORDS else "name", written, *place))
        elif kind == "sign":
            tokens.append(Token("sign", written, *place))
        elif kind == "open":
            said = message("the text that begins here is not closed")
            mistakes.add("expression-syntax", said, (place[0], len(text)))
            break
        else:
            _add_foreign(written, place, mistakes)
    return tokens


def _check_text(match: re.Match[str], mistakes: Mistakes) -> None:
    prefix, inside, place = match.group("prefix"), match.group("quoted")[1:-1], match.span()
    if prefix not in ("", "r", "R"):
        said = message("{prefix} cannot stand before a text", prefix=prefix)
        mistakes.add("expression-syntax", said, (place[0], place[0] + len(prefix)), help=message("leave it out"))
    refused = next((sign for sign in inside if _is_refused_in_text(sign)), None)
    if refused is not None:
        said = message("the text holds the character {character}, which is not allowed", character=_code_point(refused))
        mistakes.add("expression-character", said, place)
    if prefix or all(escape.group(1) in "\\'\"" for escape in _ESCAPES.finditer(inside)):
        return
    # In Python '\b' is a control character, and nobody who writes it in a policy means that.
    said = message("a backslash in a text is ambiguous: Python reads some of them as control characters")
    meant = message("with r before the quote it stands for itself: {text}", text="r" + match.group())
    mistakes.add("expression-text", said, place, help=meant)


def _check_number(written: str, place: tuple[int, int], mistakes: Mistakes) -> None:
    figure = written[:-1].rstrip() if written[-1] in "%％" else written
    if figure != written and _NUMBER.fullmatch(figure):
        shown = f"{float(figure.replace('_', '')) / 100:.15g}"
        said = message("{written} is no number here", written=written)
        mistakes.add("expression-number", said, place, help=message("write it as {number}", number=shown))
    elif figure != written or not _NUMBER.fullmatch(figure):
        known = _NUMBER.match(written)
        help = message("write {number}", number=known.group()) if known and written[known.end() :].isalpha() else None
        mistakes.add("expression-number", message("{written} is no number", written=cut(written, 40)), place, help=help)
    elif _LEADING_ZERO.fullmatch(figure):
        said = message("{written} begins with a zero", written=cut(written, 40))
        help = message("write {number}", number=cut(figure.lstrip("0_"), 40))
        mistakes.add("expression-number", said, place, help=help)
    elif float(figure.replace("_", "")) == float("inf"):
        mistakes.add("expression-number", message("the number is too large"), place)


def _check_word(written: str, place: tuple[int, int], mistakes: Mistakes) -> None:
    if written in _WORDS or written in _TRUTHS:
        return
    if written in _NOTHING_WORDS:
        said = message("{word} is no value: what is missing is neither equal to anything nor different", word=written)
        mistakes.add("expression-not-allowed", said, place)
    elif not written.isascii():
        plain = unicodedata.normalize("NFKC", written)
        help = message("write {name}", name=plain) if plain.isascii() else message("a text stands in quotes: '...'")
        mistakes.add("expression-unknown-name", message("the name {name} is not known", name=written), place, help=help)
    elif written.lower() in _WORDS and not written.islower():
        said = message("{word} is not known", word=written)
        help = message("write {word} in small letters", word=written.lower())
        mistakes.add("expression-syntax", said, place, help=help, suggestion=written.lower())
    elif keyword.iskeyword(written):
        said = message("{word} has no meaning in an expression", word=written)
        mistakes.add("expression-not-allowed", said, place, help=_INSTEAD.get(written))


def _add_foreign(written: str, place: tuple[int, int], mistakes: Mistakes) -> None:
    plain = unicodedata.normalize("NFKC", written)
    if written.isprintable() and not written.isspace():
        said = message("the sign {sign} is not known", sign=written)
    else:
        said = message("the character {character} is not allowed", character=_code_point(written))
    help = _INSTEAD.get(plain)
    if help is None and written.isspace():
        help = message("use ordinary spaces")
    elif help is None and written in _QUOTES:
        help = message("a text stands in plain quotes: '...'")
    elif help is None and plain != written and len(plain) == 1 and plain.isascii():
        help = message("write {sign}", sign=plain)
    mistakes.add("expression-character", said, place, help=help)


_QUOTES: Final = frozenset("“”„‟‘’‚‛«»‹›「」『』＂＇`´")


def _is_refused_in_text(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs") or character in "\u2028\u2029"


def _code_point(character: str) -> str:
    return f"U+{ord(character):04X}"


def _check_parts(tokens: list[Token], mistakes: Mistakes) -> None:
    parts = 0
    for before, token in zip([None, *tokens], tokens, strict=False):
        after_dot = before is not None and before.text == "." and before.kind == "sign"
        is_part = token.kind != "sign" or token.text not in (")", "]", ",", ".")
        parts += is_part and not after_dot
        if parts > MOST_PARTS:
            said = message("the expression has more than {most:count} values, names and signs", most=MOST_PARTS)
            help = message("split it: several rules, or a list with in")
            mistakes.add("expression-too-many-parts", said, (token.start, tokens[-1].end), help=help)
            mistakes.raise_if_any()


class _Order:
    """Whether each token may follow those before it. What passes is an expression of the grammar."""

    def __init__(self, tokens: list[Token], length: int, mistakes: Mistakes) -> None:
        self._tokens = tokens
        self._length = length
        self._mistakes = mistakes
        self._open: list[Token] = []
        # Signs before a value that is still to come, per open bracket: they are nested like brackets.
        self._pending = [0]
        self._nested = 0
        self._dots = 0

    def check(self) -> None:
        """Adds the first mistake; what comes after it means nothing."""
        wants_value = True
        for number, token in enumerate(self._tokens):
            before = self._tokens[number - 1] if number else None
            after = self._tokens[number + 1] if number + 1 < len(self._tokens) else None
            wants = self._after_value(token, before, after) if not wants_value else self._value(token, before)
            if wants is None:
                return
            wants_value = wants
            if self._nested > DEEPEST:
                said = message("the expression is nested more than {most:count} levels deep", most=DEEPEST)
                self._add(said, token, code="expression-too-deep")
                return
            if self._dots > MOST_DOTS:
                self._add(message("a name has at most {most:count} dots", most=MOST_DOTS), token)
                return
        if wants_value:
            said = message("a value is missing at the end")
            self._mistakes.add("expression-syntax", said, (self._tokens[-1].end, self._length))
        elif self._open:
            self._add(message("the bracket {sign} is not closed", sign=self._open[-1].text), self._open[-1])

    def _value(self, token: Token, before: Token | None) -> bool | None:
        """Where a value is wanted: whether one still is after this token; None for a mistake."""
        if token.kind in ("number", "text", "name"):
            # What follows a dot belongs to the name before it.
            if before is None or before.text != ".":
                self._end_value()
                self._dots = 0
            return False
        if token.text in ("(", "["):
            self._open_bracket(token)
            return True
        if token.text in ("-", "+"):
            return self._sign()
        if token.text == "not":
            if before is None or before.text in ("(", "[", ",", "and", "or", "not"):
                return self._sign()
            self._add(message("not cannot stand here"), token, help=message("put it in brackets: (not ...)"))
            return None
        if token.text in _CLOSES and before is not None and before.text in ("(", "[", ","):
            return self._close(token)
        said = message("a value is missing before {sign}", sign=token.text)
        again = before is not None and before.text in ("and", "or", "not") and token.text in _COMPARATORS
        help = message("say again what is compared, or write a chain: 1 < width < 2") if again else None
        self._add(said, token, help=help)
        return None

    def _after_value(self, token: Token, before: Token | None, after: Token | None) -> bool | None:
        assert before is not None
        if token.kind in ("number", "text", "name"):
            help = message("is a comma or a sign missing between them?")
            if before.kind == "name" and token.kind == "name":
                help = message("put texts of several words in quotes; combine conditions with and, or")
            self._mistakes.add(
                "expression-syntax", message("two values stand side by side"), (before.start, token.end), help=help
            )
            return None
        if token.text == "not":
            if after is not None and after.text == "in":
                return False
            self._add(message("not cannot stand here"), token, help=message("write: not in, or: and not"))
            return None
        if token.text == "(":
            if before.kind != "name":
                self._add(message("only functions have brackets after them"), token)
                return None
            self._open_bracket(token)
            return True
        if token.text == "[":
            said = message("nothing can be picked out by [ ]")
            self._add(said, token, help=message("a list stands after in, or among the arguments of a function"))
            return None
        if token.text == ".":
            if before.kind == "name" and after is not None and after.kind == "name" and after.text not in _TRUTHS:
                self._dots += 1
                return True
            self._add(message("a dot stands only inside a name, such as dataset.n_train"), token)
            return None
        if token.text in _CLOSES:
            return self._close(token)
        if token.text == "," and not self._open:
            self._add(message("a comma stands only in brackets"), token)
            return None
        return True

    def _open_bracket(self, token: Token) -> None:
        self._open.append(token)
        self._pending.append(0)
        self._nested += 1

    def _sign(self) -> bool:
        self._pending[-1] += 1
        self._nested += 1
        return True

    def _end_value(self) -> None:
        self._nested -= self._pending[-1]
        self._pending[-1] = 0

    def _close(self, token: Token) -> bool | None:
        if not self._open:
            self._add(message("there is no open bracket that {sign} closes", sign=token.text), token)
            return None
        opened = self._open[-1]
        if opened.text != _CLOSES[token.text]:
            said = message("{sign} does not close the bracket {open}", sign=token.text, open=opened.text)
            self._add(said, token)
            return None
        self._open.pop()
        self._nested -= 1 + self._pending.pop()
        self._end_value()
        return False

    def _add(
        self, said: Message, token: Token, *, help: Message | None = None, code: str = "expression-syntax"
    ) -> None:
        self._mistakes.add(code, said, token.place, help=help)
