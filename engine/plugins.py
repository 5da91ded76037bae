"""Finding and loading plugins: each by itself, so that a broken one is named and the others work."""

import importlib.metadata
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pluggy

from tagmetry import hookspecs
from tagmetry.feature import Feature
from tagmetry.hookspecs import GROUP, LocaleSource, PolicySource, VocabularySource
from tagmetry.layout import Layout
from tagmetry.report import PluginOutcome
from tagmetry.reporter import Reporter
from tagmetry.rule import Rule

OWN_DISTRIBUTION: Final = "tagmetry"
_OWN_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FOREIGN_ID = re.compile(r"[a-z0-9][a-z0-9._-]*/[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Plugins:
    """Everything that the loaded plugins registered, by name, and what became of each plugin."""

    rules: Mapping[str, Rule]
    features: Mapping[str, Feature]
    layouts: Mapping[str, Layout]
    reporters: Mapping[str, Reporter]
    policies: Mapping[str, PolicySource]
    vocabularies: tuple[VocabularySource, ...]
    locales: tuple[LocaleSource, ...]
    outcomes: tuple[PluginOutcome, ...]
    provider: Mapping[str, str] = field(default_factory=dict)
    """Rule id or reporter name -> the plugin that brought it."""

    @property
    def failed(self) -> tuple[PluginOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.outcome == "failed")


@dataclass(slots=True)
class _Registered:
    rules: dict[str, Rule] = field(default_factory=dict)
    features: dict[str, Feature] = field(default_factory=dict)
    layouts: dict[str, Layout] = field(default_factory=dict)
    reporters: dict[str, Reporter] = field(default_factory=dict)
    policies: dict[str, PolicySource] = field(default_factory=dict)
    vocabularies: list[VocabularySource] = field(default_factory=list)
    locales: list[LocaleSource] = field(default_factory=list)
    provider: dict[str, str] = field(default_factory=dict)


def load_plugins(*, foreign: bool = True) -> Plugins:
    """Load our own plugins and, unless `foreign` is false, those of other distributions, in order of names."""
    entries = sorted(_entry_points(), key=lambda entry: (entry[0] != OWN_DISTRIBUTION, entry[0], entry[2].name))
    registered = _Registered()
    outcomes: list[PluginOutcome] = []
    for distribution, version, entry in entries:
        own = distribution == OWN_DISTRIBUTION
        if not own and not foreign:
            continue
        try:
            parts = _called(entry.load(), entry.name)
            _check(parts, registered, own=own)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a plugin may even call sys.exit at import
            outcomes.append(PluginOutcome(entry.name, version, "failed", _reason(error)))
            continue
        _register(parts, registered, entry.name)
        outcomes.append(PluginOutcome(entry.name, version, "loaded"))
    return Plugins(
        rules=dict(sorted(registered.rules.items())),
        features=dict(sorted(registered.features.items())),
        layouts=dict(sorted(registered.layouts.items())),
        reporters=dict(sorted(registered.reporters.items())),
        policies=dict(sorted(registered.policies.items())),
        vocabularies=tuple(registered.vocabularies),
        locales=tuple(registered.locales),
        outcomes=tuple(outcomes),
        provider=registered.provider,
    )


def _entry_points() -> list[tuple[str, str, importlib.metadata.EntryPoint]]:
    found = {}
    for entry in importlib.metadata.entry_points(group=GROUP):
        distribution = entry.dist
        name = distribution.name if distribution is not None else "unknown"
        version = distribution.version if distribution is not None else ""
        # An editable install beside leftovers of an older one can list an entry point twice.
        found[(name, entry.name, entry.value)] = (name, version, entry)
    return list(found.values())


_HOOKS: Final[Mapping[str, type]] = {
    "tagmetry_rules": Rule,
    "tagmetry_features": Feature,
    "tagmetry_layouts": Layout,
    "tagmetry_reporters": Reporter,
    "tagmetry_policies": PolicySource,
    "tagmetry_vocabularies": VocabularySource,
    "tagmetry_locales": LocaleSource,
}


def _called(module: Any, name: str) -> dict[str, list[Any]]:
    """What a plugin's hooks return. A plugin manager of its own keeps one plugin's failure from the others."""
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    manager.register(module, name=name)
    manager.check_pending()
    parts: dict[str, list[Any]] = {}
    for hook, wanted in _HOOKS.items():
        results: Iterable[Iterable[Any]] = getattr(manager.hook, hook)()
        members = [member for result in results for member in result]
        for member in members:
            if not isinstance(member, wanted):
                raise TypeError(f"{hook} gave a {type(member).__name__}; it takes {wanted.__name__} objects")
        parts[hook] = members
    return parts


def _check(parts: Mapping[str, list[Any]], registered: _Registered, *, own: bool) -> None:
    form = _OWN_ID if own else _FOREIGN_ID
    for rule in parts["tagmetry_rules"]:
        if not form.fullmatch(rule.id):
            raise ValueError(f"rule id {rule.id!r}: a plugin's rule is named namespace/kebab-case-name")
        if rule.check is None:
            raise ValueError(f"rule {rule.id!r} has no check")
        if rule.id in registered.rules:
            raise ValueError(f"rule id {rule.id!r} is taken by {registered.provider[rule.id]}")
    for reporter in parts["tagmetry_reporters"]:
        if reporter.function is None:
            raise ValueError(f"reporter {reporter.name!r} has no render function")
        if reporter.name in registered.reporters:
            raise ValueError(f"reporter name {reporter.name!r} is taken by {registered.provider[reporter.name]}")
    for layout in parts["tagmetry_layouts"]:
        if layout.name in registered.layouts:
            raise ValueError(f"layout name {layout.name!r} is taken")
    for policy in parts["tagmetry_policies"]:
        if policy.name in registered.policies:
            raise ValueError(f"policy name {policy.name!r} is taken")
    for feature in _features(parts):
        if feature.function is None:
            raise ValueError(f"feature {feature.name!r} has no measure function")


def _features(parts: Mapping[str, list[Any]]) -> list[Feature]:
    needed = [feature for rule in parts["tagmetry_rules"] for feature in rule.needs]
    return [*parts["tagmetry_features"], *needed]


def _register(parts: Mapping[str, list[Any]], registered: _Registered, name: str) -> None:
    for rule in parts["tagmetry_rules"]:
        registered.rules[rule.id] = rule
        registered.provider[rule.id] = name
    for reporter in parts["tagmetry_reporters"]:
        registered.reporters[reporter.name] = reporter
        registered.provider[reporter.name] = name
    for layout in parts["tagmetry_layouts"]:
        registered.layouts[layout.name] = layout
    for policy in parts["tagmetry_policies"]:
        registered.policies[policy.name] = policy
    for feature in _features(parts):
        registered.features[feature.key] = feature
    registered.vocabularies.extend(parts["tagmetry_vocabularies"])
    registered.locales.extend(parts["tagmetry_locales"])


def _reason(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"it called sys.exit({error.code!r})"
    text = str(error).split("\n")[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
