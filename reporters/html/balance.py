"""The balance plan: the path that was taken, what it would change, and why."""

from dataclasses import dataclass
from typing import Final

from tagmetry.api import ConceptPlan, Plan, Report, Translator, msgid
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


_WAYS: Final = {
    "hybrids": msgid("weak randomization"),
    "repeats": msgid("repeats"),
    "fractional-epochs": msgid("parts of a folder"),
    "tag-caps": msgid("caps on frequent tags"),
    "stratified": msgid("stratified drawing"),
    "image-weights": msgid("weights of images"),
    "curriculum": msgid("curriculum"),
}
_STATES: Final = {
    "taken": msgid("taken"),
    "offered": msgid("offered"),
    "not-needed": msgid("not needed"),
    "ruled-out": msgid("ruled out"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """A node of the flow: `asked` is false where an earlier answer made it idle; `not_taken` are the other branches."""

    question: str
    figures: str
    taken: str
    asked: bool
    not_taken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A way of balancing, its state in words and as a name, and why."""

    name: str
    state: str
    state_id: str
    why: str


@dataclass(frozen=True, slots=True)
class PictureRow:
    """A concept with copies: how often an epoch shows each different picture."""

    name: str
    images: str
    pictures: str
    before: str
    after: str


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
    steps: str
    pictures: tuple[PictureRow, ...]
    ways: tuple[Way, ...]
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
            Decision(
                question=sentence(step.question, say),
                figures=sentence(step.value, say),
                taken=sentence(step.taken, say),
                asked=step.asked,
                not_taken=tuple(sentence(branch, say) for branch in step.not_taken),
            )
            for step in plan.trace
        ),
        exposures=tuple(_exposure(one, largest, say) for one in plan.concepts[:MOST_CONCEPTS]),
        exposures_left=_left(len(plan.concepts) - MOST_CONCEPTS, say),
        steps=_steps(plan, say),
        pictures=tuple(_pictures(one, say) for one in plan.concepts[:MOST_CONCEPTS] if one.effective_n < one.n),
        ways=tuple(
            Way(say.text(_WAYS[one.id]), say.text(_STATES[one.state]), one.state, sentence(one.why, say))
            for one in plan.techniques
        ),
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


def _steps(plan: Plan, say: Translator) -> str:
    """Steps of an epoch before and after; "" for a plan that does not count them."""
    steps = plan.steps
    if steps is None:
        return ""
    values = {"before": steps.before, "after": steps.after, "batch": steps.batch_size}
    if steps.is_batch_size_known:
        return say.format("Steps per epoch: {before:count} → {after:count}, with a batch size of {batch:count}", values)
    return say.format(
        "Steps per epoch: {before:count} → {after:count}; no batch size is known, and {batch:count} is taken", values
    )


def _pictures(one: ConceptPlan, say: Translator) -> PictureRow:
    return PictureRow(
        name=name_text(one.name),
        images=say.value(one.n, "number"),
        pictures=say.value(one.effective_n, "number"),
        before=say.value(round(one.per_picture_before, 1), "number"),
        after=say.value(round(one.per_picture_after, 1), "number"),
    )


def _left(n: int, say: Translator) -> str:
    return say.format("and {n:count} more", {"n": n}) if n > 0 else ""


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
