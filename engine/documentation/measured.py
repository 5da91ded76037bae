"""The pages of figures, from the tables that benchmarks wrote: none is copied by hand."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tagmetry.documentation.performance import performance_page
from tagmetry.plugins import load_plugins
from tagmetry.rule import Rule

Row = Mapping[str, str]

_PICTURES = ("drawn", "photographs")
LEAST_PRECISION = 0.95
LEAST_RECALL = 0.90
"""What a rule that is no preview must reach on its own defect."""


def measured_pages(folder: Path) -> Mapping[str, str]:
    """The pages by their path below the docs, made from the tables in `folder`; none without tables."""
    pages = {}
    if (folder / "defects.csv").is_file():
        pages["measured/defects.md"] = defects_page(folder, load_plugins(foreign=False).rules)
    if performance := performance_page(folder):
        pages["performance.md"] = performance
    return pages


def table(path: Path) -> list[Row]:
    """The rows of a table by column; none where there is no such file."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def below_the_bar(rows: Iterable[Row], rules: Mapping[str, Rule]) -> list[str]:
    """The rules that a table shows to miss too much or to be wrong too often, and that are no preview."""
    return sorted(
        {
            row["rule"]
            for row in rows
            if (float(row["precision"]) < LEAST_PRECISION or float(row["recall"]) < LEAST_RECALL)
            and (rule := rules.get(row["rule"])) is not None
            and rule.status != "preview"
        }
    )


def defects_page(folder: Path, rules: Mapping[str, Rule]) -> str:
    """How well the rules find planted defects, as Markdown."""
    rows = table(folder / "defects.csv")
    parts = (
        _by_rule(rows, rules),
        _caption_defects(folder),
        _degradations(folder),
        _speed(folder),
        _not_planted(folder),
    )
    return "\n".join([*_INTRODUCTION, *(line for part in parts for line in part)])


_INTRODUCTION = (
    "<!-- This page is written from the tables beside it by `python3 dev.py docs`. -->",
    "",
    "# Planted defects",
    "",
    "What each rule finds, and what it finds that is not there. Clean sets of captioned pictures are spoilt with one",
    "defect at a time and audited with the recommended policy and default limits. The figures are those of",
    "`python tests/benchmarks/defects --write docs/measured --images PHOTOGRAPHS`.",
    "",
    "- **found**: planted defects that a finding of the rule names, out of those planted.",
    "- **right**: findings of the rule that name a planted defect, out of all that it says on these sets and on the",
    "  clean ones.",
    "- **clean**: alarms on clean sets, of so many of them.",
    "",
    "Drawn sets are of 32 pictures of a person and 12 of the class, put together by chance from 25 places, 20",
    "outfits, 10 faces and 5 distances, with captions that are true of them. Photographs are those of the DreamBooth",
    "set, 32 by chance in each set; only rules that look at pixels are measured on them. Limits were chosen on the",
    "seeds 0 to 9 and on every second photograph; published are the seeds 100 to 119 and the other photographs.",
    "`mixed-rendering`, `tonal-outlier` and `uneven-conditions` were found weak when these were measured first, mended",
    "on other seeds (0 to 39) and measured anew, so that their figures are less independent than the rest.",
    "",
    f"A rule that finds less than {LEAST_RECALL:.0%} of its own defects, or of whose findings less than",
    f"{LEAST_PRECISION:.0%} are right, is mended or marked as a preview. What this cannot show: whether real sets are",
    "spoilt in the same way. [Real sets](real-sets.md) are judged by hand.",
    "",
)


def _by_rule(rows: Sequence[Row], rules: Mapping[str, Rule]) -> Iterator[str]:
    for pictures in dict.fromkeys(row["pictures"] for row in rows):
        yield f"## {pictures.capitalize()}"
        yield ""
        yield "| rule | found | | right | | clean |"
        yield "|---|--:|--:|--:|--:|--:|"
        for row in rows:
            if row["pictures"] != pictures:
                continue
            rule = rules.get(row["rule"])
            preview = " (preview)" if rule is not None and rule.status == "preview" else ""
            told = int(row["findings"]) + int(row["clean_alarms"])
            yield (
                f"| [{row['rule']}](../rules/{row['rule']}.md){preview} | {row['named']} of {row['planted']} "
                f"| {_percent(row['recall'])} | {row['right']} of {told} | {_percent(row['precision'])} "
                f"| {row['clean_alarms']} in {row['clean_sets']} |"
            )
        yield ""


def _caption_defects(folder: Path) -> Iterator[str]:
    rows = table(folder / "caption-defects.csv")
    if not rows:
        return
    named = sum(row["named"] == row["sets"] for row in rows)
    alarms = sum({row["rule"]: int(row["clean_alarms"]) for row in rows}.values())
    yield "## Twenty caption defects"
    yield ""
    yield f"Of {len(rows)} defects that people run into with captions, {named} are named on every set, with {alarms}"
    yield "alarms of the same rules on clean sets. Two published linters of captions name seven and four of such a"
    yield "twenty, and alarm on clean sets."
    yield ""
    yield "| defect | named by | sets |"
    yield "|---|---|--:|"
    for row in rows:
        yield (f"| {row['defect']} | [{row['rule']}](../rules/{row['rule']}.md) | {row['named']} of {row['sets']} |")
    yield ""


def _degradations(folder: Path) -> Iterator[str]:
    rows = table(folder / "degradations.csv")
    if not rows:
        return
    yield "## Figures that follow quality"
    yield ""
    yield "Each picture is spoilt in steps. A figure follows if the last lies beyond the first and no step turns it"
    yield "back by more than a twentieth of the way."
    yield ""
    yield "| figure | degradation | steps | goes | drawn | photographs |"
    yield "|---|---|---|---|--:|--:|"
    by_kind: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        by_kind.setdefault((row["feature"], row["degradation"]), {})[row["pictures"]] = row
    for (feature, degradation), of in by_kind.items():
        first = next(iter(of.values()))
        counts = [f"{of[kind]['followed']} of {of[kind]['n']}" if kind in of else "" for kind in _PICTURES]
        yield f"| `{feature}` | {degradation} | {first['levels']} | {first['direction']} | {counts[0]} | {counts[1]} |"
    yield ""


def _speed(folder: Path) -> Iterator[str]:
    rows = table(folder / "speed.csv")
    if not rows:
        return
    yield "## Many captions"
    yield ""
    yield "Processor time of a run on so many caption files, from the folder to the report with all rules, in one"
    yield "process; the pictures were measured before."
    yield ""
    yield "| captions | seconds |"
    yield "|--:|--:|"
    for row in rows:
        yield f"| {int(row['captions']):,} | {row['seconds']} |"
    yield ""


def _not_planted(folder: Path) -> Iterator[str]:
    rows = table(folder / "defects-not-planted.csv")
    if not rows:
        return
    yield "## Not planted"
    yield ""
    yield "| rule | why |"
    yield "|---|---|"
    for row in rows:
        yield f"| [{row['rule']}](../rules/{row['rule']}.md) | {row['reason']} |"
    yield ""


def _percent(share: str) -> str:
    """Rounded down, so that 100 % means all."""
    return f"{int(float(share) * 1000) / 10:g} %"
