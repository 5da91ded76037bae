"""What was probably meant by a name or function that is not known, or not known here."""

from collections.abc import Mapping
from typing import Final

from tagmetry.messages import Message, cut, message
from tagmetry.policy.expressions.functions import FUNCTIONS
from tagmetry.policy.expressions.kinds import Kind
from tagmetry.policy.expressions.mistakes import Mistake
from tagmetry.policy.expressions.names import Name, Registry, Scope
from tagmetry.policy.suggestions import did_you_mean

TRUTHS: Final[Mapping[str, bool]] = {"true": True, "false": False}

ABOUT: Final[Mapping[Scope, str]] = {
    "row": "one image",
    "concept": "one concept",
    "dataset": "the whole dataset",
    "risk": "a risk",
}

_SHOWN: Final = 60

_OTHER_WORDS: Final[Mapping[str, str]] = {
    "upper": "lower",
    "lowercase": "lower",
    "casefold": "lower",
    "startswith": "starts_with",
    "endswith": "ends_with",
    "regex": "matches",
    "match": "matches",
    "search": "matches",
    "length": "len",
    "size": "len",
    "avg": "mean",
    "average": "mean",
    "percentile": "quantile",
    "any": "has_any",
    "all": "has_all",
    "tag": "has_tag",
    "tags": "has_any",
    "ratio": "share",
    "clamp": "clip",
    "log": "log2",
    "log10": "log2",
    "ln": "log2",
    "ceiling": "ceil",
}
"""What the functions are called elsewhere."""


def unknown_name(
    path: str, place: tuple[int, int], *, registry: Registry, scope: Scope, expected: Kind | None
) -> Mistake:
    """A name that cannot be read in a scope; `expected` is the kind of a text that is wanted in its place."""
    elsewhere = registry.find_anywhere(path)
    if elsewhere is not None:
        said = message(
            "{name} is a figure of {about}, and this is about {scope}",
            name=path,
            about=ABOUT[elsewhere.scope],
            scope=ABOUT[scope],
        )
        return Mistake("expression-scope", said, *place, help=_from_the_larger(elsewhere, registry))
    if path in registry.refused:
        return Mistake("expression-unknown-name", registry.refused[path], *place)
    near, help = _meant(path, tuple(registry.visible(scope)), expected)
    said = message("the name {name} is not known", name=cut(path, _SHOWN))
    return Mistake("expression-unknown-name", said, *place, help=help, suggestion=near)


def unknown_function(path: str, place: tuple[int, int]) -> Mistake:
    """A function by a name of others, or written behind a dot as in `caption.lower()`."""
    before, _, last = path.rpartition(".")
    near = _OTHER_WORDS.get(last) or (last if last in FUNCTIONS else did_you_mean(path, FUNCTIONS))
    if near is None:
        help = message("there are: {names}", names=", ".join(FUNCTIONS))
    elif before and FUNCTIONS[near].about == "values":
        rest = ", ..." if len(FUNCTIONS[near].parameters) > 1 else ""
        help = message("write {name}({text})", name=near, text=cut(before, _SHOWN) + rest)
    else:
        help = message("did you mean {near}?", near=FUNCTIONS[near].signature)
    said = message("the function {name} is not known", name=cut(path, _SHOWN))
    return Mistake("expression-unknown-function", said, *place, help=help, suggestion=near)


def _meant(path: str, known: tuple[str, ...], expected: Kind | None) -> tuple[str | None, Message]:
    """The name or value that was probably meant, and the way out."""
    near = _near(path, known)
    if expected is not None:
        choice = path if path in expected.choices else did_you_mean(path, expected.choices)
        if choice is not None or near is None:
            return choice, message("a text stands in quotes: '{text}'", text=choice or cut(path, _SHOWN))
        return near, message("did you mean {near}, or the text '{text}'?", near=near, text=path)
    if path in FUNCTIONS:
        return None, message("{name} is a function: {signature}", name=path, signature=FUNCTIONS[path].signature)
    if near is not None:
        return near, message("did you mean {near}?", near=near)
    prefix = path.partition(".")[0] + "."
    listed = [name for name in known if name.startswith(prefix)]
    if listed:
        return None, message("there are: {names}", names=", ".join(listed))
    return None, message("texts stand in quotes: '...'")


def _from_the_larger(name: Name, registry: Registry) -> Message | None:
    """How the figure of something smaller is asked for in the registry's scope."""
    if name.scope == "row" and registry.scope in ("concept", "dataset"):
        if name.kind.sort == "number":
            return message("over all images: mean({name}), median({name}), quantile({name}, 0.1)", name=name.name)
        return message("over all images: share(...), count(...)")
    same = "dataset." + name.name.rpartition(".")[2]
    return message("did you mean {near}?", near=same) if same in registry.visible() else None


def _near(path: str, known: tuple[str, ...]) -> str | None:
    for prefix in ("dataset.", "concept.", "profile."):
        if prefix + path in known:
            return prefix + path
    prefix, _, last = path.rpartition(".")
    # A common beginning alone makes no two names alike.
    rest = [name.removeprefix(f"{prefix}.") for name in known if name.startswith(f"{prefix}.")]
    if prefix and rest:
        near = did_you_mean(last, rest)
        return f"{prefix}.{near}" if near is not None else None
    return did_you_mean(path, (*known, *TRUTHS))
