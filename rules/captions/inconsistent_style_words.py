"""Words about light or rendering that disagree within one concept.

What it finds
    Words that exclude each other where one look is wanted: of light (soft, hard, dramatic, neon; dim, bright;
    warm, cool) and of rendering (photograph, anime, comic, painting, watercolour, sketch, 3D, flat). Of the
    captions that say one of them, at least `limit` and two or more say another than most do. For Flux both
    are judged, for the purpose style the rendering; elsewhere other renderings are a note, and other light
    is none, since there it is wanted. The words are lists of the vocabulary (`light_soft`, `medium_photo`, ...).

Why it matters
    The same look under different names, or different looks in one set, teach neither: colours and
    texture drift, and Flux, which follows words closely, ends up between them.

What to do
    If the pictures look alike, use one and the same words for it, or none. If they do not, keep the main
    group and take the others out, or train them apart.

Known limits
    Words are read, not pictures. Fewer than `min_captions` captions that speak of it are not judged.
    Captions that hold words of several kinds count for the kind that most captions have.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tagmetry.api import Concept, Finding, Measurement, Plural, Remedies, Rule, Severity, Skip, option
from tagmetry.rules.captions.wording import distinct_texts, paths_with, quoted, rows_with, wording


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.1,
        "Share of the captions that speak of it and say another thing than most, from which on it is reported.",
        unit="share",
        low=0,
        high=1,
    )
    min_captions: int = option(
        4,
        "Captions of a concept that must speak of light or rendering before it is judged.",
        unit="images",
        low=2,
        high=100_000,
    )


_LIGHT: Final = (
    ("light_soft", "light_hard", "light_dramatic", "light_neon"),
    ("light_dim", "light_bright"),
    ("light_warm", "light_cool"),
)
_RENDERING: Final = (
    (
        "medium_photo", "medium_anime", "medium_comic", "medium_paint", "medium_watercolour", "medium_sketch",
        "medium_3d", "medium_flat",
    ),
)  # fmt: skip
_LEAST: Final = 2
"""One caption that says otherwise may be an exception that its picture shows."""

_UNIFY: Final = Remedies(
    data=(
        "if {paths} look like the others, say {main} there too, or leave such words out everywhere",
        "if they look different, take them out or train them apart",
    )
)

rule = Rule(
    id="inconsistent-style-words",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("style-drift",),
    messages={
        "light": Plural(
            'the captions of "{concept}" disagree about the light: most say {main}, one of {total:count} says {others}',
            'the captions of "{concept}" disagree about the light: most say {main}, {n:count} of {total:count} say '
            "{others}",
        ),
        "rendering": Plural(
            'the captions of "{concept}" disagree about the rendering: most say {main}, one of {total:count} says '
            "{others}",
            'the captions of "{concept}" disagree about the rendering: most say {main}, {n:count} of {total:count} '
            "say {others}",
        ),
        "too-few": Plural(
            'one caption of "{concept}" speaks of its look, fewer than the {limit:count} needed to judge',
            '{n:count} captions of "{concept}" speak of its look, fewer than the {limit:count} needed to judge',
        ),
    },
    remedies={"light": _UNIFY, "rendering": _UNIFY},
)


@dataclass(frozen=True, slots=True)
class _Disagreement:
    """What captions say of one thing: those that speak of it, and those of them that say otherwise than most."""

    total: int
    n: int
    main: tuple[str, ...]
    others: tuple[str, ...]
    texts: tuple[int, ...]


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    if not concept.captioned.any():
        raise Skip("no-captions")
    profile = concept.dataset.profile
    is_flux = profile.base_model == "flux"
    wanted_even = is_flux or profile.purpose == "style"
    judged = [("rendering", axis) for axis in _RENDERING] + [("light", axis) for axis in _LIGHT if is_flux]
    most_spoken = 0
    for message, axis in judged:
        found = _disagreement(concept, axis)
        most_spoken = max(most_spoken, found.total)
        if found.total < options.min_captions or found.n < _LEAST or found.n < options.limit * found.total:
            continue
        share = found.n / found.total
        yield rule.finding(
            concept.subject(rows_with(concept, found.texts)),
            message,
            values={
                "concept": concept.name,
                "n": found.n,
                "total": found.total,
                "main": quoted(found.main),
                "others": quoted(found.others),
                "paths": paths_with(concept, found.texts),
            },
            measured=Measurement("style_disagreement", share, options.limit, option="limit", unit="share"),
            severity=None if wanted_even else Severity.INFO,
            key=axis[0],
        )
    if 0 < most_spoken < options.min_captions:
        raise Skip("too-few", concept=concept.name, n=most_spoken, limit=options.min_captions)


def _disagreement(concept: Concept, axis: tuple[str, ...]) -> _Disagreement:
    found = wording(concept.dataset)
    kinds: dict[int, set[str]] = {}
    words: dict[str, Counter[str]] = {name: Counter() for name in axis}
    images: Counter[str] = Counter()
    texts, counts = distinct_texts(concept)
    for text, count in zip(texts.tolist(), counts.tolist(), strict=True):
        for term in found.found(text, frozenset(axis)):
            for name in term.lists:
                if name in words:
                    kinds.setdefault(text, set()).add(name)
                    words[name][term.term] += count
        for name in kinds.get(text, ()):
            images[name] += count
    if not kinds:
        return _Disagreement(0, 0, (), (), ())
    main = min(axis, key=lambda name: (-images[name], name))
    images_of = dict(zip(texts.tolist(), counts.tolist(), strict=True))
    other_texts = tuple(text for text, names in sorted(kinds.items()) if main not in names)
    others = Counter[str]()
    for name in axis:
        if name != main:
            others.update(words[name])
    return _Disagreement(
        total=sum(images_of[text] for text in kinds),
        n=sum(images_of[text] for text in other_texts),
        main=_often(words[main]),
        others=_often(others),
        texts=other_texts,
    )


def _often(words: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted(words, key=lambda word: (-words[word], word)))
