"""The overview: saved reports of a team's datasets side by side, and each dataset from run to run."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from tagmetry.api import Context, File, Plural, Reporter, SavedRun, SavedRuns, Severity, Translator, msgid
from tagmetry.reporters.html.charts import Part, percent, severity_parts
from tagmetry.reporters.html.overview import VERDICTS
from tagmetry.reporters.html.page import LANGUAGE, Body
from tagmetry.reporters.html.templates import content_security_policy, environment
from tagmetry.reporters.html.wording import FAILURE_MODES, Mark, name_text, path_text, rule_title, severity_mark

MOST_RULES: Final = 40
NAMED_DATASETS: Final = 8
SPARK_WIDTH: Final = 96
SPARK_HEIGHT: Final = 24
SPARK_MARGIN: Final = 3
WORST_FIRST: Final = ("incomplete", "not-ready", "ready-with-warnings", "ready")
COUNTED: Final[Mapping[str, Plural]] = {
    "incomplete": Plural("{n:count} incomplete", "{n:count} incomplete"),
    "not-ready": Plural("{n:count} not ready", "{n:count} not ready"),
    "ready-with-warnings": Plural("{n:count} ready with warnings", "{n:count} ready with warnings"),
    "ready": Plural("{n:count} ready", "{n:count} ready"),
}

reporter = Reporter(
    "overview", doc="Saved reports of several datasets side by side, as one page; written by `tagmetry report --from`."
)


@reporter.render_saved
def render(saved: SavedRuns, options: Any, context: Context) -> Iterator[File]:
    speakers = (context.translator, *context.others())
    languages = [(say.language, say.text(LANGUAGE)) for say in speakers]
    bodies = [
        Body(say.language, _body(_view(saved, say) | {"language": say.language, "languages": languages}))
        for say in speakers
    ]
    page = environment().get_template("datasets.html")
    yield File(
        "",
        page.render(
            language=context.translator.language,
            title=context.translator.text(TITLE),
            csp=content_security_policy("style.css", "datasets.js"),
            body=bodies[0],
            others=bodies[1:],
        ).rstrip("\n")
        + "\n",
    )


TITLE: Final = msgid("Datasets side by side")


def _body(view: Mapping[str, Any]) -> Markup:
    # Made by our own template, in which everything is escaped.
    return Markup(environment().get_template("datasets_body.html").render(view))  # noqa: S704


@dataclass(frozen=True, slots=True)
class Heading:
    """A column. `sorts` is how it is sorted first, "" for not at all; `first` is its order in the page as it comes."""

    title: str
    number: bool = False
    sorts: str = ""
    first: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A cell that is a number: `value` is what it is sorted by, "" where there is none."""

    text: str
    value: str
    label: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Trend:
    """Errors and warnings of a dataset's runs as a small line; no `points` for a single run."""

    text: str
    value: str
    points: str = ""
    last_x: str = ""
    last_y: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A dataset by its last run. `place` sorts by name, `rank` by verdict."""

    name: str
    place: int
    anchor: str
    file: str
    mark: Mark
    rank: int
    risks: str
    figures: tuple[Figure, ...]
    judged: "Judged"
    trend: Trend


@dataclass(frozen=True, slots=True)
class RunLine:
    file: str
    mark: Mark
    note: str
    parts: tuple[Part, ...]
    errors: str
    warnings: str
    notes: str
    images: str
    new: str
    fixed: str


@dataclass(frozen=True, slots=True)
class Story:
    """A dataset with several runs."""

    name: str
    anchor: str
    summary: str
    runs: tuple[RunLine, ...]


@dataclass(frozen=True, slots=True)
class SharedRule:
    """A rule that finds something in the last run of at least one dataset; `mark` is its worst severity there."""

    id: str
    title: str
    mark: Mark
    datasets: str
    findings: str
    width: str
    names: tuple[str, ...]
    more: str


@dataclass(frozen=True, slots=True)
class _Dataset:
    name: str
    runs: tuple[SavedRun, ...]

    @property
    def last(self) -> SavedRun:
        return self.runs[-1]


def _datasets(runs: Sequence[SavedRun]) -> list[_Dataset]:
    """By name, their runs in the order in which they were named."""
    grouped: dict[str, list[SavedRun]] = defaultdict(list)
    for run in runs:
        grouped[run.dataset].append(run)
    found = [_Dataset(path_text(members[-1].root), tuple(members)) for members in grouped.values()]
    return sorted(found, key=lambda one: (one.name.casefold(), one.name, one.last.file))


def _view(saved: SavedRuns, say: Translator) -> dict[str, Any]:
    datasets = _datasets(saved.runs)
    rules = _shared_rules(datasets, saved.titles, say)
    headings = _headings(say)
    anchors = {id(one): f"dataset-{number}" for number, one in enumerate(datasets, 1) if len(one.runs) > 1}
    lines = [_line(one, place, anchors.get(id(one), ""), headings, say) for place, one in enumerate(datasets)]
    return {
        "_": say.text,
        "title": say.text(TITLE),
        "lead": _lead(datasets, saved.runs, say),
        "verdicts": _verdicts(datasets, say),
        "columns": headings,
        "datasets": sorted(lines, key=lambda line: (-line.rank, line.place)),
        "trends": [_story(one, anchors[id(one)], say) for one in datasets if id(one) in anchors],
        "rules": rules[:MOST_RULES],
        "rules_left": say.format("and {n:count} more", {"n": len(rules) - MOST_RULES})
        if len(rules) > MOST_RULES
        else "",
        "made_by": say.format(
            "Made by Tagmetry from saved reports; versions that wrote them: {versions}.",
            {"versions": ", ".join(sorted({name_text(run.version) for run in saved.runs}))},
        ),
    }


def _lead(datasets: Sequence[_Dataset], runs: Sequence[SavedRun], say: Translator) -> str:
    told = say.format(
        Plural("{n:count} dataset from {runs:count} reports.", "{n:count} datasets from {runs:count} reports."),
        {"n": len(datasets), "runs": len(runs)},
    )
    judged = {_judged(one.last) for one in datasets}
    if len(judged) == 1:
        return told
    return f"{told} {say.text('They were not all judged in the same way, which the column Judged as shows.')}"


@dataclass(frozen=True, slots=True)
class Count:
    look: str
    text: str


def _verdicts(datasets: Sequence[_Dataset], say: Translator) -> list[Count]:
    found = []
    for verdict in WORST_FIRST:
        n = sum(one.last.verdict == verdict for one in datasets)
        if n:
            found.append(Count(VERDICTS[verdict][0], say.format(COUNTED[verdict], {"n": n})))
    return found


def _headings(say: Translator) -> tuple[Heading, ...]:
    return (
        Heading(say.text("dataset"), sorts="rising"),
        Heading(say.text("verdict"), sorts="falling", first="descending"),
        *(
            Heading(text, number=True, sorts="falling")
            for text in (
                say.text("errors"),
                say.text("warnings"),
                say.text("notes"),
                say.text("images"),
                say.text("distinct"),
                say.text("concepts"),
                say.text("near-duplicates"),
                say.text("without caption"),
            )
        ),
        Heading(say.text("judged as")),
        Heading(say.text("since the run before"), sorts="falling"),
    )


def _line(one: _Dataset, place: int, anchor: str, headings: Sequence[Heading], say: Translator) -> Line:
    run = one.last
    look, word = VERDICTS[run.verdict]
    high = [
        say.text(FAILURE_MODES[mode][0])
        for mode, level in run.risks.items()
        if level == "high" and mode in FAILURE_MODES
    ]
    metrics = run.metrics
    values = (
        (run.errors, "count", "error" if run.errors else ""),
        (run.warnings, "count", "warning" if run.warnings else ""),
        (run.notes, "count", ""),
        (run.n_images, "count", ""),
        (metrics.get("effective_n"), "count", ""),
        (run.n_concepts, "count", ""),
        (metrics.get("near_duplicate_ratio"), "percent", ""),
        (metrics.get("caption_missing_ratio"), "percent", ""),
    )
    figures = tuple(
        Figure(
            "–" if value is None else say.value(value, kind), "" if value is None else f"{value:g}", head.title, tint
        )
        for (value, kind, tint), head in zip(values, headings[2:], strict=False)
    )
    return Line(
        name=one.name,
        place=place,
        anchor=anchor,
        file=path_text(run.file),
        mark=Mark(look, say.text(word)),
        rank=len(WORST_FIRST) - WORST_FIRST.index(run.verdict),
        risks=say.format("high risk: {modes}", {"modes": ", ".join(high)}) if high else "",
        figures=figures,
        judged=_judged(run),
        trend=_trend(one, say),
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """What decides which limits hold: base model and purpose, and the policy's name."""

    setting: str
    policy: str


