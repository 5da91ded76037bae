"""Words and patterns that captions must hold, must not hold, or should write otherwise."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from tagmetry.columns import Mask
from tagmetry.dataset import Samples
from tagmetry.messages import Message, cut, message
from tagmetry.options import NoOptions
from tagmetry.policy.expressions.patterns import Regex
from tagmetry.policy.kinds.kind import Definition, Field, Kind
from tagmetry.policy.kinds.metric import sample_values
from tagmetry.profile import ROLES
from tagmetry.rule import Hits, Rule, Skip
from tagmetry.text.normal_form import normal_form
from tagmetry.text.sentences import contains_word

_FOUND_SHOWN = 80
"""Characters of what a pattern found that a message shows."""


def _placeholders(definition: Definition) -> Mapping[str, str]:
    names = ("path", "name", "concept", "role", "found")
    return dict.fromkeys((*names, "instead" if definition["swap"] else "pattern"), "text")


def _summary(definition: Definition) -> Message:
    if definition["swap"]:
        return message("Captions that say {words}, for which the policy wants others.", words=tuple(definition["swap"]))
    regex: Regex = definition["pattern"]
    if definition["expect"] == "present":
        return message("Captions in which {pattern} is not found.", pattern=cut(regex.pattern, _FOUND_SHOWN))
    return message("Captions in which {pattern} is found.", pattern=cut(regex.pattern, _FOUND_SHOWN))


def _says_what(definition: Definition) -> tuple[str, ...]:
    if definition["swap"]:
        return ("swap",)
    return ("absent",) if definition["expect"] == "present" else ("present",)


def _build(rule: Rule, definition: Definition) -> None:
    rule.roles = ROLES
    if definition["swap"]:
        _build_swap(rule, definition)
        return
    regex: Regex = definition["pattern"]
    present = definition["expect"] == "present"

    def check(samples: Samples, options: NoOptions) -> Iterator[Hits]:
        texts = _texts_of(samples)
        holds = {text: regex.found_in(samples.dataset.captions.texts[text]) for text in texts}
        mask = _where(samples, lambda text: holds[text] != present)
        if present:
            found: Any = "-"
        else:
            found = [_first(regex, samples, text) if hit else "" for text, hit in _pairs(samples, mask)]
        values = definition.values(pattern=lambda: regex.pattern, found=lambda: found, **sample_values(samples))
        yield rule.hits("absent" if present else "present", mask, values=values, about="caption")

    rule.each_sample(check)


def _first(regex: Regex, samples: Samples, text: int) -> str:
    found = regex.compiled.search(samples.dataset.captions.texts[text].encode("utf-8", "replace"))
    return cut(found.group().decode("utf-8", "replace"), _FOUND_SHOWN) if found else ""


def _build_swap(rule: Rule, definition: Definition) -> None:
    swap: Mapping[str, str] = definition["swap"]

    def check(samples: Samples, options: NoOptions) -> Iterator[Hits]:
        captions = samples.dataset.captions.texts
        forms = {text: normal_form(captions[text]) for text in _texts_of(samples)}
        for wrong, right in swap.items():
            wrong_form, right_form = normal_form(wrong), normal_form(right)
            # What is right may hold what is wrong: `t-shirt` for `shirt`.
            own = right_form if wrong_form in right_form else ""
            said = {text: _says(form, wrong_form, own) for text, form in forms.items()}
            mask = _where(samples, lambda text, said=said: said[text])  # type: ignore[misc]
            values = definition.values(
                found=lambda wrong=wrong: wrong,  # type: ignore[misc]
                instead=lambda right=right: right,  # type: ignore[misc]
                **sample_values(samples),
            )
            yield rule.hits("swap", mask, values=values, about="caption", key=wrong_form)

    rule.each_sample(check)


def _says(form: str, wrong: str, own: str) -> bool:
    if wrong not in form:
        return False
    return contains_word(form.replace(own, "\0") if own else form, wrong)


def _texts_of(samples: Samples) -> list[int]:
    """The distinct caption texts of the samples. Raises Skip where there are none."""
    ids = np.unique(samples.text_ids)
    found = [int(text) for text in ids if text >= 0]
    if not found:
        raise Skip("no-captions")
    return found


def _pairs(samples: Samples, mask: Mask) -> Iterator[tuple[int, bool]]:
    return zip((int(text) for text in samples.text_ids), mask.tolist(), strict=True)


def _where(samples: Samples, holds: Callable[[int], bool]) -> Mask:
    ids = samples.text_ids
    return np.fromiter((text >= 0 and holds(int(text)) for text in ids), dtype=bool, count=len(ids))


kind = Kind(
    name="caption-pattern",
    doc="Captions in which a regular expression (RE2) is found, or is not found with expect: present; or, with swap, "
    "captions that write a word in a way that the policy does not want. Images without a caption are not judged.",
    fields=(
        Field("pattern", "regex", "Regular expression (RE2) that is looked for anywhere in the caption."),
        Field(
            "expect",
            "choice",
            "Whether the pattern must be found or must not.",
            choices=("absent", "present"),
            default="absent",
        ),
        Field("swap", "swap", "Words that are not wanted, each with what to write instead."),
    ),
    one_of=(("pattern", "swap"),),
    not_both=(("pattern", "swap"), ("swap", "expect")),
    placeholders=_placeholders,
    messages={
        "present": 'the caption holds "{found}"',
        "absent": "the caption does not hold the pattern {pattern}",
        "swap": 'the caption says "{found}"; write "{instead}"',
    },
    says=_says_what,
    summary=_summary,
    build=_build,
)
