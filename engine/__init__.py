"""Tagmetry: will this image and caption dataset make a good LoRA, and what to change if not."""

# Nothing is imported here at once: `python -m tagmetry` runs this file while the current folder is still on the path,
# and a dataset must not bring modules along.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from tagmetry.python_interface import audit
    from tagmetry.report import Report

__all__ = ["Report", "audit"]


def __getattr__(name: str) -> object:
    if name == "audit":
        from tagmetry.python_interface import audit

        return audit
    if name == "Report":
        from tagmetry.report import Report

        return Report
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