def _judged(run: SavedRun) -> Judged:
    told = [name_text(run.profile[key]) for key in ("base_model", "purpose") if key in run.profile]
    return Judged(" · ".join(told), name_text(run.policy.removeprefix("tagmetry/")))


def _heavy(run: SavedRun) -> int:
    return run.errors + run.warnings


def _trend(one: _Dataset, say: Translator) -> Trend:
    changes = one.last.changes
    if changes is None:
        return Trend(say.text("one run"), "")
    counts = [_heavy(run) for run in one.runs]
    most = max(*counts, 1)
    wide, tall = SPARK_WIDTH - 2 * SPARK_MARGIN, SPARK_HEIGHT - 2 * SPARK_MARGIN
    points = [
        (f"{SPARK_MARGIN + wide * at / (len(counts) - 1):.1f}", f"{SPARK_MARGIN + tall * (1 - n / most):.1f}")
        for at, n in enumerate(counts)
    ]
    return Trend(
        text=_changed(changes.new, changes.fixed, say),
        value=str(changes.new - changes.fixed),
        points=" ".join(f"{x},{y}" for x, y in points),
        last_x=points[-1][0],
        last_y=points[-1][1],
    )


def _changed(new: int, fixed: int, say: Translator) -> str:
    return say.format("{new:count} new, {fixed:count} fixed", {"new": new, "fixed": fixed})


