"""Resolutions: how large the images are, against the sides that base models are made for."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from tagmetry.api import Report, Translator
from tagmetry.reporters.html.charts import SizePlot, share_width, size_plot
from tagmetry.reporters.html.overview import Fact
from tagmetry.reporters.html.wording import images, pixels, role

STEPS_PX: Final = (512, 768, 1024)
"""Sides at which SD1.5, the smallest of Flux and SDXL are trained: the edges of the classes of short sides."""

MOST_SIZES: Final = 20


@dataclass(frozen=True, slots=True)
class SizeClass:
    """Images whose short side lies in one class."""

    name: str
    n: str
    share: str
    width: str


@dataclass(frozen=True, slots=True)
class SizeRow:
    size: str
    shape: str
    n: str
    share: str


@dataclass(frozen=True, slots=True)
class Sizes:
    facts: tuple[Fact, ...]
    classes: tuple[SizeClass, ...]
    plot: SizePlot
    other_roles: str
    rows: tuple[SizeRow, ...]
    rows_left: str
    summary: str


def sizes(report: Report, say: Translator) -> Sizes | None:
    """The sizes of the training images; None when there is no image at all."""
    table = report.images
    if not table.paths:
        return None
    train = table.role.equals("train").tolist()
    every = list(zip(table.width.values.tolist(), table.height.values.tolist(), train, strict=True))
    of_training = [(width, height) for width, height, trained in every if trained]
    judged = of_training or [(width, height) for width, height, _ in every]
    counts = Counter(judged)
    short = sorted(min(size) for size in judged)
    common, n_common = min(counts.items(), key=lambda item: (-item[1], item[0]))
    others = sorted(set(map(table.role.label, range(len(train)))) - {"train"})
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return Sizes(
        facts=(
            Fact(say.text("smallest short side"), say.value(short[0], "px")),
            Fact(say.text("median short side"), say.value(_median(short), "px")),
            Fact(say.text("different sizes"), say.value(len(counts), "count")),
            Fact(
                say.text("most common size"),
                pixels(*common, say),
                say.format("{share:percent} of the images", {"share": n_common / len(judged)}),
            ),
        ),
        classes=_classes(short, say),
        plot=size_plot(((width, height, not trained) for width, height, trained in every), say),
        other_roles=", ".join(role(name, say) for name in others),
        rows=tuple(
            SizeRow(
                pixels(*size, say), _shape(*size, say), say.value(n, "count"), say.value(n / len(judged), "percent")
            )
            for size, n in ordered[:MOST_SIZES]
        ),
        rows_left=say.format("and {n:count} rarer sizes", {"n": len(ordered) - MOST_SIZES})
        if len(ordered) > MOST_SIZES
        else "",
        summary=_summary(report, short, say),
    )


def _summary(report: Report, short: list[int], say: Translator) -> str:
    setting = report.policy.profile.get("resolution")
    if setting is None or setting.value is None:
        return say.text("No training resolution is known: name a base model to have the sizes judged against it.")
    resolution = int(setting.value)
    below = sum(1 for side in short if side < resolution)
    return say.format(
        "{below:count} of {total} have a short side below the training resolution of {resolution:px}.",
        {"below": below, "total": images(len(short), say), "resolution": resolution},
    )


def _classes(short: list[int], say: Translator) -> tuple[SizeClass, ...]:
    edges = (0, *STEPS_PX, None)
    found = []
    for low, high in pairwise(edges):
        assert low is not None
        n = sum(1 for side in short if side >= low and (high is None or side < high))
        found.append(
            SizeClass(
                name=_class_name(low, high, say),
                n=say.value(n, "count"),
                share=say.value(n / len(short), "percent"),
                width=share_width(n / len(short)),
            )
        )
    return tuple(found)


def _class_name(low: int, high: int | None, say: Translator) -> str:
    if high is None:
        return say.format("{low:px} and more", {"low": low})
    if low == 0:
        return say.format("below {high:px}", {"high": high})
    return say.format("{low:number} to {high:px}", {"low": low, "high": high - 1})


def _shape(width: int, height: int, say: Translator) -> str:
    if width == height:
        return say.text("square")
    long, short = max(width, height), max(1, min(width, height))
    ratio = round(long / short, 2)
    if width > height:
        return say.format("landscape, {ratio:number} to 1", {"ratio": ratio})
    return say.format("portrait, 1 to {ratio:number}", {"ratio": ratio})


def _median(ordered: list[int]) -> int:
    return ordered[len(ordered) // 2]
