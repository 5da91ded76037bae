"""What a value of an expression can be: a number, a text, true or false, one of a closed list, tags."""

from dataclasses import dataclass
from typing import Final, Literal

Sort = Literal["number", "text", "boolean", "enum", "tags"]


@dataclass(frozen=True, slots=True)
class Kind:
    """`choices` are all that a value of sort `enum` can be."""

    sort: Sort
    choices: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        return _WORDS[self.sort]

    @property
    def is_textual(self) -> bool:
        """Whether its values are stored as codes into texts."""
        return self.sort in ("text", "enum")


_WORDS: Final[dict[Sort, str]] = {
    "number": "a number",
    "text": "a text",
    "boolean": "true or false",
    "enum": "one of a closed list",
    "tags": "a list of tags",
}

NUMBER: Final = Kind("number")
TEXT: Final = Kind("text")
BOOLEAN: Final = Kind("boolean")
TAGS: Final = Kind("tags")


def enum(*choices: str) -> Kind:
    return Kind("enum", choices)
