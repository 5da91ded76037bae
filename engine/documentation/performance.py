"""The page of speeds and sizes, from the tables that the benchmarks wrote: none is copied by hand."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MACHINE: Final = "machine"
"""The row of a table that says on what it was measured."""


@dataclass(frozen=True, slots=True)
class Section:
    """One table: `file` beside the others, what it shows, and how it comes about again."""

    file: str
    title: str
    command: str
    text: str


SECTIONS: Final = (
    Section(
        "everyday",
        "Everyday calls",
        "python tests/benchmarks/everyday.py",
        """\
The command as users start it, once Python has compiled its files: its version, its help, and an audit of 50 drawn
pictures of a megapixel with 16 tags each. 10,000 captions, none alike, are taken apart and go through all rules about
captions, tags and concepts that look at no pixels. Seconds are those of the processor, workers included.""",
    ),
    Section(
        "extraction",
        "Measuring images",
        "python tests/benchmarks/extraction.py --images PHOTOGRAPHS",
        """\
JPEG, PNG and WebP photographs of one to twelve megapixels, cut out of those in a folder, are measured by two workers
in turns with what they are compared with; each figure is the median of ratios within one round. The limit is what
nobody who uses Pillow can be faster than: reading, SHA-256, and `thumbnail` to the working size of 512 pixels with
shrink-on-load and `reducing_gap=1`, in the same workers and with nothing measured. More than 100 % of it is possible
because grey is resized as one channel, and the colour picture at working size is never made. Decoding without the
resize stops at half the working size to all of it, where the decoder does. The naive way is a full decode, the
imagehash package and statistics in double precision. All features are those of the recommended policy and more, with
the views for near-duplicates, and without thumbnails.""",
    ),
    Section(
        "peers",
        "Beside other tools",
        "python tests/benchmarks/peers.py --images PHOTOGRAPHS",
        """\
The same files for each tool, with two processes each, in turns. imagededup hashes (PHash, `encode_images`); cleanvision
runs its full audit (`find_issues`); Tagmetry measures all features, near-duplicate views included. The tools live in an
environment of their own, which the script makes.""",
    ),
    Section(
        "warm-runs",
        "Large datasets, cold and warm",
        "python tests/benchmarks/warm_runs.py",
        """\
Small drawn pictures, none alike, with captions of 5 to 14 tags, audited by the command with two workers. Seconds are
of the processor, workers included: a cold run on two idle cores is over in a little more than half of them. On small
pictures the cold run is as short as it can be, so the share that a warm one takes of it is the worst there is; in a
small dataset the start of the command is most of a warm run. Memory of columns is what numpy and Python hold after
they were loaded from the cache, of the first 5,000.""",
    ),
    Section(
        "hamming-index",
        "Pairs of hashes",
        "python tests/benchmarks/hamming_index.py",
        """\
64-bit hashes as of photographs: correlated bits, one in a hundred a near copy, one in a hundred of four worthless
values. Every pair within the distance is found. Comparing all with all is numpy in tiles, and gives the same pairs. One
thread; seconds are of the processor.""",
    ),
    Section(
        "tag-statistics",
        "Counting tags",
        "python tests/benchmarks/tag_statistics.py",
        """\
Captions of 25 tags drawn from 50,000 whose frequencies are those of words (Zipf), as interned arrays: the images of
each tag, and every pair of tags with a support of three. The product of the whole matrix with itself, by scipy, gives
the same pairs. One thread.""",
    ),
    Section(
        "expressions",
        "Conditions of a policy",
        "python tests/benchmarks/expressions.py",
        """\
Conditions as they stand under `where` in a policy, on a million images: figures, tags and roles, and three on the texts
of as many different captions, which are read once each. Evaluated in columns, and beside it row by row in a loop of
Python over 20,000 of the images, which gives the same answers. One thread.""",
    ),
    Section(
        "report-page",
        "The HTML review",
        "python tests/benchmarks/report_page.py",
        """\
Sets in memory with captions of up to 15 tags, every tenth image with a near-duplicate, and previews that take as many
bytes as those of photographs. A search redraws everything that is shown.""",
    ),
    Section(
        "near-duplicates",
        "Near-duplicates",
        "python tests/benchmarks/near_duplicates.py --images PHOTOGRAPHS --positives 20000",
        """\
