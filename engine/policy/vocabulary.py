"""The vocabulary of a run: what plugins bring, patched by the policy."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tagmetry.hookspecs import VocabularySource
from tagmetry.policy.model import Policy
from tagmetry.policy.yaml_reader import read_yaml, to_data
from tagmetry.vocabulary import Vocabulary

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
    data: dict[str, Any] = to_data(read_yaml(source.text, file=source.name))
    return Vocabulary.from_data(data, source.name)


def effective_vocabulary(plugins: "Plugins", policy: Policy) -> Vocabulary:
    vocabulary = plugin_vocabulary(plugins)
    for origin, patch in policy.vocabulary_patches():
        vocabulary = vocabulary.patched(patch, origin)
    return vocabulary
