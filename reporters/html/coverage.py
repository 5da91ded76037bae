"""What the captions of each concept say of each attribute, and what they never say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tagmetry.api import CoverageRow, Report, Translator, msgid, visible
from tagmetry.reporters.html.charts import share_width
from tagmetry.reporters.html.images import images_link, searched
from tagmetry.reporters.html.wording import name_text

MOST_CONCEPTS: Final = 20
OPEN_CONCEPTS: Final = 2
SHOWN_VALUES: Final = 5
SHOWN_NEVER: Final = 5

ATTRIBUTE_NAMES: Final[Mapping[str, str]] = {
    "background": msgid("background"),
    "lighting": msgid("lighting"),
    "time": msgid("time of day"),
    "weather": msgid("weather"),
    "season": msgid("season"),
    "viewpoint": msgid("viewpoint"),
    "framing": msgid("framing"),
    "pose": msgid("pose"),
    "expression": msgid("expression"),
    "hair": msgid("hair"),
    "hair_colour": msgid("hair colour"),
    "hair_style": msgid("hair style"),
    "eye_colour": msgid("eye colour"),
    "clothing": msgid("clothing"),
    "footwear": msgid("footwear"),
    "headwear": msgid("headwear"),
    "accessory": msgid("accessory"),
    "style": msgid("style"),
}


@dataclass(frozen=True, slots=True)
class ValueShown:
    """A value with the number of images; `images` leads to them, empty where no search finds just these."""

    name: str
    n: str
    images: str


@dataclass(frozen=True, slots=True)
class AttributeRow:
    name: str
    named: str
    width: str
    values: tuple[ValueShown, ...]
    values_left: str
    never: tuple[str, ...]
    never_left: str


@dataclass(frozen=True, slots=True)
class ConceptCoverage:
    """`silent` are the attributes that no caption names."""

    name: str
    counted: str
    rows: tuple[AttributeRow, ...]
    silent: tuple[str, ...]
    estimated: bool
    open: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    concepts: tuple[ConceptCoverage, ...]
    left: str


def coverage(report: Report, say: Translator) -> Coverage:
    by_concept: dict[str, list[CoverageRow]] = {}
    for row in report.coverage:
        by_concept.setdefault(row.concept, []).append(row)
    n_of_tag: dict[tuple[str, str], int] = {}
    for tag in report.tags:
        key = (tag.concept, searched(tag.tag))
        n_of_tag[key] = n_of_tag.get(key, 0) + tag.n
    shown = list(by_concept.items())[:MOST_CONCEPTS]
    left = len(by_concept) - len(shown)
    return Coverage(
        concepts=tuple(
            _concept(name, rows, n_of_tag, is_open=place < OPEN_CONCEPTS, say=say)
            for place, (name, rows) in enumerate(shown)
        ),
        left=say.format("{n:count} more concepts are not shown", {"n": left}) if left else "",
    )


def _concept(
    name: str, rows: list[CoverageRow], n_of_tag: Mapping[tuple[str, str], int], *, is_open: bool, say: Translator
) -> ConceptCoverage:
    told = [row for row in rows if row.named or row.never]
    return ConceptCoverage(
        name=name_text(name),
        counted=say.format(
            "{named:count} of {total:count} attributes named",
            {"named": sum(1 for row in rows if row.named), "total": len(rows)},
        ),
        rows=tuple(_row(row, n_of_tag, say) for row in told),
        silent=tuple(_name(row.group, say) for row in rows if not row.named and not row.never),
        estimated=any(row.estimated for row in rows),
        open=is_open,
    )


def _name(group: str, say: Translator) -> str:
    return say.text(ATTRIBUTE_NAMES[group]) if group in ATTRIBUTE_NAMES else name_text(group)


def _row(row: CoverageRow, n_of_tag: Mapping[tuple[str, str], int], say: Translator) -> AttributeRow:
    shown = row.values[:SHOWN_VALUES]
    left = row.n_values - len(shown)
    never_left = len(row.never) - SHOWN_NEVER
    return AttributeRow(
        name=_name(row.group, say),
        named=say.format("{n:count} of {total:count}", {"n": row.named, "total": row.n}),
        width=share_width(row.named / row.n if row.n else 0.0),
        values=tuple(
            ValueShown(
                name=name_text(value),
                n=say.value(n, "count"),
                # One value may be written in several ways, or be part of a longer tag: then no one search finds it.
                images=images_link(("tag", visible(value)), role="train", concept=visible(row.concept))
                if n_of_tag.get((row.concept, searched(value))) == n
                else "",
            )
            for value, n in shown
        ),
        values_left=say.format("and {n:count} more", {"n": left}) if left > 0 else "",
        never=tuple(name_text(value) for value in row.never[:SHOWN_NEVER]),
        never_left=say.format("and {n:count} more", {"n": never_left}) if never_left > 0 else "",
    )