Photographs of several subjects are copied through 42 changes, in rounds, each photograph being cut out anew for each;
a copy counts as found if it is paired with its original, whatever its other copies would show. Parameters were chosen
on every second subject, and the figures are of the others. A wrong pair is one of files of different photographs;
photographs of one subject are among these. Milliseconds are of one thread of the processor.""",
    ),
    Section(
        "near-duplicates-by-change",
        "Near-duplicates by change",
        "python tests/benchmarks/near_duplicates.py --images PHOTOGRAPHS --positives 20000",
        """\
The same copies, one kind after the other, beside the 64-bit pHash of the same files within 8 bits. A copy is called a
variant if a part of the picture is quite another, which is so of a text laid over it. Crops are by a share of each
side, borders by a share of the longer one; sizes are factors, and turns degrees.""",
    ),
    Section(
        "near-duplicates-negatives",
        "Different pictures that share something",
        "python tests/benchmarks/near_duplicates.py --images PHOTOGRAPHS --positives 20000",
        """\
Every pair of different pictures that were given the same border, banner, frame or watermark, or are drawn in one
design, and pairs of pictures of one thing or character. None of them may be taken for one picture. Variants are pairs
of which the report says that something in the picture is another.""",
    ),
    Section(
        "near-duplicates-at-200000",
        "Near-duplicates among 200,000",
        "python tests/benchmarks/near_duplicates_at_scale.py --images PHOTOGRAPHS",
        """\
Above 20,000 images only those are looked at whose descriptions agree in nearly all signs, and the report says so. The
same copies, found each from its original, lie among generated views: noise with the frequencies of photographs, and
edges. One thread.""",
    ),
    Section(
        "near-duplicates-at-1000000",
        "Near-duplicates among a million",
        "python tests/benchmarks/near_duplicates_at_scale.py --n 1000000 --images PHOTOGRAPHS",
        "The same among a million.",
    ),
)

_INTRODUCTION: Final = (
    "<!-- This page is written from the tables in measured/ by `python3 dev.py docs`. -->",
    "",
    "# Performance",
    "",
    "What runs take, measured by the scripts in `tests/benchmarks/`, one command for each table. Ratios within one run",
    "carry over to other machines; seconds do not. What is wanted stands beside what was measured, reached or not.",
    "",
)


def performance_page(folder: Path) -> str:
    """The page as Markdown, of the tables there are in `folder`; empty without any."""
    lines = [line for section in SECTIONS for line in _section(section, folder / f"{section.file}.csv")]
    return "\n".join([*_INTRODUCTION, *lines]).rstrip() + "\n" if lines else ""


def _section(section: Section, table: Path) -> Iterator[str]:
    if not table.is_file():
        return
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        return
    yield f"## {section.title}"
    yield ""
    yield from section.text.splitlines()
    yield ""
    yield "```console"
    yield f"$ {section.command}"
    yield "```"
    yield ""
    yield from _measured(rows) if "value" in rows[0] else _as_it_is(rows)


def _measured(rows: list[dict[str, str]]) -> Iterator[str]:
    yield "| what | measured | wanted |"
    yield "|---|--:|---|"
    for row in rows:
        if row["what"] != MACHINE:
            yield f"| {row['what']} | {_grouped(row['value'])} {row['unit']} | {row['wanted']} |".replace("  ", " ")
    yield ""
    for row in rows:
        if row["what"] == MACHINE:
            yield f"Measured on {row['value']}."
            yield ""


def _as_it_is(rows: list[dict[str, str]]) -> Iterator[str]:
    """A table with columns of its own: names first, then figures."""
    columns = list(rows[0])
    yield f"| {' | '.join(columns)} |"
    yield f"|---|{'--:|' * (len(columns) - 1)}"
    for row in rows:
        yield f"| {' | '.join(_grouped(cell) for cell in row.values())} |"
    yield ""


def _grouped(value: str) -> str:
    """Thousands apart; other text as it is."""
    return f"{int(value):,}" if value.isdigit() else value
