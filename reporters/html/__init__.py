"""The HTML review, one self-contained page."""

from tagmetry.reporters.html.page import Options, reporter

__all__ = ["Options", "reporter"]
