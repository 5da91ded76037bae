"""Datasets in memory, and rules run on them: what the tests of all rules share.

Authors of plugins have the same functions as `tagmetry.testing`, where they are described.
"""

from tagmetry.testing import (
    caption_problem,
    concept,
    dataset,
    figures,
    findings,
    judge,
    orphan,
    problem,
    remedies,
    severities,
    skips,
    subjects,
    texts,
    training_config,
)

__all__ = [
    "caption_problem",
    "concept",
    "dataset",
    "figures",
    "findings",
    "judge",
    "orphan",
    "problem",
    "remedies",
    "severities",
    "skips",
    "subjects",
    "texts",
    "training_config",
]
