"""What the trainer makes of the dataset: buckets, batches, what is left out of the training."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tagmetry.api import Plural, Report, Translator
from tagmetry.reporters.html.charts import share_width
from tagmetry.reporters.html.overview import Fact
from tagmetry.reporters.html.wording import counted, path_text, pixels

MOST_BUCKETS: Final = 30

_FATES: Final[Mapping[str, Plural]] = {
    "role": Plural("{n:count} image is kept out of training", "{n:count} images are kept out of training"),
    "suffix": Plural(
        "{n:count} image has an ending that the trainer does not read",
        "{n:count} images have endings that the trainer does not read",
    ),
    "repeats": Plural(
        "{n:count} image is never trained, for its repeats mean nothing to the trainer",
        "{n:count} images are never trained, for their repeats mean nothing to the trainer",
    ),
    "empty-caption-file": Plural(
        "the trainer stops at {n:count} caption file without a byte in it",
        "the trainer stops at {n:count} caption files without a byte in them",
    ),
    "no-bucket": Plural(
        "the trainer stops at {n:count} image that fits in no bucket",
        "the trainer stops at {n:count} images that fit in no bucket",
    ),
    "surplus": Plural("{n:count} image is never drawn", "{n:count} images are never drawn"),
}


@dataclass(frozen=True, slots=True)
class BucketRow:
    size: str
    width: str
    images: str
    exposures: str
    batches: str
    remainder: str
    upscaled: str
    most_cut: str


@dataclass(frozen=True, slots=True)
class TrainerView:
    lead: str
    facts: tuple[Fact, ...]
    notes: tuple[str, ...]
    rows: tuple[BucketRow, ...]
    rows_left: str
    last_batch: str


def trainer_view(report: Report, say: Translator) -> TrainerView | None:
    """None without a trainer that is modelled."""
    data = report.preview
    if data is None:
        return None
    totals = data["totals"]
    facts = [
        Fact(say.text("trained images"), say.value(totals["trained"], "count")),
        Fact(say.text("exposures per epoch"), say.value(round(totals["exposures"], 2), "number")),
    ]
    if totals["steps_per_epoch"] is not None:
        facts += [
            Fact(say.text("steps per epoch"), say.value(totals["steps_per_epoch"], "count")),
            Fact(say.text("batch size"), say.value(data["batch_size"], "count")),
        ]
    buckets = data["buckets"]
    fullest = max((bucket["images"] for bucket in buckets), default=1)
    return TrainerView(
        lead=_lead(data, say),
        facts=tuple(facts),
        notes=tuple(_notes(data, say)),
        rows=tuple(_row(bucket, fullest, say) for bucket in buckets[:MOST_BUCKETS]),
        rows_left=say.format("and {n:count} more buckets", {"n": len(buckets) - MOST_BUCKETS})
        if len(buckets) > MOST_BUCKETS
        else "",
        last_batch=say.text(
            "A last batch that is not full is trained as it is: each of its images counts for more."
            if data["last_batch"] == "smaller"
            else "A last batch that is not full is filled with copies of its own images, and its loss scaled down."
        ),
    )


def _lead(data: Mapping[str, Any], say: Translator) -> str:
    version = data["trainer"]["version"]
    if data["config"]:
        files = ", ".join(path_text(name) for name in data["config"])
        return say.format("As {version} reads the dataset by {files}.", {"version": version, "files": files})
    if data["resolution"] is None:
        return say.format(
            "As {version} reads the dataset. No training resolution is known, so that there are no buckets to show.",
            {"version": version},
        )
    if data["resolution_refused"]:
        return say.format(
            "{version} takes no resolution of {side}, and stops.", {"version": version, "side": str(data["resolution"])}
        )
    return say.format(
        "As {version} reads the dataset, with its usual buckets at {side} × {side}.",
        {"version": version, "side": str(data["resolution"])},
    )


def _notes(data: Mapping[str, Any], say: Translator) -> list[str]:
    notes = [counted(text, data["fates"][fate], say) for fate, text in _FATES.items() if data["fates"].get(fate)]
    if data["totals"]["validation_by_default"]:
        held = Plural("{n:count} image is held out for validation", "{n:count} images are held out for validation")
        notes.append(counted(held, data["totals"]["validation_by_default"], say))
    if data["upscaled"]:
        notes.append(
            counted(Plural("{n:count} image is scaled up", "{n:count} images are scaled up"), data["upscaled"], say)
        )
    if data["orientation_ignored"]:
        turned = Plural(
            "{n:count} image is trained lying on its side or mirrored",
            "{n:count} images are trained lying on their side or mirrored",
        )
        notes.append(counted(turned, data["orientation_ignored"], say))
    return notes


def _row(bucket: Mapping[str, Any], fullest: int, say: Translator) -> BucketRow:
    last = say.text("full")
    if bucket["remainder"]:
        values = {"n": round(bucket["remainder"], 2), "size": bucket["batch_size"]}
        last = say.format("{n:number} of {size:count}", values)
    return BucketRow(
        size=pixels(bucket["width"], bucket["height"], say),
        width=share_width(bucket["images"] / max(fullest, 1)),
        images=say.value(bucket["images"], "count"),
        exposures=say.value(round(bucket["exposures"], 2), "number"),
        batches=say.value(bucket["batches"], "count"),
        remainder=last,
        upscaled=say.value(bucket["upscaled"], "count"),
        most_cut=say.value(bucket["most_cut"], "percent"),
    )
