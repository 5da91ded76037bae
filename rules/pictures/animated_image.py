"""A file that holds several pictures, of which training sees the first.

What it finds
    Animated GIF, PNG and WebP files, and TIFF files of several pages.

Why it matters
    Trainers take the first frame, which is often a title or an empty page, or they do not read the format at all.
    Whoever chose the animation for a later frame trains on something else.

What to do
    Save the frame that is wanted as a picture of its own, or remove the file.

Known limits
    Frames are counted, not looked at. Motion photos of telephones (a JPEG with a film behind it) count as one
    picture, as trainers read them.
"""

from collections.abc import Iterator

from tagmetry.api import ROLES, Hits, Plural, Remedies, Rule, Samples, Severity

rule = Rule(
    id="animated-image",
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("instability",),
    roles=ROLES,
    messages={
        "found": Plural(
            "{path} holds {n:count} picture", "{path} holds {n:count} pictures; training sees the first one at most"
        ),
    },
    remedies=Remedies(data=("save the frame that is wanted as a picture of its own, or remove {path}",)),
)


@rule.each_sample
def check(samples: Samples, options: object) -> Iterator[Hits]:
    frames = samples.column("frames").values
    yield rule.hits(
        "found", frames > 1, values={"path": samples.paths, "n": frames}, metric="frames", measured=frames, limit=1
    )
