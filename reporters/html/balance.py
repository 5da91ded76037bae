"""The balance plan: the path that was taken, what it would change, and why."""

from dataclasses import dataclass
from typing import Final

from tagmetry.api import ConceptPlan, Plan, Plural, Report, Translator
from tagmetry.reporters.html.charts import percent
from tagmetry.reporters.html.wording import name_text, role, sentence

MOST_CONCEPTS: Final = 100
MOST_TAGS: Final = 40
MOST_WORDS: Final = 30

_TECHNIQUES: Final = {
    "none": "Nothing is balanced and nothing is randomized.",
    "weak-randomization": "No concept is balanced; captions are varied lightly while training.",
    "repeats": "Concepts are brought nearer to each other by repeats.",
}


@dataclass(frozen=True, slots=True)
class Decision:
    question: str
    figures: str
    taken: str


@dataclass(frozen=True, slots=True)
class ExposureRow:
    """A concept before and after; the two bars share one scale. Exposures are draws per epoch."""

    name: str
    role: str
    images: str
    repeats_before: str
    repeats_after: str
    before: str
    after: str
    before_width: str
    after_width: str
    residual: str
    changed: bool


@dataclass(frozen=True, slots=True)
class SettingRow:
    name: str
    value: str
    why: str


@dataclass(frozen=True, slots=True)
class TagCap:
    tag: str
    concept: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Balance:
    summary: str
    note: str
    decisions: tuple[Decision, ...]
    exposures: tuple[ExposureRow, ...]
    exposures_left: str
    settings: tuple[SettingRow, ...]
    advice: tuple[str, ...]
    tags: tuple[TagCap, ...]
    tags_left: str
    protected: tuple[str, ...]
    protected_left: str


def balance(report: Report, say: Translator) -> Balance:
    plan = report.plan
    largest = max((max(one.exposure_before, one.exposure_after) for one in plan.concepts), default=0)
    return Balance(
        summary=say.text(_TECHNIQUES.get(plan.technique, plan.technique)),
        note=say.text("The trainer configurations of this run follow this plan; the dataset itself is unchanged.")
        if plan.applied
        else say.text(
            "A proposal: nothing has been changed. It takes effect only in a trainer configuration asked for."
        ),
        decisions=tuple(
            Decision(sentence(step.question, say), sentence(step.value, say), sentence(step.taken, say))
            for step in plan.trace
        ),
        exposures=tuple(_exposure(one, largest, say) for one in plan.concepts[:MOST_CONCEPTS]),
        exposures_left=_left(len(plan.concepts) - MOST_CONCEPTS, say),
        settings=_settings(plan, say),
        advice=tuple(sentence(text, say) for text in plan.advice),
        tags=tuple(
            TagCap(
                tag=name_text(one.tag),
                concept=name_text(one.concept),
                before=say.value(one.share_before, "percent"),
                after=say.value(one.share_after, "percent"),
            )
            for one in plan.tags[:MOST_TAGS]
        ),
        tags_left=_left(len(plan.tags) - MOST_TAGS, say),
        protected=tuple(name_text(word) for word in plan.protected[:MOST_WORDS]),
        protected_left=_left(len(plan.protected) - MOST_WORDS, say),
    )


def _left(n: int, say: Translator) -> str:
    return say.format(Plural("and {n:count} more", "and {n:count} more"), {"n": n}) if n > 0 else ""


def _exposure(one: ConceptPlan, largest: float, say: Translator) -> ExposureRow:
    def width(exposure: float) -> str:
        return percent(100 * exposure / largest) if largest > 0 else percent(0)

    def number(value: float) -> str:
        return say.value(round(value, 2), "number")

    return ExposureRow(
        name=name_text(one.name),
        role=role(one.role, say),
        images=number(one.n),
        repeats_before=number(one.repeats_before),
        repeats_after=number(one.repeats_after),
        before=number(one.exposure_before),
        after=number(one.exposure_after),
        before_width=width(one.exposure_before),
        after_width=width(one.exposure_after),
        residual=_residual(one.residual, say),
        changed=one.exposure_before != one.exposure_after,
    )


def _residual(residual: float, say: Translator) -> str:
    """How far whole repeats miss the wanted exposure; nothing where they hit it."""
    if abs(residual) < 0.0005:
        return ""
    share = say.value(abs(residual), "percent")
    if residual > 0:
        return say.format("{share} above what is wanted", {"share": share})
    return say.format("{share} below what is wanted", {"share": share})


def _settings(plan: Plan, say: Translator) -> tuple[SettingRow, ...]:
    rows = []
    for name, value in plan.settings.items():
        why = plan.settings_why.get(name)
        rows.append(SettingRow(name, _value(value), "" if why is None else sentence(why, say)))
    return tuple(rows)


def _value(value: object) -> str:
    """As a trainer's configuration writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return name_text(str(value))
