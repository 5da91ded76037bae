"""One distance or angle where the purpose needs another mix.

What it finds
    With a purpose declared, what the captions name as framing (close, half, full) and angle. A character, an object
    or a person for SD1.5 and SDXL: one of them on `limit` or more. A person for Flux: fewer close-ups than
    `least_close`, or more full bodies than `most_full`. Fashion: more close-ups than `most_close`. At least
    `min_images` captions and half of all must name it.

Why it matters
    A model that saw only faces cannot draw the figure, and one that saw only figures draws the face badly. With few
    pictures it snaps to the one view that it knows. For a person on Flux practitioners report the opposite need:
    mostly faces, since full bodies unsettle the likeness.

What to do
    Add pictures at the distances that are missing; for Flux leave out those that do not suit. Name the framing in the
    captions (`close-up`, `upper body`, `full body`), so that a prompt can ask for it.

Known limits
    Needs a purpose, which is never guessed; a style makes no demand on framing. Only what captions name is counted;
    in sentences the words of the vocabulary are looked for, which is an estimate. The limits are Tagmetry's own; the
    sources say mostly, and name no figure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tagmetry.api import (
    Concept,
    Finding,
    Mask,
    Measurement,
    Plural,
    Remedies,
    Rule,
    Severity,
    Skip,
    naming,
    option,
    spread,
)


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.8,
        "Share of one distance or angle from which on a character, object or person is seen too much alike.",
        unit="share",
        low=0,
        high=1,
    )
    least_close: float = option(
        0.5,
        "Share of close-ups that a person for Flux needs at least.",
        unit="share",
        low=0,
        high=1,
    )
    most_full: float = option(
        0.2,
        "Share of full bodies that a person for Flux bears at most.",
        unit="share",
        low=0,
        high=1,
    )
    most_close: float = option(
        0.5,
        "Share of close-ups that fashion bears at most.",
        unit="share",
        low=0,
        high=1,
    )
    min_images: int = option(
        10,
        "Captions that must name the framing or the angle.",
        unit="images",
        low=2,
        high=100_000,
    )


_DISTANCES: Final = ("framing_close", "framing_half", "framing_full")
_SUBJECTS: Final = ("character", "object", "person")
_NAMED: Final = 0.5

_OTHER_DISTANCES: Final = Remedies(data=("add pictures at other distances, and name the framing in their captions",))

rule = Rule(
    id="framing-bias",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("memorization", "identity-collapse"),
    messages={
        "framing_close": (
            '{n:count} of the {named:count} captions of "{concept}" that name a framing are close; '
            "the purpose {purpose} needs other distances as well"
        ),
        "framing_half": (
            '{n:count} of the {named:count} captions of "{concept}" that name a framing show half of the figure; '
            "the purpose {purpose} needs other distances as well"
        ),
        "framing_full": (
            '{n:count} of the {named:count} captions of "{concept}" that name a framing show the whole; '
            "the purpose {purpose} needs other distances as well"
        ),
        "angle": (
            '{n:count} of the {named:count} captions of "{concept}" that name an angle say {usual}; '
            "the purpose {purpose} needs other angles as well"
        ),
        "few-close": (
            '{n:count} of the {named:count} captions of "{concept}" that name a framing are close; '
            "a person for Flux is best shown mostly by close-ups of the face"
        ),
        "many-full": (
            '{n:count} of the {named:count} captions of "{concept}" that name a framing show the whole body; '
            "for a person on Flux full bodies are best left out"
        ),
        "fashion": (
            '{n:count} of the {named:count} captions of "{concept}" that name a framing are close; '
            "fashion needs the whole outfit"
        ),
        "no-purpose": "no purpose is declared: use --purpose or set profile.purpose",
        "no-demand": "this purpose makes no demand on framing",
        "too-few": Plural(
            "too few captions name a framing or an angle: it takes {limit:count}, half of all, and one does",
            "too few captions name a framing or an angle: it takes {limit:count}, half of all, and {n:count} do",
        ),
    },
    remedies={
        **dict.fromkeys(_DISTANCES, _OTHER_DISTANCES),
        "angle": Remedies(data=("add pictures from other sides, and name the angle in their captions",)),
        "few-close": Remedies(data=("add close-ups of the face, or drop pictures from further away",)),
        "many-full": Remedies(data=("drop pictures of the whole body, or crop them to the face",)),
        "fashion": Remedies(data=("add pictures of the whole and the lower body",)),
    },
)


@dataclass(frozen=True, slots=True)
class _Framing:
    """Of the captions that name a framing, how many are of each distance."""

    named: int
    of: dict[str, int]

    def share(self, distance: str) -> float:
        return self.of[distance] / self.named if self.named else 0.0


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    profile = concept.dataset.profile
    if profile.purpose is None:
        raise Skip("no-purpose")
    if profile.purpose not in (*_SUBJECTS, "fashion"):
        raise Skip("no-demand")
    if not concept.captioned.any():
        raise Skip("no-captions")
    together = spread(concept, _DISTANCES)
    framing = _Framing(together.named, {name: spread(concept, (name,)).named for name in _DISTANCES})
    angle = spread(concept, ("viewpoint",))
    least = max(options.min_images, _NAMED * together.n)
    if max(framing.named, angle.named) < least:
        raise Skip("too-few", n=max(framing.named, angle.named), limit=options.min_images)
    if framing.named >= least:
        for message, distance, limit in _wrong(concept, framing, options):
            yield _found(
                concept,
                message,
                {"n": framing.of[distance], "named": framing.named},
                Measurement(
                    "framing_share", framing.share(distance), getattr(options, limit), option=limit, unit="share"
                ),
                # Too few close-ups are mended by what is added, or by pictures from further away that are dropped.
                naming(concept, set(_DISTANCES) - {distance} if message == "few-close" else (distance,)),
            )
    if profile.purpose in _SUBJECTS and profile.base_model != "flux" and angle.named >= least:
        share = angle.n_usual / angle.named
        if share >= options.limit:
            yield _found(
                concept,
                "angle",
                {"n": angle.n_usual, "named": angle.named, "usual": angle.usual},
                Measurement("angle_share", share, options.limit, option="limit", unit="share"),
                naming(concept, ("viewpoint",), names=angle.usual),
            )


def _wrong(concept: Concept, framing: _Framing, options: Options) -> Iterator[tuple[str, str, str]]:
    """What does not suit the purpose: the message, the distance that it is about, and the option with the limit."""
    profile = concept.dataset.profile
    if profile.purpose == "fashion":
        if framing.share("framing_close") > options.most_close:
            yield "fashion", "framing_close", "most_close"
        return
    if profile.purpose == "person" and profile.base_model == "flux":
        if framing.share("framing_close") < options.least_close:
            yield "few-close", "framing_close", "least_close"
        if framing.share("framing_full") > options.most_full:
            yield "many-full", "framing_full", "most_full"
        return
    for distance in _DISTANCES:
        if framing.share(distance) >= options.limit:
            yield distance, distance, "limit"


def _found(
    concept: Concept, message: str, values: dict[str, int | tuple[str, ...]], measured: Measurement, shown: Mask
) -> Finding:
    return rule.finding(
        concept.subject(concept.rows[shown].tolist()),
        message,
        values={"concept": concept.name, "purpose": concept.dataset.profile.purpose or "", **values},
        measured=measured,
        key=message,
    )
