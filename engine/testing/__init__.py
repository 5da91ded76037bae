"""What tests of rules, features and reporters are made of: datasets in memory, and each part called as a run calls it.

    from tagmetry.testing import concept, dataset, findings, subjects

    def test_a_tag_on_nine_of_ten_images_is_found():
        hats = dataset(concept("hat", captions=["sks, red hat"] * 9 + ["sks, cap"], trigger="sks"))
        assert subjects(findings(rule, hats, limit=0.8)) == ["hat: red hat"]

Tagmetry's own rules are tested with the same functions. Nothing is read from disk.
"""

from tagmetry.testing.datasets import caption_problem, concept, dataset, orphan, problem, training_config
from tagmetry.testing.features import measured, picture
from tagmetry.testing.reports import context, files, report_of
from tagmetry.testing.rules import (
    defined,
    figures,
    findings,
    judge,
    remedies,
    severities,
    skips,
    subjects,
    texts,
    untranslated,
)

__all__ = [
    "caption_problem",
    "concept",
    "context",
    "dataset",
    "defined",
    "figures",
    "files",
    "findings",
    "judge",
    "measured",
    "orphan",
    "picture",
    "problem",
    "remedies",
    "report_of",
    "severities",
    "skips",
    "subjects",
    "texts",
    "training_config",
    "untranslated",
]
