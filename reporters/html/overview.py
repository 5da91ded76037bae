"""The first section: can I train on this, what to do next, and what was read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from tagmetry.api import ConceptSummary, Plural, Report, Setting, Severity, Translator, msgid
from tagmetry.reporters.html.charts import Part, severity_parts
from tagmetry.reporters.html.findings import Card
from tagmetry.reporters.html.wording import (
    COUNTED,
    ROLES,
    counted,
    figure,
    name_text,
    role,
    sentence,
    setting_origin,
    severity_mark,
)

MOST_STEPS: Final = 5
OPEN_CONCEPTS: Final = 20

VERDICTS: Final = {
    "ready": ("good", msgid("Ready to train")),
    "ready-with-warnings": ("warning", msgid("Ready, with warnings")),
    "not-ready": ("error", msgid("Not ready to train")),
    "incomplete": ("error", msgid("Incomplete review")),
}


@dataclass(frozen=True, slots=True)
class Count:
    """How many findings of a severity there are, and the first card of them."""

    look: str
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Step:
    look: str
    action: str
    about: str
    more: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ConceptRow:
    name: str
    role: str
    images: str
    distinct: str
    repeats: str
    exposure: str
    trigger: str
    trigger_note: str
    class_word: str


@dataclass(frozen=True, slots=True)
class Overview:
    look: str
    verdict: str
    meaning: str
    failures: tuple[str, ...]
    strip: tuple[Part, ...]
    counts: tuple[Count, ...]
    suppressed: str
    steps_title: str
    steps: tuple[Step, ...]
    steps_left: str
    figures: tuple[Fact, ...]
    account: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    concepts: tuple[ConceptRow, ...]
    folded: tuple[ConceptRow, ...]
    folded_title: str


def overview(report: Report, cards: Sequence[Card], say: Translator) -> Overview:
    look, verdict = VERDICTS[report.summary.verdict]
    steps = _steps(cards, say)
    grave = any(card.severity >= Severity.WARNING for card in cards)
    concepts = _concepts(report, say)
    left = _remaining(cards, grave=grave) - len(steps)
    return Overview(
        look=look,
        verdict=say.text(verdict),
        meaning=_meaning(report, say),
        failures=tuple(sentence(failure.text(), say) for failure in report.failures),
        strip=_strip(report),
        counts=_counts(report, cards, say),
        suppressed=say.format("{n:count} suppressed by the policy", {"n": report.summary.suppressed})
        if report.summary.suppressed
        else "",
        steps_title=say.text("Next steps") if grave else say.text("Worth a look"),
        steps=steps,
        steps_left=say.format(
            Plural("{n:count} more rule found something", "{n:count} more rules found something"), {"n": left}
        )
        if left > 0
        else "",
        figures=_figures(report, say),
        account=_account(report, say),
        facts=_facts(report, say),
        concepts=concepts[:OPEN_CONCEPTS],
        folded=concepts[OPEN_CONCEPTS:],
        folded_title=counted(
            Plural("{n:count} more concept", "{n:count} more concepts"), len(concepts) - OPEN_CONCEPTS, say
        ),
    )


def _meaning(report: Report, say: Translator) -> str:
    summary = report.summary
    if summary.verdict == "incomplete":
        return say.text("Something failed on the way, so this review says less than it should.")
    if summary.verdict == "not-ready":
        return say.format(
            Plural(
                "{n:count} error stands in the way. Mend it before a GPU is rented.",
                "{n:count} errors stand in the way. Mend them before a GPU is rented.",
            ),
            {"n": summary.error},
        )
    if summary.verdict == "ready-with-warnings":
        return say.text("The training will run. The result may suffer where the warnings point.")
    return say.text("No rule that could judge found anything in the way of training.")


def _strip(report: Report) -> tuple[Part, ...]:
    """Errors, warnings and notes as parts of one bar; none where nothing was found."""
    summary = report.summary
    return severity_parts(summary.error, summary.warning, summary.info, summary.error + summary.warning + summary.info)


def _counts(report: Report, cards: Sequence[Card], say: Translator) -> tuple[Count, ...]:
    summary = report.summary
    parts = (
        (Severity.ERROR, summary.error),
        (Severity.WARNING, summary.warning),
        (Severity.INFO, summary.info),
    )
    return tuple(
        Count(
            look=severity_mark(severity, say).look,
            text=counted(COUNTED[severity], n, say),
            anchor=next((card.anchor for card in cards if card.severity is severity), ""),
        )
        for severity, n in parts
    )


def _steps(cards: Sequence[Card], say: Translator) -> tuple[Step, ...]:
    """What to do next: the first remedy of each rule that found errors or warnings, else of those with notes."""
    grave = [card for card in cards if card.severity >= Severity.WARNING]
    steps = []
    for card in grave or cards:
        # A rule without remedies has its manual's advice.
        action = card.first_remedy or ("".join(span.text for span in card.advice[0]) if card.advice else "")
        if action:
            more = say.format("and {n:count} more of this kind", {"n": card.n - 1}) if card.n > 1 else ""
            steps.append(Step(card.mark.look, action, card.entries[0].message, more, card.anchor))
    return tuple(steps[:MOST_STEPS])


def _remaining(cards: Sequence[Card], *, grave: bool) -> int:
    return sum(1 for card in cards if not grave or card.severity >= Severity.WARNING)


def _figures(report: Report, say: Translator) -> tuple[Fact, ...]:
    dataset = report.dataset
    training = [concept for concept in dataset.concepts if concept.role == "train"]
    n_train = sum(concept.n for concept in training)
    distinct = sum(concept.effective_n for concept in training)
    figures = [_counted(n_train, Plural("training image", "training images"), say)]
    if distinct != n_train:
        figures.append(_counted(distinct, Plural("without look-alikes", "without look-alikes"), say))
    for name in ROLES:
        others = sum(concept.n for concept in dataset.concepts if concept.role == name)
        if name != "train" and others:
            words = say.format(Plural("{role} image", "{role} images"), {"n": others, "role": role(name, say)})
            figures.append(Fact(words, say.value(others, "count")))
    figures.append(_counted(dataset.n_captions, Plural("caption read", "captions read"), say))
    figures.append(_counted(len(training), Plural("training concept", "training concepts"), say))
    figures.append(
        _counted(round(sum(concept.exposure for concept in training)), Plural("draw per epoch", "draws per epoch"), say)
    )
    return tuple(figures)


def _counted(n: int, words: Plural, say: Translator) -> Fact:
    return Fact(name=say.format(words, {"n": n}), value=say.value(n, "count"))


def _account(report: Report, say: Translator) -> tuple[Fact, ...]:
    """Seen, and the three parts that add up to it."""
    files = report.dataset.files
    parts = (
        (say.text("files seen"), files.seen),
        (say.text("images audited"), files.audited_images),
        (say.text("captions used"), files.used_captions),
        (say.text("explained: left out or reported"), files.explained),
    )
    return tuple(Fact(name, say.value(n, "count")) for name, n in parts)


_KEYS: Final = {
    "base_model": "base model",
    "purpose": "purpose",
    "trainer": "trainer",
    "caption_style": "caption style",
    "resolution": "training resolution",
    "batch_size": "batch size",
    "max_token_length": "token limit",
    "t5_max_token_length": "T5 token limit",
    "near_duplicate_likeness": "likeness of near-duplicates",
    "near_duplicate_least_structure": "least structure for comparing",
}
_FIRST_KEYS: Final = ("base_model", "purpose", "trainer", "caption_style", "resolution")


def _facts(report: Report, say: Translator) -> tuple[Fact, ...]:
    layout = Fact(say.text("layout"), name_text(report.dataset.layout), say.text("recognized by the folders"))
    return (layout, *(fact for fact in profile_facts(report, say, keys=_FIRST_KEYS)))


def profile_facts(report: Report, say: Translator, *, keys: Sequence[str] | None = None) -> tuple[Fact, ...]:
    """Settings of the profile with their origins; `keys` None means all."""
    profile = report.policy.profile
    found = []
    for key in profile if keys is None else keys:
        if key not in profile:
            continue
        setting = profile[key]
        value = _setting_value(key, setting, say)
        origin = (
            "" if setting.value in (None, "auto") else setting_origin(setting.origin, setting.basis, setting.place, say)
        )
        found.append(Fact(say.text(_KEYS.get(key, key)), value, origin))
    return tuple(found)


_UNITS: Final = {
    "resolution": "px",
    "max_token_length": "tokens",
    "t5_max_token_length": "tokens",
    "near_duplicate_likeness": "share",
}


def _setting_value(key: str, setting: Setting, say: Translator) -> str:
    if setting.value is None:
        return say.text("not set")
    if key == "caption_style" and setting.value == "auto":
        return say.text("not measured")
    if isinstance(setting.value, int | float) and key in _UNITS:
        return figure(setting.value, _UNITS[key], say)
    return name_text(str(setting.value))


def _concepts(report: Report, say: Translator) -> tuple[ConceptRow, ...]:
    """One row per concept. A basis that is the same as in the row above is not told again."""
    rows: list[ConceptRow] = []
    last = ""
    for concept in report.dataset.concepts:
        row = _concept(concept, say)
        again = row.trigger_note == last and concept.trigger_basis is not None
        last = row.trigger_note
        rows.append(replace(row, trigger_note=say.text("inferred as above")) if again else row)
    return tuple(rows)


def _concept(concept: ConceptSummary, say: Translator) -> ConceptRow:
    return ConceptRow(
        name=name_text(concept.name),
        role=role(concept.role, say),
        images=say.value(concept.n, "count"),
        distinct=say.value(concept.effective_n, "count"),
        repeats=say.value(round(concept.repeats, 2), "number"),
        exposure=say.value(round(concept.exposure, 2), "number"),
        trigger=name_text(concept.trigger or ""),
        trigger_note=setting_origin(concept.trigger_origin, concept.trigger_basis, "", say) if concept.trigger else "",
        class_word=name_text(concept.class_word or ""),
    )
