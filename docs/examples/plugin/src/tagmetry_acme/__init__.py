"""House rules of a studio. This module is the plugin: it hands over what Tagmetry shall know, and does nothing else."""

from importlib import resources

from tagmetry.api import Kind, LocaleSource, PolicySource, Reporter, Rule, VocabularySource, hookimpl
from tagmetry_acme import artist_tag, findings_csv, letterboxed_image, no_holdout, word_count


@hookimpl
def tagmetry_rules() -> tuple[Rule, ...]:
    """The features that the rules need come along with them."""
    return (artist_tag.rule, letterboxed_image.rule, no_holdout.rule)


@hookimpl
def tagmetry_kinds() -> tuple[Kind, ...]:
    return (word_count.kind,)


@hookimpl
def tagmetry_reporters() -> tuple[Reporter, ...]:
    return (findings_csv.reporter,)


@hookimpl
def tagmetry_policies() -> tuple[PolicySource, ...]:
    return (PolicySource("acme:house", _text("house.yaml")),)


@hookimpl
def tagmetry_vocabularies() -> tuple[VocabularySource, ...]:
    return (VocabularySource("acme/vocabulary.yaml", _text("vocabulary.yaml")),)


@hookimpl
def tagmetry_locales() -> tuple[LocaleSource, ...]:
    return (LocaleSource("ja", (resources.files(__name__) / "locale" / "ja.po").read_bytes()),)


def _text(name: str) -> str:
    return (resources.files(__name__) / name).read_text(encoding="utf-8")