def _story(one: _Dataset, anchor: str, say: Translator) -> Story:
    first, last = one.runs[0], one.last
    most = max(*(run.errors + run.warnings + run.notes for run in one.runs), 1)
    return Story(
        name=one.name,
        anchor=anchor,
        summary=say.format(
            "{runs:count} runs: errors from {e0:count} to {e1:count}, warnings from {w0:count} to {w1:count}, "
            "images from {i0:count} to {i1:count}.",
            {
                "runs": len(one.runs),
                "e0": first.errors,
                "e1": last.errors,
                "w0": first.warnings,
                "w1": last.warnings,
                "i0": first.n_images,
                "i1": last.n_images,
            },
        ),
        runs=tuple(_run_line(run, most, say) for run in one.runs),
    )


def _run_line(run: SavedRun, most: int, say: Translator) -> RunLine:
    look, word = VERDICTS[run.verdict]
    changes = run.changes
    return RunLine(
        file=path_text(run.file),
        mark=Mark(look, say.text(word)),
        note=_run_note(run, say),
        parts=severity_parts(run.errors, run.warnings, run.notes, most),
        errors=say.value(run.errors, "count"),
        warnings=say.value(run.warnings, "count"),
        notes=say.value(run.notes, "count"),
        images=say.value(run.n_images, "count"),
        new="–" if changes is None else say.value(changes.new, "count"),
        fixed="–" if changes is None else say.value(changes.fixed, "count"),
    )


def _run_note(run: SavedRun, say: Translator) -> str:
    """What keeps a run from being compared with the one before it, in full."""
    changes = run.changes
    if changes is None:
        return ""
    notes = []
    if not changes.same_policy:
        notes.append(say.text("Judged by another policy than the run before."))
    if changes.gone:
        notes.append(
            say.format(
                Plural(
                    "{n:count} earlier finding is gone because its rule did not judge this time.",
                    "{n:count} earlier findings are gone because their rules did not judge this time.",
                ),
                {"n": changes.gone},
            )
        )
    return " ".join(notes)


def _shared_rules(datasets: Sequence[_Dataset], titles: Mapping[str, str], say: Translator) -> list[SharedRule]:
    found: dict[str, Counter[int]] = defaultdict(Counter)
    worst: dict[str, Severity] = {}
    for place, one in enumerate(datasets):
        for (rule, severity), n in one.last.rules.items():
            found[rule][place] += n
            worst[rule] = max(worst.get(rule, severity), severity)
    # Notes come last, however many datasets have them.
    order = sorted(
        found,
        key=lambda rule: (
            worst[rule] < Severity.WARNING,
            -len(found[rule]),
            -worst[rule],
            -found[rule].total(),
            rule,
        ),
    )
    return [_shared_rule(rule, found[rule], worst[rule], datasets, titles.get(rule, ""), say) for rule in order]


def _shared_rule(
    rule: str, found: Counter[int], worst: Severity, datasets: Sequence[_Dataset], title: str, say: Translator
) -> SharedRule:
    places = sorted(found, key=lambda place: (-found[place], place))
    left = len(places) - NAMED_DATASETS
    return SharedRule(
        id=name_text(rule),
        title=rule_title(title, say) if title else "",
        mark=severity_mark(worst, say),
        datasets=say.format("{n:count} of {total:count}", {"n": len(places), "total": len(datasets)}),
        findings=say.value(found.total(), "count"),
        width=percent(100 * len(places) / len(datasets)),
        names=tuple(datasets[place].name for place in places[:NAMED_DATASETS]),
        more=say.format("and {n:count} more", {"n": left}) if left > 0 else "",
    )
