"""Tagmetry: will this image and caption dataset make a good LoRA, and what to change if not."""

from tagmetry.python_interface import audit
from tagmetry.report import Report

__all__ = ["Report", "audit"]
