"""Captions that lack the trigger word of their concept.

What it finds
    Training concepts with a known trigger whose captions do not all hold it, with the share and the
    images concerned. The trigger is looked for as a word anywhere in the caption, so `sks` is found in
    `sks woman` and not in `asks`; case, width and underscores do not count.

Why it matters
    The trigger is what all pictures of the concept are to have in common. Captions without it teach the
    same features to other words, so that the trigger is learned late and gives a less certain likeness.

What to do
    Write the trigger into the captions that lack it, at the same place as in the others, mostly first.

Known limits
    Needs a trigger: declared in the profile, or taken from captions and folder names that agree. A
    trigger that was inferred can be the wrong word. Images without a caption are reported by
    `missing-caption`.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tagmetry.api import Concept, Finding, Measurement, NoOptions, Plural, Remedies, Rule, Severity, Skip, with_word

_ADD: Final = 'write "{trigger}" into these captions, where the others have it'
_ADD_OR_NAME: Final = (
    'write "{trigger}" into the captions, or declare the word that they do have: profile.concepts.NAME.trigger'
)

rule = Rule(
    id="trigger-missing",
    severity=Severity.WARNING,
    evidence="community",
    points_to=("identity-collapse",),
    messages={
        "found": Plural(
            'one of the {total:count} captions of "{concept}" lacks the trigger "{trigger}": {paths}',
            '{n:count} of the {total:count} captions of "{concept}" lack the trigger "{trigger}": {paths}',
        ),
        "inferred": Plural(
            'one of the {total:count} captions of "{concept}" lacks "{trigger}", which was taken for the trigger: '
            "{paths}",
            '{n:count} of the {total:count} captions of "{concept}" lack "{trigger}", which was taken for the '
            "trigger: {paths}",
        ),
        "nowhere": Plural(
            'the only caption of "{concept}" lacks the trigger "{trigger}"',
            'none of the {total:count} captions of "{concept}" holds the trigger "{trigger}"',
            by="total",
        ),
    },
    remedies={
        "found": Remedies(data=(_ADD,)),
        "inferred": Remedies(
            data=(_ADD, "if it is not the trigger, declare the right one: profile.concepts.NAME.trigger")
        ),
        "nowhere": Remedies(data=(_ADD_OR_NAME,)),
    },
)


@rule.each_concept
def check(concept: Concept, options: NoOptions) -> Iterator[Finding]:
    if not concept.captioned.any():
        raise Skip("no-captions")
    if concept.trigger is None:
        raise Skip("no-trigger")
    lacking = concept.captioned & ~with_word(concept, concept.trigger)
    n, total = int(np.count_nonzero(lacking)), int(np.count_nonzero(concept.captioned))
    if not n:
        return
    share = 1 - n / total
    message = "inferred" if concept.info.trigger_origin == "inferred" else "found"
    yield rule.finding(
        concept.subject(concept.rows[lacking]),
        "nowhere" if n == total else message,
        values={
            "concept": concept.name,
            "trigger": concept.trigger,
            "n": n,
            "total": total,
            "share": share,
            "paths": tuple(concept.where(lacking).paths),
        },
        measured=Measurement("trigger_frequency", share, 1.0, unit="share", origin="S1"),
    )
