"""The built-in tag vocabulary: YAML files, one per theme, handed over as text."""

from importlib import resources


def sources() -> tuple[tuple[str, str], ...]:
    """The files as (name, text), sorted by name."""
    folder = resources.files("tagmetry.policies.vocabulary")
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda e: e.name)
    return tuple((entry.name, entry.read_text(encoding="utf-8")) for entry in files)
