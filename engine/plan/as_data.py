"""The plan as plain data, field by field as the JSON report promises it."""

from typing import Any

from tagmetry.messages import english
from tagmetry.plan.model import ConceptPlan, Plan, StepsPlan


def plan_as_data(plan: Plan) -> dict[str, Any]:
    """Texts are English, figures rounded to six places so that platforms agree."""
    say = english()
    return {
        "applied": plan.applied,
        "technique": plan.technique,
        "seed": plan.seed,
        "adjustments": list(plan.adjustments),
        "trace": [
            {
                "node": step.node,
                "question": say.render(step.question),
                "value": say.render(step.value),
                "taken": say.render(step.taken),
                "asked": step.asked,
                "not_taken": [say.render(branch) for branch in step.not_taken],
            }
            for step in plan.trace
        ],
        "scale": plan.scale,
        "steps": _steps(plan.steps),
        "settings": dict(plan.settings),
        "protected": list(plan.protected),
        "concepts": [
            {
                "name": concept.name,
                "role": concept.role,
                "n": concept.n,
                "effective_n": concept.effective_n,
                "untrained": concept.untrained,
                "repeats_before": rounded(concept.repeats_before),
                "multiplier": rounded(concept.multiplier),
                "repeats_after": concept.repeats_after,
                "exposures_before": rounded(concept.exposure_before),
                "exposures_after": rounded(concept.exposure_after),
                "in_all": _in_all(plan, concept),
                "drawn": rounded(concept.drawn),
                "per_picture_before": rounded(concept.per_picture_before),
                "per_picture_after": rounded(concept.per_picture_after),
                "residual": rounded(concept.residual),
            }
            for concept in plan.concepts
        ],
        "folders": [
            {
                "path": folder.path,
                "concept": folder.concept,
                "role": folder.role,
                "n": folder.n,
                "repeats_before": rounded(folder.repeats_before),
                "repeats_after": folder.repeats_after,
                "wanted": rounded(folder.wanted),
                "whole": folder.whole,
                "drawn": folder.drawn,
            }
            for folder in plan.folders
        ],
        "tags": [
            {
                "tag": tag.tag,
                "concept": tag.concept,
                "share_before": rounded(tag.share_before),
                "share_after": rounded(tag.share_after),
                "drop": rounded(tag.drop),
                "fewer_draws": None if tag.fewer_draws is None else rounded(tag.fewer_draws),
            }
            for tag in plan.tags
        ],
        "tag_exposures": [
            {
                "tag": tag.tag,
                "before": rounded(tag.before),
                "after": rounded(tag.after),
                "share_before": rounded(tag.share_before),
                "share_after": rounded(tag.share_after),
            }
            for tag in plan.tag_exposures
        ],
        "techniques": [
            {"id": one.id, "state": one.state, "why": say.render(one.why), "settings": dict(one.settings)}
            for one in plan.techniques
        ],
        "strata": [{"name": group.name, "n": group.n, "k": group.k} for group in plan.strata],
        "edited_captions": len(plan.edited),
        "advice": [say.render(advice) for advice in plan.advice],
    }


def _in_all(plan: Plan, concept: ConceptPlan) -> list[float] | None:
    found = plan.in_all(concept)
    return None if found is None else [rounded(value) for value in found]


def _steps(steps: StepsPlan | None) -> dict[str, Any] | None:
    if steps is None:
        return None
    return {
        "before": steps.before,
        "after": steps.after,
        "batch_size": steps.batch_size,
        "is_batch_size_known": steps.is_batch_size_known,
        "by_buckets": steps.by_buckets,
        "epochs": steps.epochs,
        "epochs_after": steps.epochs_after,
    }


def rounded(value: float) -> float:
    """Six places; whole numbers as int."""
    short = round(float(value), 6)
    return int(short) if short.is_integer() else short
