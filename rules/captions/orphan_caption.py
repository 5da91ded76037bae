"""A caption file that belongs to no image.

What it finds
    Caption files whose image is not there, and those whose name fits an image only when case or the
    Unicode form of its letters is overlooked (`Cat.txt` beside `cat.png`, or é as one character here
    and as two there). Control files of trainers and captions of images that cannot be used are not
    reported.

Why it matters
    Such a caption is never read. Most often a file was renamed or moved without its partner, so that
    somewhere an image trains without words. Names that differ only in case belong together on Windows and
    macOS, but not on a rented Linux machine.

What to do
    Rename the caption so that it equals the image's name letter for letter, or remove it if the image was
    sorted out.

Known limits
    Only the image's own folder is looked at. A text file that is no caption at all, such as a list of
    links, is reported as well when it lies among images.
"""

from collections.abc import Iterator

from tagmetry.api import Dataset, Finding, NoOptions, Remedies, Rule, Severity

rule = Rule(
    id="orphan-caption",
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("prompt-sensitivity",),
    messages={
        "found": "{path} belongs to no image",
        "near": "{path} belongs to no image: its name differs from {image} in case or Unicode form",
    },
    remedies={
        "found": Remedies(data=("give it the name of its image, or remove it",)),
        "near": Remedies(
            data=("rename it: apart from the ending its name must be that of {image}, letter for letter",)
        ),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    for orphan in dataset.captions.orphans:
        yield rule.finding(
            dataset.file(orphan.path),
            "near" if orphan.near else "found",
            values={"path": orphan.path, "image": orphan.near},
        )
