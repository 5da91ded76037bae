"""A caption in letters that Flux's T5 does not know.

What it finds
    For Flux: captions of which at least `limit` of the letters are Japanese, Chinese, Korean, Thai or
    of the scripts beside it. T5's vocabulary has none of these; it makes one unknown token of each run
    of such letters, whatever they say.

Why it matters
    Flux reads captions mainly with T5. A Japanese caption reaches it as "unknown, unknown": the pictures are trained
    almost without words, and all of them on the same ones. CLIP, which Flux reads beside it, gets pieces of
    letters and little meaning.

What to do
    Translate the captions into English. The trigger may stay as it is if it is in Latin letters.

Known limits
    Counts letters. A few words in such letters within an English caption are let pass. Other base models read
    captions with other text encoders, and are not judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagmetry.api import Hits, Remedies, Rule, Samples, Severity, Skip, option
from tagmetry.text import Script, scripts_in


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.5,
        "Share of a caption's letters that T5 does not know, from which on it is reported.",
        unit="share",
        low=0,
        high=1,
    )


_UNKNOWN: Final[tuple[Script, ...]] = ("han", "hiragana", "katakana", "hangul", "southeast-asian")

rule = Rule(
    id="script-unknown-to-t5",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("prompt-sensitivity",),
    messages={
        "found": "{share:percent} of the letters in the caption of {path} are in scripts that Flux's T5 does not know",
        "not-flux": "only for Flux, which reads captions with T5",
    },
    remedies=Remedies(data=("translate the caption into English",)),
)


@rule.each_sample
def check(samples: Samples, options: Options) -> Iterator[Hits]:
    if samples.dataset.profile.base_model != "flux":
        raise Skip("not-flux")
    if not samples.captioned.any():
        raise Skip("no-captions")
    texts = samples.dataset.captions.texts
    shares = {text: _share(texts[text]) for text in np.unique(samples.text_ids[samples.captioned]).tolist()}
    of_sample = np.array([shares.get(text, 0.0) for text in samples.text_ids.tolist()])
    yield rule.hits(
        "found",
        (of_sample > 0) & (of_sample >= options.limit),
        values={"path": samples.paths, "share": of_sample},
        metric="unknown_script_share",
        measured=of_sample,
        limit=options.limit,
        option="limit",
        unit="share",
        about="caption",
    )


def _share(text: str) -> float:
    counts = scripts_in(text)
    return sum(counts.get(script, 0) for script in _UNKNOWN) / sum(counts.values()) if counts else 0.0
