"""What goes wrong, as exceptions. What is found in a dataset is data, never one of these."""

from tagmetry.messages import Message


class TagmetryError(Exception):
    """An error that a user can act on; its text is a message, rendered at the edge.

    `exit_code` is what the command line ends with.
    """

    exit_code = 4

    def __init__(self, text: Message, help: Message | None = None) -> None:
        super().__init__(text.english())
        self.text = text
        self.help = help


class UsageError(TagmetryError):
    """Nothing was audited: wrong usage, no dataset, an invalid policy or config."""

    exit_code = 2


class OutputError(TagmetryError):
    """An output could not be written."""

    exit_code = 3


class PluginError(TagmetryError):
    """A plugin did not load, or broke its contract."""

    exit_code = 3
