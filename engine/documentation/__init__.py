"""Pages that are written from the code: rules, command line, policy reference. A check fails when they are stale."""

from tagmetry.documentation.measured import measured_pages
from tagmetry.documentation.pages import generated_pages

__all__ = ["generated_pages", "measured_pages"]
