"""The vocabulary of a run: what plugins bring, patched by the policy."""

from typing import Any

from tagmetry.plugins import Plugins
from tagmetry.policy.model import Policy
from tagmetry.policy.yaml_reader import read_yaml, to_data
from tagmetry.vocabulary import Vocabulary


def plugin_vocabulary(plugins: Plugins) -> Vocabulary:
    """All vocabulary files of the loaded plugins as one. Raises PolicyError or VocabularyError naming the file."""
    parts = []
    for source in plugins.vocabularies:
        data: dict[str, Any] = to_data(read_yaml(source.text, file=source.name))
        parts.append(Vocabulary.from_data(data, source.name))
    return Vocabulary.merged(*parts)


def effective_vocabulary(plugins: Plugins, policy: Policy) -> Vocabulary:
    vocabulary = plugin_vocabulary(plugins)
    for origin, patch in policy.vocabulary_patches():
        vocabulary = vocabulary.patched(patch, origin)
    return vocabulary
