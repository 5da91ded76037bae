"""Trainers by the names that people know them by."""

from collections.abc import Mapping
from typing import Final

NAMES: Final[Mapping[str, str]] = {
    "kohya": "kohya",
    "everydream": "EveryDream2",
    "onetrainer": "OneTrainer",
    "ai-toolkit": "AI Toolkit",
    "musubi": "musubi-tuner",
    "diffusion-pipe": "diffusion-pipe",
    "simpletuner": "SimpleTuner",
    "diffusers": "diffusers",
}
"""Value of the profile's `trainer` -> name."""
