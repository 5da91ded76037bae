"""The sample dataset of `tagmetry demo`: pictures drawn here, with faults planted on purpose."""

from tagmetry.demo.dataset import MARKER, Demo, DemoConcept, describe, write_demo
from tagmetry.demo.defects import PLANTED, PlantedDefect, defects_page

__all__ = ["MARKER", "PLANTED", "Demo", "DemoConcept", "PlantedDefect", "defects_page", "describe", "write_demo"]
