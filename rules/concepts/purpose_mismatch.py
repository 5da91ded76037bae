"""Pictures that lack what the purpose needs, or hold what disturbs it.

What it finds
    With a purpose declared, beyond the framing: for a character or person (SD1.5, SDXL) expression, hair style or
    clothes that hardly change; for a person on Flux light that changes, and pictures from behind or in profile; for
    fashion an outfit that changes, garments without a colour, one pose; for a style mostly plain backgrounds, and
    core elements that nobody named.

Why it matters
    What the LoRA is to keep must stay the same in all pictures, and all else must change, or both are learned as one.
    What that is depends on the purpose: clothes are the subject of fashion and an accident of a person.

What to do
    Add pictures of what is missing, or drop those that disturb. Name the core traits in the profile
    (profile.concepts.NAME.core_tags): they are then meant to stay.

Known limits
    Needs a purpose, which is never guessed. Only what captions name is counted: `min_images` of them, and half of
    all, must name the matter. In sentences the words of the vocabulary are looked for, which is an estimate. How even
    a matter is, is the normalized entropy `H / ln K` over the `K` sets of tags that captions name together. The
    limits are Tagmetry's own; the sources name no figures. Background and light that never change are reported by
    `low-tag-entropy`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tagmetry.api import (
    Concept,
    Finding,
    Measurement,
    Plural,
    Remedies,
    Rule,
    Severity,
    Skip,
    Spread,
    naming,
    option,
    spread,
)


@dataclass(frozen=True, slots=True)
class Options:
    entropy_limit: float = option(
        0.5,
        "Normalized entropy up to which what should change counts as nearly constant.",
        low=0,
        high=1,
    )
    outfit_limit: float = option(
        0.8,
        "Share of the captions with clothes that should name one and the same garment for fashion.",
        unit="share",
        low=0,
        high=1,
    )
    colour_limit: float = option(
        0.5,
        "Share of the captions with clothes that should name a colour for fashion.",
        unit="share",
        low=0,
        high=1,
    )
    light_limit: float = option(
        0.5,
        "Share of the captions with light that should name the same light for a person on Flux.",
        unit="share",
        low=0,
        high=1,
    )
    turned_limit: float = option(
        0.2,
        "Share of the captions that may name a view from behind or a profile for a person on Flux.",
        unit="share",
        low=0,
        high=1,
    )
    plain_limit: float = option(
        0.5,
        "Share of the captions with a background that may name a plain one for a style.",
        unit="share",
        low=0,
        high=1,
    )
    min_images: int = option(
        10,
        "Captions that must name the matter.",
        unit="images",
        low=2,
        high=100_000,
    )


_NAMED: Final = 0.5
_EVERYWHERE: Final = 0.9
"""From here on `tag-frequency` reports the tag itself, and what is said here is a note."""

_CONSTANT: Final = {
    "expression": ("expression",),
    "hair-style": ("hair_style",),
    "clothes": ("clothing", "footwear", "headwear"),
}
_GARMENTS: Final = ("clothing",)
_LIGHT: Final = ("lighting", "time")

rule = Rule(
    id="purpose-mismatch",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("identity-collapse", "style-drift"),
    messages={
        "expression": (
            'the expression of "{concept}" hardly changes: {n:count} of the {named:count} captions that name one say '
            "{usual}; the purpose {purpose} needs several"
        ),
        "hair-style": (
            'the hair of "{concept}" hardly changes: {n:count} of the {named:count} captions that name it say {usual}; '
            "if it is no trait, the purpose {purpose} needs several"
        ),
        "clothes": (
            'the clothes of "{concept}" hardly change: {n:count} of the {named:count} captions that name any say '
            "{usual}; the purpose {purpose} needs several"
        ),
        "light-changes": (
            'the light of "{concept}" changes: at most {n:count} of the {named:count} captions that name it say the '
            "same ({usual}); a person for Flux is best shown in one light"
        ),
        "turned-away": (
            '{n:count} of the {total:count} captions of "{concept}" name a view from behind or a profile; '
            "a person for Flux is best shown from the front and slightly from the side"
        ),
        "outfit-changes": (
            'the outfit of "{concept}" changes: the most common garment, {usual}, is in {n:count} of the {named:count} '
            "captions that name clothes"
        ),
        "no-colours": (
            'only {n:count} of the {named:count} captions of "{concept}" that name clothes name a colour; '
            "fashion needs colour and texture plain to see and to read"
        ),
        "one-pose": (
            'the pose of "{concept}" hardly changes: {n:count} of the {named:count} captions that name one say '
            "{usual}; many poses help fashion"
        ),
        "plain-backgrounds": (
            '{n:count} of the {named:count} captions of "{concept}" that name a background name a plain one; '
            "a style is learned from backgrounds as well"
        ),
        "no-core-tags": 'the core elements of the style "{concept}" are not named in the profile',
        "no-purpose": "no purpose is declared: use --purpose or set profile.purpose",
        "no-demand": "this purpose makes no demands beyond the framing",
        "too-few": Plural(
            "too few captions name what this purpose asks for: it takes {limit:count}, half of all, and one does",
            "too few captions name what this purpose asks for: it takes {limit:count}, half of all, and {n:count} do",
        ),
    },
    remedies={
        "expression": Remedies(data=("add pictures with other expressions, and name them",)),
        "hair-style": Remedies(data=("add pictures with other hair styles, or declare this one as a core tag",)),
        "clothes": Remedies(data=("add pictures in other clothes, and name them",)),
        "light-changes": Remedies(data=("keep the pictures in the most common light, and drop or correct the rest",)),
        "turned-away": Remedies(data=("drop these pictures, or replace them by some from the front",)),
        "outfit-changes": Remedies(data=("keep the pictures of one outfit, or make each outfit a concept of its own",)),
        "no-colours": Remedies(data=("name the colour and the material of each garment",)),
        "one-pose": Remedies(data=("add pictures in other poses, and name them",)),
        "plain-backgrounds": Remedies(data=("add pictures with whole scenes",)),
        "no-core-tags": Remedies(
            data=(
                (
                    "name what makes the style, such as line width, saturation, light and dark: "
                    "profile.concepts.NAME.core_tags"
                ),
            )
        ),
    },
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    profile = concept.dataset.profile
    if profile.purpose is None:
        raise Skip("no-purpose")
    if profile.purpose not in ("character", "person", "fashion", "style"):
        raise Skip("no-demand")
    if not concept.captioned.any():
        raise Skip("no-captions")
    matters = _Matters(concept, options)
    if profile.purpose == "style":
        yield from _style(concept, matters, options)
    elif profile.purpose == "fashion":
        yield from _fashion(concept, matters, options)
    elif profile.purpose == "person" and profile.base_model == "flux":
        yield from _person_on_flux(concept, matters, options)
    else:
        yield from _constant(concept, matters, options, _CONSTANT)
    if not matters.judged:
        raise Skip("too-few", n=matters.most, limit=options.min_images)


class _Matters:
    """The spreads that were asked for: None where too few captions name the matter."""

    def __init__(self, concept: Concept, options: Options) -> None:
        self._concept = concept
        self._options = options
        self.judged = False
        self.most = 0

    def spread(self, *groups: str) -> Spread | None:
        found = spread(self._concept, groups, without=self._concept.protected_words)
        self.most = max(self.most, found.named)
        if found.named < max(self._options.min_images, _NAMED * found.n):
            return None
        self.judged = True
        return found


def _constant(
    concept: Concept, matters: _Matters, options: Options, wanted: dict[str, tuple[str, ...]]
) -> Iterator[Finding]:
    for message, groups in wanted.items():
        found = matters.spread(*groups)
        if found is None or found.evenness > options.entropy_limit:
            continue
        is_told = found.values[0][2] >= _EVERYWHERE * concept.n
        yield _found(
            concept,
            message,
            {"n": found.n_usual, "named": found.named, "usual": found.usual},
            measured=Measurement("tag_entropy", found.evenness, options.entropy_limit, option="entropy_limit"),
            # A hair style may well be a trait; poses only help.
            severity=Severity.INFO if is_told or message in ("hair-style", "one-pose") else None,
        )


def _person_on_flux(concept: Concept, matters: _Matters, options: Options) -> Iterator[Finding]:
    light = matters.spread(*_LIGHT)
    if light is not None and light.n_usual < options.light_limit * light.named:
        share = light.n_usual / light.named
        yield _found(
            concept,
            "light-changes",
            {"n": light.n_usual, "named": light.named, "usual": light.usual},
            measured=Measurement("light_share", share, options.light_limit, option="light_limit", unit="share"),
        )
    turned = spread(concept, ("view_turned_away",))
    if turned.n < options.min_images:
        return
    matters.judged = True
    share = turned.named / turned.n
    if share > options.turned_limit:
        yield _found(
            concept,
            "turned-away",
            {"n": turned.named, "total": turned.n},
            measured=Measurement("turned_share", share, options.turned_limit, option="turned_limit", unit="share"),
        )


def _fashion(concept: Concept, matters: _Matters, options: Options) -> Iterator[Finding]:
    # A declared core tag is the outfit, and counts here.
    clothes = spread(concept, _GARMENTS)
    matters.most = clothes.named
    if clothes.named >= max(options.min_images, _NAMED * clothes.n):
        matters.judged = True
        garment, _, n = clothes.values[0]
        share = n / clothes.named
        if share < options.outfit_limit:
            yield _found(
                concept,
                "outfit-changes",
                {"n": n, "named": clothes.named, "usual": garment},
                measured=Measurement("garment_share", share, options.outfit_limit, option="outfit_limit", unit="share"),
            )
        coloured = spread(concept, ("colour",)).named
        share = min(1.0, coloured / clothes.named)
        if share < options.colour_limit:
            yield _found(
                concept,
                "no-colours",
                {"n": coloured, "named": clothes.named},
                measured=Measurement("colour_share", share, options.colour_limit, option="colour_limit", unit="share"),
            )
    yield from _constant(concept, matters, options, {"one-pose": ("pose",)})


def _style(concept: Concept, matters: _Matters, options: Options) -> Iterator[Finding]:
    if not concept.info.core_tags:
        matters.judged = True
        yield _found(concept, "no-core-tags", {}, measured=Measurement("core_tags", 0, 1), severity=Severity.INFO)
    background = matters.spread("background")
    if background is None:
        return
    plain = spread(concept, ("background_plain",)).named
    share = plain / background.named
    if share > options.plain_limit:
        yield _found(
            concept,
            "plain-backgrounds",
            {"n": plain, "named": background.named},
            measured=Measurement("plain_share", share, options.plain_limit, option="plain_limit", unit="share"),
            rows=concept.rows[naming(concept, ("background_plain",))].tolist(),
        )


def _found(
    concept: Concept,
    message: str,
    values: dict[str, int | str | tuple[str, ...]],
    *,
    measured: Measurement,
    severity: Severity | None = None,
    rows: Sequence[int] = (),
) -> Finding:
    return rule.finding(
        concept.subject(rows),
        message,
        values={"concept": concept.name, "purpose": concept.dataset.profile.purpose or "", **values},
        measured=measured,
        severity=severity,
        key=message,
    )
