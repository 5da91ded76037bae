"""The hooks of a plugin. They only register things; every plugin is loaded and called by itself.

A plugin is a module named by an entry point of the group `tagmetry`, with any of these functions marked by
`tagmetry.api.hookimpl`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pluggy

if TYPE_CHECKING:
    from tagmetry.feature import Feature
    from tagmetry.layout import Layout
    from tagmetry.policy.kinds.kind import Kind
    from tagmetry.reporter import Reporter
    from tagmetry.rule import Rule

GROUP: Final = "tagmetry"
hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


@dataclass(frozen=True, slots=True)
class PolicySource:
    """A policy that a plugin brings: its name (`namespace:name`) and YAML text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class VocabularySource:
    """A vocabulary file that a plugin brings: a name for messages and YAML text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class LocaleSource:
    """A gettext catalogue that a plugin brings for its own texts."""

    language: str
    po: bytes


@hookspec
def tagmetry_rules() -> "Iterable[Rule]":  # type: ignore[empty-body]
    """The rules of the plugin."""


@hookspec
def tagmetry_kinds() -> "Iterable[Kind]":  # type: ignore[empty-body]
    """Kinds from which policies make rules under `define`, named `namespace/kebab-case`."""


@hookspec
def tagmetry_features() -> "Iterable[Feature]":  # type: ignore[empty-body]
    """The features of the plugin, beyond those that its rules need."""


@hookspec
def tagmetry_layouts() -> "Iterable[Layout]":  # type: ignore[empty-body]
    """The layouts that the plugin can read."""


@hookspec
def tagmetry_reporters() -> "Iterable[Reporter]":  # type: ignore[empty-body]
    """The output formats of the plugin."""


@hookspec
def tagmetry_policies() -> Iterable[PolicySource]:  # type: ignore[empty-body]
    """Policies that others can extend by name."""


@hookspec
def tagmetry_vocabularies() -> Iterable[VocabularySource]:  # type: ignore[empty-body]
    """Tags that belong to groups, synonyms and the like."""


@hookspec
def tagmetry_locales() -> Iterable[LocaleSource]:  # type: ignore[empty-body]
    """Translations of the plugin's texts."""
