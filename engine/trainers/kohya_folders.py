"""The names of folders in `train_data_dir` and `reg_data_dir`, which sd-scripts reads as repeats and class tokens."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class NamedFolder:
    """A folder `N_rest` below train_data_dir or reg_data_dir."""

    repeats: int
    class_tokens: str


def parse_folder_name(name: str) -> NamedFolder | None:
    """Repeats before the first underscore, class tokens after it (further underscores stay); None if not read."""
    number, _, rest = name.partition("_")
    try:
        repeats = int(number)
    except ValueError:
        return None
    return NamedFolder(repeats, rest) if repeats >= 1 else None


def why_folder_unread(name: str) -> Literal["no-number", "number-below-one", ""]:
    """Empty for a folder that is read. Without a number the trainer warns, below one it says nothing."""
    if parse_folder_name(name) is not None:
        return ""
    try:
        int(name.partition("_")[0])
    except ValueError:
        return "no-number"
    return "number-below-one"
