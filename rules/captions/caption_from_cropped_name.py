"""An image that takes the caption of another one, for its name looks like that of a cropped face.

What it finds
    Training images without a caption of their own whose names end in four more parts between underscores than the
    name of a caption: `photo_10_20_30_40.png` beside `photo.txt`.

Why it matters
    sd-scripts then cuts the last four parts from the name and reads that caption, a remainder of its old face
    cropping. Names that carry dates or sizes (`cat_2024_05_01_002.png`) get a caption that was written for
    another picture, and nothing is said.

What to do
    Give each image a caption of its own, or rename the images.

Known limits
    Judges names alone: where the pictures are crops of the one that was captioned, this is what was meant.
"""

from collections.abc import Iterator

from tagmetry.api import Dataset, Finding, Measurement, NoOptions, Plural, Remedies, Rule, Severity, Skip
from tagmetry.trainers import kohya

rule = Rule(
    id="caption-from-cropped-name",
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("prompt-sensitivity",),
    messages={
        "found": Plural(
            "{n:count} of {total:count} training images takes the caption of another: without one of its own, "
            "{image} is trained on {caption}",
            "{n:count} of {total:count} training images take the captions of others: without one of its own, "
            "{image} is trained on {caption}",
        ),
        "other-trainer": "only sd-scripts reads captions so",
    },
    remedies=Remedies(data=("give each image a caption of its own, or rename the images",)),
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    if dataset.profile.trainer is None:
        raise Skip("no-trainer")
    if dataset.profile.trainer != "kohya":
        raise Skip("other-trainer")
    captions = dataset.captions
    files = {_stem(path): path for path in captions.path_of if path is not None}
    files |= {_stem(orphan.path): orphan.path for orphan in captions.orphans}
    train = dataset.train
    taken: dict[int, str] = {}
    for row in train.rows.tolist():
        stem, own = _stem(dataset.paths[row]), captions.path_of[row]
        if stem.rpartition("/")[2].count("_") < kohya.FACE_PARTS or (own is not None and _stem(own) == stem):
            continue
        other = files.get("_".join(stem.split("_")[: -kohya.FACE_PARTS]))
        if other is not None:
            taken[row] = other
    if taken:
        first = min(taken)
        yield rule.finding(
            dataset.subject(sorted(taken)),
            "found",
            values={"n": len(taken), "total": train.n, "image": dataset.paths[first], "caption": taken[first]},
            measured=Measurement("caption_share", len(taken) / train.n, unit="share"),
        )


def _stem(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return folder + slash + (name.rpartition(".")[0] or name)
