"""Measures how well the rules find planted defects, at their default limits, and what they say of clean sets.

    python tests/benchmarks/defects                         seeds 0-9, on which limits are chosen; prints
    python tests/benchmarks/defects --write docs/measured   seeds 100-119, writes the tables that the manual publishes

`--images DIR` plants the defects of pixels into photographs too: for choosing and for publishing different ones. With
`--rules` some rules only are measured, and their rows written anew; `--verbose` prints each miss and each false alarm,
`--others` also what other rules say of a defect, which takes several times as long.
"""

import argparse
import csv
import multiprocessing
import sys
import time
from functools import partial
from io import BytesIO
from pathlib import Path

from PIL import Image

from benchmarks.defects import degradations, speed, suite
from benchmarks.defects.photographs import Photographs, shrunk
from benchmarks.defects.planting import NOT_PLANTED, PLANTINGS
from benchmarks.defects.scoring import Score, scored
from benchmarks.defects.sets import clean_set
from tagmetry.documentation.measured import table
from tagmetry.errors import TagmetryError

CHOOSING, PUBLISHED = range(0, 10), range(100, 120)
COLUMNS = (
    "rule", "pictures", "sets", "planted", "named", "findings", "right", "clean_sets", "clean_alarms", "recall",
    "precision",
)  # fmt: skip


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, metavar="DIR", help="measure the published seeds and write to DIR")
    parser.add_argument("--images", type=Path, metavar="DIR", help="a folder of photographs, in any folders below it")
    parser.add_argument(
        "--seeds", type=seeds_of, help="seeds, such as 0-9; by default those on which limits are chosen"
    )
    parser.add_argument("--rules", nargs="+", metavar="RULE", help="only these rules")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--verbose", action="store_true", help="print each miss and false alarm")
    parser.add_argument("--others", action="store_true", help="with --verbose: what other rules say of each defect")
    given = parser.parse_args(arguments)
    if given.write and given.seeds:
        parser.error("--write is for the published seeds")
    begun = time.perf_counter()
    seeds = given.seeds or (PUBLISHED if given.write else CHOOSING)
    rules = set(given.rules) if given.rules else None
    drawn = measured(seeds, given, "drawn", partial(of_seed, rules=rules, with_others=given.others))
    rows = [*rows_of(drawn, "drawn")]
    if given.images:
        photographs = Photographs(given.images, odd=bool(given.write))
        on_photographs = partial(of_seed, rules=rules, photographs=photographs, with_others=given.others)
        rows += rows_of(measured(seeds, given, "photographs", on_photographs), "photographs")
    print_table(rows)
    caption_defects = list(suite.rows(drawn))
    named = sum(row["named"] == row["sets"] for row in caption_defects)
    print(f"caption defects: {named} of {len(caption_defects)} named on every set")
    print(f"{time.perf_counter() - begun:.0f} s", file=sys.stderr)
    if given.write:
        write_table(given.write / "defects.csv", COLUMNS, merged(given.write / "defects.csv", rows))
        path = given.write / "caption-defects.csv"
        before = {row["defect"]: row for row in table(path)}
        after = before | {row["defect"]: row for row in caption_defects}
        write_table(path, suite.COLUMNS, [after[defect] for defect in suite.CAPTION_DEFECTS if defect in after])
        images = [sample.picture() for sample in clean_set(seeds[0]).train]
        followed = list(degradations.rows(images, "drawn"))
        if given.images:
            photographed = [Image.open(BytesIO(shrunk(path))) for path in photographs.paths()[:32]]
            followed += degradations.rows(photographed, "photographs")
        write_table(given.write / "degradations.csv", degradations.COLUMNS, followed)
        write_table(given.write / "speed.csv", ("captions", "seconds"), speed.rows())
        reasons = [{"rule": rule, "reason": reason} for rule, reason in sorted(NOT_PLANTED.items())]
        write_table(given.write / "defects-not-planted.csv", ("rule", "reason"), reasons)
    return 0


def seeds_of(text):
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def of_seed(seed, *, rules, photographs=None, with_others=False):
    try:
        if photographs is None:
            return scored(seed, rules=rules, with_others=with_others)
        return scored(seed, rules=rules, pixels_only=True, clean_of=photographs.clean, with_others=with_others)
    except TagmetryError as error:
        # What it holds cannot travel between processes.
        raise SystemError(f"seed {seed}: {error}") from None


def measured(seeds, given, pictures, work):
    """The score of all seeds; prints what was missed and wrongly told where that is wanted."""
    total = Score()
    with multiprocessing.get_context("spawn").Pool(given.jobs) as pool:
        for seed, score in zip(seeds, pool.imap(work, seeds), strict=True):
            total.add(score)
            print(f"{pictures}: seed {seed} done", file=sys.stderr)
    if total.failures:
        raise SystemExit("\n".join(["rules failed:", *total.failures]))
    if given.verbose:
        print("\n".join(total.told))
    return total


def rows_of(score, pictures):
    """The rows of the table, by rule."""
    return [
        {
            "rule": rule,
            "pictures": pictures,
            **{name: getattr(tally, name) for name in tally.__dataclass_fields__},
            "recall": f"{tally.recall:.3f}",
            "precision": f"{tally.precision:.3f}",
        }
        for rule, tally in sorted(score.tallies.items())
        if tally.sets
    ]


def print_table(rows):
    print(f"{'rule':32} {'pictures':11} {'recall':>7} {'precision':>9} {'clean alarms':>14}")
    for row in rows:
        clean = f"{row['clean_alarms']} / {row['clean_sets']}"
        shares = f"{row['recall']:>7} {row['precision']:>9}"
        print(f"{row['rule']:32} {row['pictures']:11} {shares} {clean:>14}")


def merged(path, rows):
    """The rows with those of an earlier table for rules that were not measured this time and are still there."""
    told = {(row["pictures"], row["rule"]) for row in rows}
    before = [row for row in table(path) if (row["pictures"], row["rule"]) not in told and row["rule"] in PLANTINGS]
    return sorted([*before, *rows], key=lambda row: (row["pictures"], row["rule"]))


def write_table(path, columns, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    with new.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    new.replace(path)
