"""Caches from an earlier run that no longer fit the images.

What it finds
    Caches of latents whose names tell another size than the image has now, and a metadata_cache.json in a folder for
    which cache_info is on.

Why it matters
    sd-scripts takes the size of an image from the name of its cache and does not look at the image again: one that was
    replaced is trained at its old size. With cache_info it trusts the list of the first run: new, removed or
    recaptioned files are not noticed.

What to do
    Delete the caches (*.npz, metadata_cache.json) after changing images or captions.

Known limits
    Caches are told by their names (`name_0512x0768_sd.npz`) and never opened, so that a cache of the same size and
    other content goes unnoticed.
"""

import re
from collections.abc import Iterator
from typing import Final

from tagmetry.api import (
    Dataset,
    Finding,
    Measurement,
    NoOptions,
    Plural,
    Remedies,
    Rule,
    Severity,
    Skip,
    TrainerConfig,
    stored_sizes,
)
from tagmetry.trainers import TRAINERS

_LATENTS: Final = re.compile(r"(.+)_(\d{3,5})x(\d{3,5})_\w+\.npz")
_DELETE: Final = Remedies(data=("delete the caches, which the trainer makes anew",))

rule = Rule(
    id="stale-cache",
    severity=Severity.WARNING,
    evidence="documented",
    messages={
        "size": Plural(
            "{n:count} image has another size than its latents cache, and is trained at the old one: {names}",
            "{n:count} images have other sizes than their latents caches, and are trained at the old ones: {names}",
        ),
        "cache-info": (
            "cache_info is on and {file} is there: changes of its {n:count} images and captions are not noticed"
        ),
        "no-caches": "there are no caches",
    },
    remedies={"size": _DELETE, "cache-info": _DELETE},
)


@rule.each_config
def check(config: TrainerConfig, options: NoOptions) -> Iterator[Finding]:
    if config.trainer != "kohya":
        raise Skip("trainer-lacks-it")
    dataset = config.dataset
    caches = [entry.path for entry in dataset.excluded if entry.path.endswith((".npz", "metadata_cache.json"))]
    if not caches:
        raise Skip("no-caches")
    rows = _resized(dataset, caches)
    if rows:
        yield rule.finding(
            dataset.subject(rows),
            "size",
            values={"n": len(rows), "names": tuple(dataset.paths[row] for row in rows)},
            measured=Measurement("stale_share", len(rows) / dataset.n, unit="share"),
            key="size",
        )
    lists = {path.rpartition("/")[0] or "." for path in caches if path.endswith("metadata_cache.json")}
    for given, parts in config.by_place("cache_info"):
        for part in parts:
            for folder in part.subset.located:
                if given.value and folder in lists:
                    file = "metadata_cache.json" if folder == "." else f"{folder}/metadata_cache.json"
                    yield config.finding(
                        rule,
                        "cache-info",
                        config.place_of(given, parts),
                        values={"file": file, "n": len(part.rows)},
                        rows=part.rows.tolist(),
                        key=file,
                    )


def _resized(dataset: Dataset, caches: list[str]) -> list[int]:
    """Images of which no cache has the size that they have."""
    width, height = stored_sizes(dataset, TRAINERS["kohya"])
    by_stem = {path.rpartition(".")[0]: row for row, path in enumerate(dataset.paths)}
    sizes: dict[int, set[tuple[int, int]]] = {}
    for path in caches:
        named = _LATENTS.fullmatch(path)
        row = by_stem.get(named[1]) if named is not None else None
        if named is not None and row is not None:
            sizes.setdefault(row, set()).add((int(named[2]), int(named[3])))
    return sorted(row for row, known in sizes.items() if (int(width[row]), int(height[row])) not in known)
