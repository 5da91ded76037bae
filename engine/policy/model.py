"""The effective policy: what every rule, the profile, the vocabulary, the plan and the gate were told, and by whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, Literal

from tagmetry.finding import Severity
from tagmetry.options import Option, built, options_of
from tagmetry.plan.options import BalanceOptions
from tagmetry.profile import DeclaredConcept, Origin, Profile, ProfileOptions, Setting
from tagmetry.rule import Rule

FailOn = Literal["error", "warning", "info", "never"]
FAIL_ON: Final = ("error", "warning", "info", "never")
DEFAULT_FAIL_ON: Final[FailOn] = "error"


@dataclass(frozen=True, slots=True)
class Told:
    """A value and who told it: `place` is `file:line`, the name of a built-in policy, or a flag."""

    value: Any
    place: str
    origin: Origin = "policy"


RESET: Final = object()
"""The value of a `Told` that takes an option back to its default (`null` in a policy)."""


@dataclass(frozen=True, slots=True)
class ListPatch:
    """`{add: [...], remove: [...]}` on a list."""

    add: tuple[Any, ...] = ()
    remove: tuple[Any, ...] = ()

    def applied(self, before: Iterable[Any]) -> tuple[Any, ...]:
        """What stands there stays in its order, what is added comes last, nothing twice."""
        kept = [member for member in before if member not in self.remove]
        return tuple(dict.fromkeys((*kept, *self.add)))


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class DefinedRule:
    """A rule that a policy makes without code. `written` is its definition as plain data, `source` the policy."""

    rule: Rule
    written: Mapping[str, Any]
    place: str
    source: str


@dataclass(frozen=True, slots=True)
class RulePatch:
    """What one place of one layer says about one rule. Values have the option's type, or are RESET or a ListPatch.

    A severity that is RESET takes the rule back to its own severity and its proposals. `where` and `when` hold a
    compiled `Expression` or RESET.
    """

    rule: str
    severity: Told | None = None
    options: Mapping[str, Told] = field(default_factory=_nothing)
    because: str = ""
    where: Told | None = None
    when: Told | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """One policy file, built-in policy, or the command line. `vocabulary` is plain data, already checked.

    `concepts` maps names to those fields of `DeclaredConcept` that the layer speaks of.
    """

    name: str
    source: str
    rules: tuple[RulePatch, ...] = ()
    profile: Mapping[str, Told] = field(default_factory=_nothing)
    concepts: Mapping[str, Mapping[str, Told]] = field(default_factory=_nothing)
    roles: Mapping[str, Told] = field(default_factory=_nothing)
    vocabulary: Mapping[str, Any] = field(default_factory=_nothing)
    balance: Mapping[str, Told] = field(default_factory=_nothing)
    fail_on: Told | None = None
    defined: tuple[DefinedRule, ...] = ()


@dataclass(frozen=True, slots=True)
class EffectiveRule:
    """A rule as this run calls it. `severity` None leaves the rule's own severity and its proposals.

    `origins` says for each option where its value comes from: a source label (`S0`, `tagmetry`, ...), a place
    in a policy, or a flag. `where` and `when` hold a compiled `Expression`: which images a rule of scope `each_sample`
    is given, and whether a rule is called at all.
    """

    rule: Rule
    severity: Severity | None
    severity_place: str
    options: Any
    origins: Mapping[str, str]
    where: Told | None = None
    when: Told | None = None

    @property
    def enabled(self) -> bool:
        return self.severity is not Severity.OFF


@dataclass(frozen=True, slots=True)
class Policy:
    """Layers in the order of application; later ones win field by field."""

    name: str
    sources: tuple[str, ...]
    sha256: str
    layers: tuple[Layer, ...]

    def with_layer(self, layer: Layer) -> "Policy":
        return replace(self, layers=(*self.layers, layer))

    def rule(self, rule: Rule) -> EffectiveRule:
        """The rule's severity and options with the origin of each."""
        patches = [patch for layer in self.layers for patch in layer.rules if patch.rule in (rule.id, *rule.aliases)]
        known = options_of(rule.options)
        # What is still being tried has to be asked for.
        severity = own = Severity.OFF if rule.status == "preview" else None
        severity_place = ""
        for told in (patch.severity for patch in patches):
            if told is not None:
                severity, severity_place = (own, "") if told.value is RESET else (told.value, told.place)
        settings = _settled(known, (patch.options for patch in patches))
        origins = {name: setting.place or rule.source_of(known[name]) for name, setting in settings.items()}
        return EffectiveRule(
            rule,
            severity,
            severity_place,
            built(rule.options, {name: setting.value for name, setting in settings.items()}),
            MappingProxyType(origins),
            _last(patch.where for patch in patches),
            _last(patch.when for patch in patches),
        )

    @property
    def defined(self) -> tuple[DefinedRule, ...]:
        """The rules that the layers make without code."""
        return tuple(defined for layer in self.layers for defined in layer.defined)

    def rules(self, rules: Iterable[Rule]) -> tuple[EffectiveRule, ...]:
        return tuple(self.rule(rule) for rule in rules)

    def profile(self) -> Profile:
        """What the layers say; inference fills the rest later."""
        concepts = {
            name: DeclaredConcept(name, **{key: setting.value for key, setting in settings.items()})
            for name, settings in self.concepts().items()
        }
        roles = {role: setting.value for role, setting in self.roles().items() if setting.value}
        settings = _settled(options_of(ProfileOptions), (layer.profile for layer in self.layers))
        return Profile(MappingProxyType(settings), tuple(concepts.values()), MappingProxyType(roles))

    def concepts(self) -> dict[str, dict[str, Setting]]:
        """The declared concepts, in the order in which they were first named: field -> value with its origin."""
        found: dict[str, dict[str, Setting]] = {}
        for layer in self.layers:
            for name, told in layer.concepts.items():
                fields = found.setdefault(name, dict(_CONCEPT_FIELDS))
                for key, one in told.items():
                    fields[key] = _patched(fields[key], one, _CONCEPT_FIELDS[key].value)
        return found

    def roles(self) -> dict[str, Setting]:
        """The path patterns of the roles that the layers speak of."""
        found: dict[str, Setting] = {}
        for layer in self.layers:
            for role, told in layer.roles.items():
                found[role] = _patched(found.get(role, Setting(())), told, ())
        return found

    def balance(self) -> BalanceOptions:
        return BalanceOptions(**{name: setting.value for name, setting in self.balance_settings().items()})

    def balance_settings(self) -> dict[str, Setting]:
        """The figures of the balance plan with their origins; `place` is empty for a default."""
        return _settled(options_of(BalanceOptions), (layer.balance for layer in self.layers))

    def vocabulary_patches(self) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """(who, patch) in the order of application."""
        return tuple((layer.source, layer.vocabulary) for layer in self.layers if layer.vocabulary)

    @property
    def fail_on(self) -> FailOn:
        chosen: FailOn = self.gate().value
        return chosen

    def gate(self) -> Setting:
        """The severity that `fail_on` names, with its origin."""
        chosen = Setting(DEFAULT_FAIL_ON)
        for layer in self.layers:
            if layer.fail_on is not None:
                chosen = _patched(chosen, layer.fail_on, DEFAULT_FAIL_ON)
        return chosen


_CONCEPT_FIELDS: Final[Mapping[str, Setting]] = MappingProxyType(
    {"match": Setting(()), "trigger": Setting(None), "class_word": Setting(None), "core_tags": Setting(())}
)


def _last(told: Iterable[Told | None]) -> Told | None:
    """The last one that says something; None where that takes everything back."""
    found = None
    for one in told:
        if one is not None:
            found = None if one.value is RESET else one
    return found


def _settled(known: Mapping[str, Option], layers: Iterable[Mapping[str, Told]]) -> dict[str, Setting]:
    """Each option's default, replaced by what the layers tell, one after the other."""
    found = {name: Setting(option.default) for name, option in known.items()}
    for layer in layers:
        for name, told in layer.items():
            found[name] = _patched(found[name], told, known[name].default)
    return found


def _patched(before: Setting, told: Told, default: Any) -> Setting:
    if told.value is RESET:
        return Setting(default)
    if isinstance(told.value, ListPatch):
        return Setting(told.value.applied(before.value or ()), told.origin, told.place)
    return Setting(told.value, told.origin, told.place)
