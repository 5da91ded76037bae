"""The vocabulary of a run: what plugins bring, patched by the policy."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from tagmetry.hookspecs import VocabularySource
from tagmetry.policy.model import Policy
from tagmetry.policy.yaml_reader import read_data
from tagmetry.text.normal_form import normal_form
from tagmetry.vocabulary import Path, Vocabulary, VocabularyError, tags_of_text

if TYPE_CHECKING:
    from tagmetry.plugins import Plugins


def plugin_vocabulary(plugins: "Plugins") -> Vocabulary:
    """All vocabulary files of the loaded plugins as one."""
    return vocabulary_of(plugins.vocabularies)


@lru_cache(maxsize=8)
def vocabulary_of(sources: tuple[VocabularySource, ...]) -> Vocabulary:
    """Vocabulary files as one. Raises PolicyError or VocabularyError naming the file.

    Remembered, since loading a plugin with a vocabulary and the run after it ask for the same.
    """
    return Vocabulary.merged(*(_read(source) for source in sources))


@lru_cache(maxsize=64)
def _read(source: VocabularySource) -> Vocabulary:
    return Vocabulary.from_data(read_data(source.text, file=source.name), source.name)


def effective_vocabulary(plugins: "Plugins", policy: Policy) -> Vocabulary:
    vocabulary = plugin_vocabulary(plugins)
    for origin, patch in policy.vocabulary_patches():
        vocabulary = vocabulary.patched(patch, origin)
    return vocabulary


MOST_ERRORS: Final = 20
"""Mistakes that one patch is searched for; each one means to patch the whole vocabulary once more."""


def checked_patch(
    patch: dict[str, Any],
    refused: Iterable[Path],
    before: Vocabulary,
    origin: str,
    tell: Callable[[Path, VocabularyError], None],
) -> Mapping[str, Any]:
    """What is right with a policy's patch of a vocabulary; empty if even that cannot be applied.

    `refused` are places that are known to be wrong already. `tell` is called for every other mistake with its
    place in the patch as it was written.
    """
    left = _Reduced(patch)
    # From the back, so that the places in lists keep their meaning.
    for path in sorted(refused, key=_from_the_front, reverse=True):
        left.take_out(path)
    told: set[tuple[Path, str]] = set()
    for _ in range(MOST_ERRORS):
        try:
            before.patched(left.data, origin)
        except VocabularyError as error:
            written = left.written(error.path)
            mistake = (written, str(error.text.template))
            if mistake not in told:
                told.add(mistake)
                tell(written, error)
            if not left.take_out(error.path):
                break
        else:
            return left.data
    return {}


def _from_the_front(path: Path) -> tuple[tuple[int, str], ...]:
    return tuple((part, "") if isinstance(part, int) else (-1, part) for part in path)


class _Reduced:
    """A patch out of which is taken what is wrong, so that the next mistake shows."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self._gone: dict[Path, list[int]] = {}

    def written(self, path: Path) -> Path:
        """A path in what is left as a path in what was written: keys in their spelling, places as they were."""
        found: Path = ()
        for key in self._keys(path):
            if isinstance(key, int):
                for gone in self._gone.get(found, ()):
                    key += gone <= key
            found = (*found, key)
        return found

    def take_out(self, path: Path) -> bool:
        """Take out what a path leads to, or the part around it; false if there is nothing."""
        keys = self._keys(path)
        if not keys:
            return False
        around: Any = self.data
        for key in keys[:-1]:
            around = around[key]
        last = keys[-1]
        if isinstance(last, int):
            *outer, place = self.written(tuple(keys))
            gone = self._gone.setdefault(tuple(outer), [])
            gone.append(int(place))
            gone.sort()
        if keys[0] == "groups" and len(keys) == 2 and around[last]:
            # Roles may speak of the group, and that is no mistake of theirs.
            around[last] = []
        else:
            del around[last]
        return True

    def _keys(self, path: Path) -> list[str | int]:
        """As many steps of a path as there are, each as the key or index that it means."""
        found: list[str | int] = []
        place: Any = self.data
        for part in path:
            key = _key_of(place, part)
            if key is None:
                break
            found.append(key)
            place = place[key]
        return found


def _key_of(place: Any, part: str | int) -> str | int | None:
    """The key or index in a mapping or list that a part of a path means; tags are told in their normal form."""
    if isinstance(place, list) and isinstance(part, int):
        return part if part < len(place) else None
    if not isinstance(place, dict) or not isinstance(part, str):
        return None
    if part in place:
        return part
    return next((key for key in place if part in map(normal_form, tags_of_text(key))), None)
