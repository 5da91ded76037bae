"""The HTML review, one self-contained page, and the overview of several datasets."""

from tagmetry.reporters.html.datasets import reporter as overview_reporter
from tagmetry.reporters.html.page import Options, reporter

__all__ = ["Options", "overview_reporter", "reporter"]
