"""The plan as plain data, field by field as the JSON report promises it."""

from typing import Any

from tagmetry.messages import english
from tagmetry.plan.model import Plan


def plan_as_data(plan: Plan) -> dict[str, Any]:
    """Texts are English, figures rounded to six places so that platforms agree."""
    return {
        "applied": plan.applied,
        "technique": plan.technique,
        "trace": [
            {
                "node": step.node,
                "question": english().render(step.question),
                "value": english().render(step.value),
                "taken": english().render(step.taken),
            }
            for step in plan.trace
        ],
        "scale": plan.scale,
        "settings": dict(plan.settings),
        "protected": list(plan.protected),
        "concepts": [
            {
                "name": concept.name,
                "role": concept.role,
                "n": concept.n,
                "effective_n": concept.effective_n,
                "repeats_before": rounded(concept.repeats_before),
                "multiplier": rounded(concept.multiplier),
                "repeats_after": concept.repeats_after,
                "exposures_before": rounded(concept.exposure_before),
                "exposures_after": rounded(concept.exposure_after),
                "residual": rounded(concept.residual),
            }
            for concept in plan.concepts
        ],
        "tags": [
            {
                "tag": tag.tag,
                "concept": tag.concept,
                "share_before": rounded(tag.share_before),
                "share_after": rounded(tag.share_after),
            }
            for tag in plan.tags
        ],
        "advice": [english().render(advice) for advice in plan.advice],
    }


def rounded(value: float) -> float:
    """Six places; whole numbers as int."""
    short = round(float(value), 6)
    return int(short) if short.is_integer() else short
