"""What is wrong with an expression, and where in its text."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tagmetry.errors import UsageError
from tagmetry.messages import Message, Plural, message

MOST_MISTAKES: Final = 20
"""Mistakes of one expression after which the rest of it is not looked at."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. `start` and `end` are offsets in characters of the expression's text, the end exclusive.

    `code` is stable across versions and languages. `suggestion` is the known name or value that was probably meant,
    None without one; `help` says it in words, or whatever else is the way out.
    """

    code: str
    text: Message
    start: int
    end: int
    help: Message | None = None
    suggestion: str | None = None


class ExpressionError(UsageError):
    """An expression that cannot be used, with everything that is wrong with it in the order of its text."""

    def __init__(self, expression: str, mistakes: Iterable[Mistake]) -> None:
        self.expression = expression
        self.mistakes = tuple(sorted(mistakes, key=lambda mistake: (mistake.start, mistake.end, mistake.code)))
        super().__init__(
            message(
                Plural("the expression has {n:count} mistake", "the expression has {n:count} mistakes"),
                n=len(self.mistakes),
            ),
            self.mistakes[0].help if len(self.mistakes) == 1 else None,
        )

    def __str__(self) -> str:
        return "\n".join(
            f"{mistake.start + 1}: {mistake.code}: {mistake.text.english()}"
            + (f" ({mistake.help.english()})" if mistake.help else "")
            for mistake in self.mistakes
        )


class Mistakes:
    """Collects what is wrong with one expression, so that one reading names all of it."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._found: list[Mistake] = []

    def __len__(self) -> int:
        return len(self._found)

    def add(
        self,
        code: str,
        text: Message,
        place: tuple[int, int],
        *,
        help: Message | None = None,
        suggestion: str | None = None,
    ) -> None:
        self.append(Mistake(code, text, *place, help=help, suggestion=suggestion))

    def append(self, mistake: Mistake) -> None:
        """Raises ExpressionError after so many that the expression is no expression at all."""
        # The middle of a chain is looked at from both sides.
        if mistake not in self._found:
            self._found.append(mistake)
        if len(self._found) >= MOST_MISTAKES:
            self.raise_if_any()

    def raise_if_any(self) -> None:
        """Raises ExpressionError."""
        if self._found:
            raise ExpressionError(self._expression, self._found)
