"""A caption with more tokens than are read.

What it finds
    Captions of more CLIP tokens than the trainer reads: 75, or what the profile's
    `max_token_length` says. It names the words that are lost; a comma alone does not count. A token is
    a piece of text as the text encoder counts it: a common word is one, a rare one several, each comma
    one more.

Why it matters
    What comes after the limit is cut off without a warning, so it is in the picture and in no
    caption. Tag lists sorted by certainty lose details; a trigger at the end is never seen.

What to do
    Shorten the caption, or move what matters to the front. Raising the trainer's limit to 150 or 225 is
    the second choice: programs that generate pictures cut long prompts in different ways.

Known limits
    Without a CLIP vocabulary at hand (`tagmetry doctor` tells) tokens cannot be counted, and only
    captions that are too long beyond doubt are reported. Flux reads captions mainly with T5, up to
    512 tokens (256 for schnell), which are not counted here; for it this is a note.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tagmetry.api import Hits, NoOptions, Remedies, Rule, Samples, Severity, Skip

_CLIP_TOKENS: Final = 75
"""CLIP has 77 places, of which start and end take two."""

_SEPARATORS: Final = " \t\n,，、。;；._-"

_SHORTEN: Final = Remedies(
    data=("shorten the caption, or move what matters to its front",),
    training=("raise max_token_length only if that is not enough",),
)
_FLUX: Final = Remedies(data=("put what matters most into the first sentence",))

rule = Rule(
    id="caption-too-long",
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("prompt-sensitivity", "instability"),
    messages={
        "found": "the caption of {path} has {n:tokens}, and only the first {limit:count} are read; cut off: {lost}",
        "estimated": (
            "the caption of {path} has at least {n:tokens} (an estimate), and only the first {limit:count} are read; "
            "cut off at least: {lost}"
        ),
        "flux": (
            "the caption of {path} has {n:tokens}; CLIP reads only the first {limit:count}, "
            "while T5, which matters more to Flux, reads further"
        ),
        "flux-estimated": (
            "the caption of {path} has at least {n:tokens} (an estimate); CLIP reads only the first {limit:count}, "
            "while T5, which matters more to Flux, reads further"
        ),
    },
    remedies={"found": _SHORTEN, "estimated": _SHORTEN, "flux": _FLUX, "flux-estimated": _FLUX},
)


@rule.each_sample
def check(samples: Samples, options: NoOptions) -> Iterator[Hits]:
    captions, profile = samples.dataset.captions, samples.dataset.profile
    if not samples.captioned.any():
        raise Skip("no-captions")
    is_flux = profile.base_model == "flux"
    # Flux ignores max_token_length: its CLIP has the one window.
    limit = _CLIP_TOKENS if is_flux or profile.max_token_length is None else profile.max_token_length
    tokens = samples.tokens
    too_long = tokens.valid & (tokens.values > limit)
    lost = np.full(samples.n, "", dtype=object)
    for place in np.flatnonzero(too_long):
        words = captions.words_lost.get(int(samples.text_ids[place]))
        if words is not None:
            lost[place] = words.strip(_SEPARATORS)
            # A comma at the very end is a token, and no loss.
            too_long[place] = bool(lost[place])
    exact, estimated = ("flux", "flux-estimated") if is_flux else ("found", "estimated")
    yield rule.hits(
        exact if captions.tokens_exact else estimated,
        too_long,
        values={"path": samples.paths, "n": tokens.values, "limit": limit, "lost": lost},
        metric="tokens",
        measured=tokens.values,
        limit=limit,
        unit="tokens",
        severity=Severity.INFO if is_flux else None,
        about="caption",
    )
