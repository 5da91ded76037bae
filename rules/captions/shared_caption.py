"""Two images that use one caption file, because their names differ only in the ending.

What it finds
    Training images such as `a.jpg` and `a.png` in one folder, with one `a.txt` between them. Copies of one
    picture are left out: there one of the two images is to go, as the duplicate rules say.

Why it matters
    Trainers look for a caption by the name without its ending, so both pictures are trained on the same
    words, which were written for one of them. kohya also keeps one cached latent for both.

What to do
    Rename one of the images and write a caption of its own for it.

Known limits
    Captions that stand in a manifest belong to full names and are never shared in this way.
"""

from collections import defaultdict
from collections.abc import Iterator

from tagmetry.api import Dataset, Finding, Measurement, NoOptions, Remedies, Rule, Severity

rule = Rule(
    id="shared-caption",
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("prompt-sensitivity",),
    messages={"found": "{n:count} images use {caption} as their caption: {paths}"},
    remedies=Remedies(data=("rename {others}, and give each a caption of its own",)),
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    by_file: dict[str, list[int]] = defaultdict(list)
    for row in dataset.train.rows.tolist():
        file = dataset.captions.path_of[row]
        if file is not None and _stem(file) == _stem(dataset.paths[row]):
            by_file[file].append(row)
    picture_of = {row: rows[0] for rows in dataset.duplicates.near for row in rows}
    for file, rows in sorted(by_file.items()):
        if len({picture_of.get(row, row) for row in rows}) < 2:
            continue
        paths = tuple(dataset.paths[row] for row in rows)
        yield rule.finding(
            dataset.caption(rows[0]),
            "found",
            values={"n": len(rows), "caption": file, "paths": paths, "others": paths[1:]},
            measured=Measurement("images_per_caption_file", len(rows), 1, unit="images"),
        )


def _stem(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return folder + slash + (name.rpartition(".")[0] or name)
