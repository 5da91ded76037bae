"""The built-in reporters. This module is their plugin."""

from tagmetry.api import Reporter, hookimpl
from tagmetry.reporters import html, json_report, text_report
from tagmetry.reporters.trainers import everydream, kohya, torch


@hookimpl
def tagmetry_reporters() -> tuple[Reporter, ...]:
    return (
        text_report.reporter,
        json_report.reporter,
        html.reporter,
        html.overview_reporter,
        kohya.reporter,
        everydream.reporter,
        torch.reporter,
    )
