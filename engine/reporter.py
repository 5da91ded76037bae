"""The contract of a reporter: a report in, files out. The command line owns the writing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tagmetry.messages import Translator
from tagmetry.options import NoOptions

if TYPE_CHECKING:
    from tagmetry.profile import Profile
    from tagmetry.report import Report
    from tagmetry.saved_reports import SavedRun

Need = Literal["thumbnails"]


@dataclass(frozen=True, slots=True)
class File:
    """One output file: a relative path with forward slashes (empty for a single-file reporter) and its content.

    Text is written as UTF-8 with LF line ends, whatever the console or system.
    """

    path: str
    content: str | bytes


@dataclass(frozen=True, slots=True)
class Context:
    """What a reporter is told besides the report: the language, and whether a person reads along on a terminal.

    `encodable` says whether the terminal can show a given text; `width` is its columns. `others` gives the
    translators of further languages, which an output may offer beside the chosen one. `as_folder` says that a reporter
    of the kind `either` writes a folder.
    """

    translator: Translator
    color: bool = False
    width: int = 80
    encodable: Callable[[str], bool] = lambda text: True
    absolute_paths: bool = False
    command: str = ""
    verbosity: int = 0
    others: Callable[[], tuple[Translator, ...]] = tuple
    as_folder: bool = False


class CannotExport(Exception):
    """Raised by a reporter that cannot render this report honestly; `text` is a message with the way out."""

    def __init__(self, text: Any) -> None:
        super().__init__(text.english())
        self.text = text


@dataclass(frozen=True, slots=True)
class SavedRuns:
    """Saved JSON reports, in the order in which they were named: of one dataset the earliest run first.

    `titles` are the rules' one-line titles by id, of the rules that are installed.
    """

    runs: "tuple[SavedRun, ...]"
    titles: Mapping[str, str]


Render = Callable[["Report", Any, Context], Iterator[File]]
RenderSaved = Callable[[SavedRuns, Any, Context], Iterator[File]]


@dataclass(slots=True, eq=False)
class Reporter:
    """One output format. `kind` says whether it writes one file, a folder, or lets the target's path decide.

    Options are set by `--set NAME.OPTION=VALUE` or the user's settings, never by a policy. `function` renders a run,
    `saved_function` saved reports; a reporter has one of them or both.
    """

    name: str
    doc: str
    kind: Literal["file", "folder", "either"] = "file"
    options: type = NoOptions
    needs: tuple[Need, ...] = ()
    function: Render | None = None
    saved_function: RenderSaved | None = None
    precheck: "Callable[[Profile, Any], None] | None" = None

    def render(self, function: Render) -> Render:
        """Decorator: the function that renders."""
        self.function = function
        return function

    def render_saved(self, function: RenderSaved) -> RenderSaved:
        """Decorator: the function that renders saved reports, for `tagmetry report --from`."""
        self.saved_function = function
        return function

    def before_measuring(self, function: "Callable[[Profile, Any], None]") -> "Callable[[Profile, Any], None]":
        """Decorator: called with the profile and the options before anything is measured.

        It raises CannotExport for what `render` would refuse anyway, so that nobody waits for it.
        """
        self.precheck = function
        return function
