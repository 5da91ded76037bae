"""The built-in policies and the tag vocabulary. This module is their plugin."""

from importlib import resources

from tagmetry.hookspecs import PolicySource, VocabularySource, hookimpl
from tagmetry.policies import vocabulary


@hookimpl
def tagmetry_policies() -> tuple[PolicySource, ...]:
    """Every YAML file beside this module, named `tagmetry:` and the file's stem."""
    folder = resources.files(__name__)
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda entry: entry.name)
    return tuple(
        PolicySource(f"tagmetry:{entry.name.removesuffix('.yaml')}", entry.read_text(encoding="utf-8"))
        for entry in files
    )


@hookimpl
def tagmetry_vocabularies() -> tuple[VocabularySource, ...]:
    return tuple(VocabularySource(f"vocabulary/{name}", text) for name, text in vocabulary.sources())
