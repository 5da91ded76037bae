"""How fast conditions of a policy are evaluated: `python tests/benchmarks/expressions.py [--n 1000000]`.

Ten conditions on figures, closed lists and tags of n images with as many different captions, then three on the texts
of captions. Each is also read row by row in plain Python on a sample, whose results have to be the same. Prints the
seconds for all n the first time (columns made) and again, and how many times as long the row loop would take. One
thread. Only the ratios carry over to another machine. Writes docs/measured/expressions.csv.
"""

import argparse
import re
import sys
import time
from pathlib import Path

import numpy as np
from measuring import measured

from tagmetry.columns import Codes, Column, Ragged
from tagmetry.dataset import Captions, ConceptInfo, Dataset, Duplicates, Folder
from tagmetry.features import brightness, sharpness
from tagmetry.options import options_of
from tagmetry.policy.expressions import Facts, Registry, compile_expression
from tagmetry.profile import Profile, ProfileOptions, Setting
from tagmetry.vocabulary import Vocabulary

WANTED = "under 1 for a million"
SAMPLE = 20_000
TAGS = 50_000
CONCEPTS = 20

CONDITIONS = {
    "short_side_px < 768": lambda row: min(row["width"], row["height"]) < 768,
    "format == 'JPEG' and sharpness / 100 < 1.5": lambda row: (
        row["format"] == "JPEG" and row["sharpness"] is not None and row["sharpness"] / 100 < 1.5
    ),
    "role == 'train' and not has_alpha": lambda row: row["role"] == "train" and not row["has_alpha"],
    "0.5 <= aspect_ratio <= 2": lambda row: 0.5 <= row["width"] / row["height"] <= 2,
    "megapixels > 0.5 or width in [512, 640]": lambda row: (
        row["width"] * row["height"] / 1e6 > 0.5 or row["width"] in (512, 640)
    ),
    "tokens > 30 and tag_count > 3": lambda row: row["tokens"] > 30 and len(row["tags"]) > 3,
    "has_tag('tag 3')": lambda row: "tag 3" in row["tags"],
    "has_any(['tag 7', 'tag 49*'])": lambda row: any(tag == "tag 7" or tag.startswith("tag 49") for tag in row["tags"]),
    "concept.n > 1000 and log2(size_bytes / megapixels) < 18": lambda row: (
        row["concept.n"] > 1000 and np.log2(row["size_bytes"] / (row["width"] * row["height"] / 1e6)) < 18
    ),
    "dataset.n_train > 100 and sharpness > brightness": lambda row: (
        row["dataset.n_train"] > 100 and row["sharpness"] is not None and row["sharpness"] > row["brightness"]
    ),
}
ON_TEXTS = {
    "contains(caption, 'tag 11,')": lambda row: "tag 11," in row["caption"],
    "len(lower(caption)) > 80": lambda row: len(row["caption"].lower()) > 80,
    "matches(caption, r'\\btag 1[0-9]\\b')": lambda row: re.search(r"\btag 1[0-9]\b", row["caption"]) is not None,
}


def pictures(n, seed=0):
    """n images whose captions are all different, with tags as rare as in real vocabularies."""
    rng = np.random.default_rng(seed)
    there = np.ones(n, dtype=bool)
    lengths = rng.integers(3, 20, n)
    starts = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    ids = ((rng.zipf(1.3, int(starts[-1])) - 1) % TAGS).astype(np.int32)
    forms = tuple(f"tag {number}" for number in range(TAGS))
    bounds = starts.tolist()
    listed = ids.tolist()
    texts = tuple(", ".join(forms[tag] for tag in listed[bounds[row] : bounds[row + 1]]) for row in range(n))
    roles = Codes((rng.random(n) < 0.2).astype(np.int32), ("train", "regularization"))
    concept_of = np.sort(rng.integers(0, CONCEPTS, n)).astype(np.int32)
    columns = {
        "width": Column(rng.choice([512, 640, 768, 1024, 1536], n), there),
        "height": Column(rng.choice([512, 640, 768, 1024, 1536], n), there),
        "size_bytes": Column(rng.integers(10_000, 5_000_000, n), there),
        "has_alpha": Column(rng.random(n) < 0.1, there),
        "frames": Column(np.ones(n, dtype=np.int32), there),
        "exif_orientation": Column(np.ones(n, dtype=np.int8), there),
        "format": Codes(rng.integers(0, 3, n).astype(np.int32), ("JPEG", "PNG", "WEBP")),
        "mode": Codes(np.zeros(n, dtype=np.int32), ("RGB",)),
        sharpness.key: Column(rng.gamma(2, 100, n), rng.random(n) > 0.01),
        brightness.key: Column(rng.uniform(0, 255, n), there),
    }
    return Dataset(
        root=Path("pictures"),
        layout="plain-folders",
        profile=Profile({name: Setting(known.default) for name, known in options_of(ProfileOptions).items()}),
        vocabulary=Vocabulary.from_data({}, "benchmark"),
        paths=tuple(f"{number:02d}/{row:07d}.jpg" for row, number in enumerate(concept_of.tolist())),
        content=np.zeros((n, 32), dtype=np.uint8),
        roles=roles,
        folder_of=concept_of,
        concept_of=concept_of,
        folders=tuple(Folder(f"{k:02d}", k, 1.0, int((concept_of == k).sum())) for k in range(CONCEPTS)),
        concept_infos=tuple(ConceptInfo(f"{k:02d}", "train") for k in range(CONCEPTS)),
        columns=columns,
        captions=Captions(
            text_of=rng.permutation(n).astype(np.int32),
            path_of=(None,) * n,
            n_lines=np.ones(n, dtype=np.int32),
            texts=texts,
            tags=Ragged(starts, ids),
            forms=forms,
            names=forms,
            tokens=(lengths * 4).astype(np.int32),
            tokens_exact=True,
            token_counter="none",
        ),
        duplicates=Duplicates((), (), (), {}, Column(np.zeros(n, dtype=np.uint64), there)),
        file_problems=(),
        excluded=(),
    )


