"""Message templates of policies: read and checked when the policy is loaded."""

import re
from collections.abc import Mapping
from typing import Final

from tagmetry.messages import KINDS, Message, message, template_fields, visible
from tagmetry.policy.expressions import ExpressionError, Mistake
from tagmetry.policy.kinds.kind import FIGURE
from tagmetry.policy.suggestions import did_you_mean

LONGEST_MESSAGE: Final = 500
"""Characters of a message of a policy."""

_PIECE: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def completed(text: str, placeholders: Mapping[str, str], figure: str) -> str:
    """The template with the kind of each placeholder; `figure` is what placeholders of kind FIGURE are shown as.

    Raises ExpressionError, whose mistakes stand at the places of the text.
    """
    mistakes = []
    if len(text) > LONGEST_MESSAGE:
        over = message(
            "the message has {n:count} characters; at most {most:count} are taken", n=len(text), most=LONGEST_MESSAGE
        )
        raise ExpressionError(text, [Mistake("policy-message", over, 0, len(text))])
    pieces: list[str] = []
    end = 0
    for match in _PIECE.finditer(text):
        # What would steer a terminal is shown as an escape, as in every text that others wrote.
        pieces.append(visible(text[end : match.start()]))
        end = match.end()
        written = match.group()
        if written in ("{{", "}}"):
            pieces.append(written)
        elif match.group(1) is None:
            stray = message("a brace that stands for itself is written twice: {braces}", braces=written * 2)
            mistakes.append(Mistake("policy-message", message("a single brace"), *match.span(), help=stray))
        elif (wrong := _wrong(match.group(1), placeholders)) is not None:
            mistakes.append(Mistake("policy-message", wrong[0], *match.span(), help=wrong[1]))
        else:
            name, _, kind = match.group(1).partition(":")
            kind = kind or placeholders[name]
            kind = figure if kind == FIGURE else kind
            pieces.append(f"{{{name}}}" if kind == "text" else f"{{{name}:{kind}}}")
    pieces.append(visible(text[end:]))
    if mistakes:
        raise ExpressionError(text, mistakes)
    return "".join(pieces)


def _wrong(written: str, placeholders: Mapping[str, str]) -> tuple[Message, Message] | None:
    name, colon, kind = written.partition(":")
    if name not in placeholders:
        near = did_you_mean(name, placeholders)
        names = ", ".join(placeholders)
        return (
            message("there is no placeholder {{{name}}}", name=written),
            message("did you mean {{{near}}}? Placeholders: {names}", near=near, names=names)
            if near
            else message("placeholders: {names}", names=names),
        )
    if colon and kind not in KINDS:
        return (
            message("a placeholder is not shown as '{kind}'", kind=kind),
            message("leave it out, or write one of: {kinds}", kinds=", ".join(KINDS)),
        )
    return None


def fields_of(templates: Mapping[str, str]) -> frozenset[str]:
    """The placeholders that the templates hold."""
    return frozenset(name for template in templates.values() for name in template_fields(template))
