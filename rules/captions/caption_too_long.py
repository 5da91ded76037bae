"""A caption with more tokens than are read.

What it finds
    Captions of more CLIP tokens than the trainer reads: 75, or what the profile's
    `max_token_length` says. It names the words that are lost; a comma alone does not count. A token is
    a piece of text as the text encoder counts it: a common word is one, a rare one several, each comma
    one more. For Flux, which reads captions mainly with T5, that is a note, and the limit is 512 T5 tokens
    (`t5_max_token_length`; 256 for schnell).

Why it matters
    What comes after the limit is cut off without a warning, so it is in the picture and in no
    caption. Tag lists sorted by certainty lose details; a trigger at the end is never seen.

What to do
    Shorten the caption, or move what matters to the front. Raising the trainer's limit to 150 or 225 is
    the second choice: programs that generate pictures cut long prompts in different ways.

Known limits
    Without a CLIP vocabulary at hand (`tagmetry doctor` tells) tokens cannot be counted, and only
    captions that are too long beyond doubt are reported. T5 tokens are counted exactly with
    `--t5-vocabulary` (and the library sentencepiece), else estimated, which the finding says.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tagmetry.api import Hits, NoOptions, Remedies, Rule, Samples, Severity, Skip

_T5_TOKENS: Final = 512
"""Of FLUX.1 dev, the end marker among them."""

_CLIP_TOKENS: Final = 75
"""CLIP has 77 places, of which start and end take two."""

_SEPARATORS: Final = " \t\n,，、。;；._-"

_SHORTEN: Final = Remedies(
    data=("shorten the caption, or move what matters to its front",),
    training=("raise max_token_length only if that is not enough",),
)
_T5: Final = Remedies(data=("shorten the caption, or move what matters to its front",))
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
        "t5": "the caption of {path} has {n:tokens} of T5, and only the first {limit:count} are read; cut off: {lost}",
        "t5-estimated": (
            "the caption of {path} has about {n:tokens} of T5 (an estimate), and only the first {limit:count} are "
            "read; cut off from about: {lost}"
        ),
    },
    remedies={
        "found": _SHORTEN,
        "estimated": _SHORTEN,
        "flux": _FLUX,
        "flux-estimated": _FLUX,
        "t5": _T5,
        "t5-estimated": _T5,
    },
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
    if is_flux and captions.t5_tokens is not None:
        t5_hits = _beyond_t5(samples)
        too_long &= ~t5_hits.mask
        yield t5_hits
    exact, estimated = ("flux", "flux-estimated") if is_flux else ("found", "estimated")
    yield rule.hits(
        exact if captions.tokens_exact else estimated,
        too_long,
        values={"path": samples.paths, "n": tokens.values, "limit": limit, "lost": lost},
        metric="tokens",
        measured=tokens.values,
        limit=limit,
        unit="tokens",
        origin="trainer" if is_flux else profile.origin_of("max_token_length"),
        severity=Severity.INFO if is_flux else None,
        about="caption",
    )


def _beyond_t5(samples: Samples) -> Hits:
    """Captions that are longer than what Flux's T5 reads; without words beyond it there is no loss."""
    captions, ids = samples.dataset.captions, samples.text_ids
    limit = samples.dataset.profile.t5_max_token_length or _T5_TOKENS
    counts = captions.t5_tokens
    assert counts is not None
    tokens = np.where(ids >= 0, counts[ids] if len(counts) else 0, 0)
    lost = [captions.t5_lost.get(int(text), "").strip(_SEPARATORS) for text in ids]
    return rule.hits(
        "t5" if captions.t5_exact else "t5-estimated",
        samples.captioned & (tokens > limit) & np.array([bool(words) for words in lost], dtype=bool),
        values={"path": samples.paths, "n": tokens, "limit": limit, "lost": lost},
        metric="t5_tokens",
        measured=tokens,
        limit=limit,
        unit="tokens",
        origin=samples.dataset.profile.origin_of("t5_max_token_length"),
        about="caption",
    )