def as_rows(data, n_rows):
    """The first images as dictionaries."""
    captions = data.captions
    sizes = np.bincount(data.concept_of)
    rows = []
    for row in range(n_rows):
        text = int(captions.text_of[row])
        known = {name: data.columns[name].values[row].item() for name in ("width", "height", "size_bytes", "has_alpha")}
        sharp = data.columns[sharpness.key]
        rows.append(
            known
            | {
                "format": data.columns["format"].label(row),
                "role": data.roles.label(row),
                "sharpness": float(sharp.values[row]) if sharp.valid[row] else None,
                "brightness": float(data.columns[brightness.key].values[row]),
                "caption": captions.texts[text],
                "tags": [captions.forms[tag] for tag in captions.tags.row(text)],
                "tokens": int(captions.tokens[text]),
                "concept.n": int(sizes[data.concept_of[row]]),
                "dataset.n_train": data.n,
            }
        )
    return rows


def timed(function, *arguments):
    start = time.perf_counter()
    result = function(*arguments)
    return result, time.perf_counter() - start


def compared(conditions, data, rows, *, about, wanted, written):
    """Prints a line per condition and adds their sum to `written`; False if a result differs from the row loop's.

    `wanted` is of the sum.
    """
    facts, registry = Facts(data, {"n_train": data.n}), Registry("row")
    totals = np.zeros(3)
    for text, of_row in conditions.items():
        expression = compile_expression(text, registry)
        _, first = timed(expression.evaluate, facts)
        column, again = timed(expression.evaluate, facts)
        expected, slow = timed(lambda of_row=of_row: [of_row(row) for row in rows])
        if column.values[: len(rows)].tolist() != expected:
            print(f"  WRONG: {text}")
            return False
        slow *= data.n / len(rows)
        totals += (first, again, slow)
        print(f"  {first:7.3f} s, again {again:7.3f} s; row loop {slow / again:6.0f} times that: {text}")
    first, again, slow = totals
    written += [
        (f"{len(conditions)} conditions {about}, for the first time", first, "s", ""),
        (f"{len(conditions)} conditions {about}, again", again, "s", wanted),
        (f"a loop over the images in Python, {about}", slow / again, "times that", ""),
    ]
    print(f"  {first:7.3f} s, again {again:7.3f} s; row loop {slow / again:6.0f} times that: all of them")
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=1_000_000, help="images (default 1000000)")
    n = parser.parse_args().n
    data = pictures(n)
    rows = as_rows(data, min(n, SAMPLE))
    print(f"{n:,} images, {len(data.captions.tags.ids):,} tags; the row loop on {len(rows):,} of them")
    written = [("images", n, "", ""), ("tags", len(data.captions.tags.ids), "", "")]
    if not compared(
        CONDITIONS, data, rows, about="on figures and tags", wanted="under 1 for a million", written=written
    ):
        return 1
    print(f"on the texts of {n:,} different captions")
    if not compared(ON_TEXTS, data, rows, about="on texts", wanted="", written=written):
        return 1
    measured("expressions", written)
    return 0


if __name__ == "__main__":
    sys.exit(main())
