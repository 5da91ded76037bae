"""The effective policy: what every rule, the profile, the vocabulary, the plan and the gate were told, and by whom."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any, Final, Literal

from tagmetry.feature import Feature
from tagmetry.finding import Severity
from tagmetry.messages import Message
from tagmetry.options import Option, built, options_of
from tagmetry.plan.conditions import Conditions
from tagmetry.plan.options import BalanceOptions
from tagmetry.playbooks import Playbook, merged
from tagmetry.policy.match import Match
from tagmetry.policy.notices import Notice, told_once
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
class Tolerance:
    """How many of the judged subjects may fail before the gate counts them: a count, or a share of all."""

    count: int | None = None
    share: float | None = None

    def allows(self, n_failing: int, n_judged: int) -> bool:
        if self.count is not None:
            return n_failing <= self.count
        # Divided, since 0.29 * 100 is less than 29.
        return self.share is not None and n_judged > 0 and n_failing / n_judged <= self.share

    def as_data(self) -> int | str:
        """As in a policy file: a count, or a share in percent."""
        if self.count is not None:
            return self.count
        return f"{round((self.share or 0) * 100, 6):g}%"


@dataclass(frozen=True, slots=True)
class RulePatch:
    """What one place of one layer says about one rule. Values have the option's type, or are RESET or a ListPatch.

    A severity that is RESET takes the rule back to its own severity and its proposals. `where` and `when` hold a
    compiled `Expression` or RESET. `match` None means everything; an override has one.
    """

    rule: str
    severity: Told | None = None
    options: Mapping[str, Told] = field(default_factory=_nothing)
    because: str = ""
    where: Told | None = None
    when: Told | None = None
    match: Match | None = None
    place: str = ""
    tolerate: Told | None = None
    lock: Told | None = None

    @property
    def says_something(self) -> bool:
        """Whether anything is different with it."""
        return bool(self.options) or any(
            told is not None for told in (self.severity, self.tolerate, self.lock, self.where, self.when)
        )


@dataclass(frozen=True, slots=True)
class Lock:
    """Where a rule was locked, and the severity above which alone it may still be raised."""

    place: str
    severity: Severity

    def refuses(self, patch: RulePatch) -> str | None:
        """The first key of a later patch that a lock does not allow."""
        told = patch.severity
        if told is not None and (told.value is RESET or told.value <= self.severity):
            return "severity"
        if patch.options:
            return next(iter(patch.options))
        for key, other in (("tolerate", patch.tolerate), ("where", patch.where), ("when", patch.when)):
            if other is not None:
                return key
        return "lock" if patch.lock is not None and not patch.lock.value else None


@dataclass(frozen=True, slots=True)
class Standing:
    """What later patches of a rule have to reckon with: its severity where no override speaks, and its lock."""

    severity: Severity
    lock: Lock | None = None

    def after(self, patch: RulePatch, rule: Rule) -> "Standing":
        told = patch.severity
        level = self.severity if told is None else rule.severity if told.value is RESET else told.value
        lock = self.lock
        if lock is not None:
            lock = replace(lock, severity=max(lock.severity, level))
        elif patch.lock is not None and patch.lock.value:
            lock = Lock(patch.lock.place, level)
        return Standing(level if patch.match is None else self.severity, lock)


@dataclass(frozen=True, slots=True)
class Suppression:
    """Findings of a rule that are accepted for a reason. `match` None means all of them.

    `expires` is the last day on which they are accepted; `file` and `line` are where it stands, 0 without lines.
    With `different` the images of the match are different pictures, which no group of near-duplicates joins.
    """

    rule: str
    reason: str
    match: Match | None = None
    expires: date | None = None
    file: str = ""
    line: int = 0
    different: bool = False

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file

    def is_expired(self, today: date) -> bool:
        return self.expires is not None and self.expires < today


@dataclass(frozen=True, slots=True)
class Layer:
    """One policy file, built-in policy, or the command line. `vocabulary` is plain data, already checked.

    `rules` holds what is said of everything and then the overrides, in the order of application. `concepts` maps
    names to those fields of `DeclaredConcept` that the layer speaks of.
    """

    name: str
    source: str
    rules: tuple[RulePatch, ...] = ()
    profile: Mapping[str, Told] = field(default_factory=_nothing)
    concepts: Mapping[str, Mapping[str, Told]] = field(default_factory=_nothing)
    roles: Mapping[str, Told] = field(default_factory=_nothing)
    vocabulary: Mapping[str, Any] = field(default_factory=_nothing)
    balance: Mapping[str, Told] = field(default_factory=_nothing)
    balance_conditions: Mapping[str, Told] = field(default_factory=_nothing)
    risks: Mapping[tuple[str, str], Told] = field(default_factory=lambda: MappingProxyType({}))
    playbooks: tuple[Playbook, ...] = ()
    fail_on: Told | None = None
    defined: tuple[DefinedRule, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    notices: tuple[Notice, ...] = ()


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
    tolerate: Tolerance | None = None
    tolerate_place: str = ""

    @property
    def enabled(self) -> bool:
        return self.severity is not Severity.OFF


@dataclass(frozen=True, slots=True)
class RuleInParts:
    """A rule as this run calls it: `whole` where no override speaks, and what it is where some matches are met."""

    policy: "Policy"
    rule: Rule
    switched_off: bool = False
    """Left out by a flag, whatever the policy says."""

    @property
    def whole(self) -> EffectiveRule:
        return self.where(())

    @property
    def matches(self) -> tuple[Match, ...]:
        return self.policy.matches(self.rule)

    def where(self, met: Collection[Match]) -> EffectiveRule:
        settled = self.policy.rule(self.rule, met)
        return replace(settled, severity=Severity.OFF, severity_place="flag") if self.switched_off else settled

    @property
    def needs(self) -> tuple[Feature, ...]:
        """The features that the rule and all conditions of the policy for it read."""
        told = (one for patch in self.policy.patches(self.rule) for one in (patch.where, patch.when))
        conditions = [one.value.needs for one in told if one is not None and one.value is not RESET]
        return (*self.rule.needs, *(feature for needs in conditions for feature in needs))

    @property
    def enabled(self) -> bool:
        """Whether it may have to judge anything at all."""
        return self.whole.enabled or any(self.where({match}).enabled for match in self.matches)


@dataclass(frozen=True, slots=True)
class Policy:
    """Layers in the order of application; later ones win field by field."""

    name: str
    sources: tuple[str, ...]
    sha256: str
    layers: tuple[Layer, ...]

    def with_layer(self, layer: Layer) -> "Policy":
        return replace(self, layers=(*self.layers, layer))

    def patches(self, rule: Rule) -> tuple[RulePatch, ...]:
        """What the layers say about a rule, in the order of application."""
        named = (rule.id, *rule.aliases)
        return tuple(patch for layer in self.layers for patch in layer.rules if patch.rule in named)

    def rule(self, rule: Rule, met: Collection[Match] = ()) -> EffectiveRule:
        """The rule's severity and options with the origin of each, where the matches of `met` are met."""
        patches = [patch for patch in self.patches(rule) if patch.match is None or patch.match in met]
        known = options_of(rule.options)
        # What is still being tried has to be asked for.
        severity = own = Severity.OFF if rule.status == "preview" else None
        severity_place = ""
        for told in (patch.severity for patch in patches):
            if told is not None:
                severity, severity_place = (own, "") if told.value is RESET else (told.value, told.place)
        tolerate, tolerate_place = None, ""
        for told in (patch.tolerate for patch in patches):
            if told is not None:
                tolerate, tolerate_place = (None, "") if told.value is RESET else (told.value, told.place)
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
            tolerate,
            tolerate_place,
        )

    def standing(self, rule: Rule) -> Standing:
        """The rule's severity and lock after all layers."""
        standing = Standing(rule.severity)
        for patch in self.patches(rule):
            standing = standing.after(patch, rule)
        return standing

    @property
    def defined(self) -> tuple[DefinedRule, ...]:
        """The rules that the layers make without code."""
        return tuple(defined for layer in self.layers for defined in layer.defined)

    def rules(self, rules: Iterable[Rule]) -> tuple[EffectiveRule, ...]:
        return tuple(self.rule(rule) for rule in rules)

    def overrides(self) -> tuple[RulePatch, ...]:
        """The overrides of all layers in order, with what they still say.

        A later patch for everything replaces what an override before it said, or changes its list.
        """
        found: list[RulePatch] = []
        for patch in (patch for layer in self.layers for patch in layer.rules):
            if patch.match is not None:
                found.append(patch)
            else:
                found = [_overruled(one, patch) if one.rule == patch.rule else one for one in found]
        return tuple(patch for patch in found if patch.says_something)

    def matches(self, rule: Rule) -> tuple[Match, ...]:
        """The matches of the rule's overrides, each once, in the order in which they are first named."""
        return tuple(dict.fromkeys(patch.match for patch in self.patches(rule) if patch.match is not None))

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

    def balance_conditions(self) -> Conditions:
        """What the layers say of the plan in expressions; a later layer replaces a key as a whole."""
        return Conditions(**{key: told.value for key, told in self.balance_told().items()})

    def balance_told(self) -> dict[str, Told]:
        """`steps`, `never` and `tags_good` with their origins, those that a policy speaks of."""
        found: dict[str, Told] = {}
        for layer in self.layers:
            for key, told in layer.balance_conditions.items():
                if told.value is RESET:
                    found.pop(key, None)
                else:
                    found[key] = told
        return found

    def risks(self) -> dict[tuple[str, str], Told]:
        """The conditions of the levels of risk by (failure mode, level); each holds a compiled `Expression`."""
        found: dict[tuple[str, str], Told] = {}
        for layer in self.layers:
            for key, told in layer.risks.items():
                if told.value is RESET:
                    found.pop(key, None)
                else:
                    found[key] = told
        return found

    def playbooks(self) -> tuple[Playbook, ...]:
        """The playbooks of all layers in order; one of the same symptom takes the earlier one's place or adds to it."""
        return merged(book for layer in self.layers for book in layer.playbooks)

    def suppressions(self) -> tuple[Suppression, ...]:
        """What all layers accept, in their order."""
        return tuple(one for layer in self.layers for one in layer.suppressions)

    def notices(self) -> tuple[Message, ...]:
        """What the owners of the layers should know and nothing breaks for, each once."""
        return told_once(one for layer in self.layers for one in layer.notices)

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
    {
        "match": Setting(()),
        "trigger": Setting(None),
        "class_word": Setting(None),
        "core_tags": Setting(()),
        "expected_fusion": Setting(()),
    }
)


def _last(told: Iterable[Told | None]) -> Told | None:
    """The last one that says something; None where that takes everything back."""
    found = None
    for one in told:
        if one is not None:
            found = None if one.value is RESET else one
    return found


def _overruled(override: RulePatch, later: RulePatch) -> RulePatch:
    """What an override still says after a patch for everything."""
    options: dict[str, Told] = {}
    for name, told in override.options.items():
        new = later.options.get(name)
        if new is None or (isinstance(new.value, ListPatch) and not isinstance(told.value, tuple)):
            options[name] = told
        elif isinstance(new.value, ListPatch):
            options[name] = replace(told, value=new.value.applied(told.value))
    return replace(
        override,
        severity=override.severity if later.severity is None else None,
        tolerate=override.tolerate if later.tolerate is None else None,
        where=override.where if later.where is None else None,
        when=override.when if later.when is None else None,
        options=MappingProxyType(options),
    )


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
