"""The known name that was probably meant."""

import unicodedata
from collections.abc import Iterable
from operator import itemgetter
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

CUT_OFF: Final = 0.8
"""Likeness from 0 to 1 below which nothing is suggested; Tagmetry's own choice, tried on its own names.

Jaro-Winkler sees a slip (`min_sdie` for `min`) and a shortened word, the ratio of sorted words another
order (`caption-missing` for `missing-caption`); one of them has to reach it."""

LONGEST: Final = 100
"""Characters of a name for which a suggestion is looked for at all."""


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """The known name nearest to `name`, or None if none is near.

    Case, full-width forms, and `-`, `_` or a space between words make no difference. Where nothing is near
    enough, the only known name that shares all words of the other is taken (`imbalance` for
    `concept-imbalance`). Of equally near names the first in alphabetical order is taken.
    """
    if len(name) > LONGEST:
        return None
    names = sorted(set(known))
    likeness, nearest = max(((_likeness(name, each), each) for each in names), key=itemgetter(0), default=_NONE)
    if likeness[0] >= CUT_OFF:
        return nearest
    words = set(_plain(name).split())
    sharing = [candidate for candidate in names if _contain(words, set(_plain(candidate).split()))]
    return sharing[0] if len(sharing) == 1 else None


_NONE = ((0.0, 0.0), "")


def _likeness(name: str, candidate: str) -> tuple[float, float]:
    """The greater of the two figures, and that of the sorted words for where this one is (nearly) equal."""
    name_space, name_rest = _namespace(name)
    space, rest = _namespace(candidate)
    if name_space == space:
        # A common namespace alone makes no two names alike.
        name, candidate = name_rest, rest
    one, other = _plain(name), _plain(candidate)
    slip = JaroWinkler.similarity(one, other)
    order = fuzz.token_sort_ratio(one, other) / 100
    return round(max(slip, order), 2), order


def _namespace(name: str) -> tuple[str, str]:
    """`acme/` of `acme/min-side` (a rule), `acme:` of `acme:house` (a policy), and the rest."""
    end = max(name.rfind("/"), name.rfind(":")) + 1
    return name[:end], name[end:]


def _contain(one: set[str], other: set[str]) -> bool:
    return bool(one and other) and (one <= other or other <= one)


def _plain(name: str) -> str:
    """In one case and width, with spaces between the words."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(text.replace("-", " ").replace("_", " ").replace("/", " ").split())
