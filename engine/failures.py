"""What broke although the run went on: a plugin, layout, feature, rule or output, named with its version and reason."""

import re
import traceback
from dataclasses import dataclass
from typing import Any, Final, Literal

from tagmetry.errors import TagmetryError
from tagmetry.messages import Message, Plural, Template, cut, message, visible

FailureKind = Literal["plugin", "layout", "feature", "rule", "output"]
REASON_SHOWN: Final = 160
"""Characters of what was raised; with its place it stays below what a message shows of one value."""

_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that broke, so that the report says less than it should.

    `plugin` and `version` name who brought it; `reason` is in the words of the code that broke, with its place.
    `n` counts the images that a feature gave no figure for.
    """

    kind: FailureKind
    name: str
    plugin: str
    version: str
    reason: str
    n: int = 0

    def text(self) -> Message:
        return message(
            _TEXTS[self.kind],
            name=self.name,
            plugin=self.plugin,
            version=self.version,
            reason=self.reason,
            n=self.n,
        )


_TEXTS: Final[dict[FailureKind, Template]] = {
    "plugin": "plugin {name} {version} did not load: {reason}",
    "layout": "layout {name} of plugin {plugin} {version} failed: {reason}",
    "feature": Plural(
        "feature {name} of plugin {plugin} {version} failed on {n:count} image: {reason}",
        "feature {name} of plugin {plugin} {version} failed on {n:count} images: {reason}",
    ),
    "rule": "rule {name} of plugin {plugin} {version} failed: {reason}",
    "output": "output {name} of plugin {plugin} {version} failed: {reason}",
}


def reason_of(error: BaseException, *, package: str = "") -> str:
    """Why something failed, in one line: what was raised, and where in `package` (a top-level package's name).

    The same failure gives the same text in every run, so addresses of objects and paths of this machine are left out.
    """
    if isinstance(error, TagmetryError):
        said = error.text.english()
    elif isinstance(error, SystemExit):
        said = f"it called sys.exit({error.code!r})"
    else:
        words = _words(error)
        said = f"{type(error).__name__}: {words}" if words else type(error).__name__
    return cut(visible(said), REASON_SHOWN) + _place(error, package)


def _words(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - the error's own code is a plugin's too
        return ""
    path = getattr(error, "path", None)
    if isinstance(error, ImportError) and path:
        text = text.replace(f" ({path})", "")
    return _ADDRESS.sub("", " ".join(text.split()))


def _place(error: BaseException, package: str) -> str:
    """The last line of the package that the error passed: ` (package.module, line 3)`."""
    place = ""
    for frame, line in traceback.walk_tb(error.__traceback__) if package else ():
        module: Any = frame.f_globals.get("__name__")
        if isinstance(module, str) and module.partition(".")[0] == package:
            place = f" ({module}, line {line})"
    return place
