"""`where` and `when` of a rule: which images it is given, and whether it is called at all."""

from tagmetry.columns import Mask
from tagmetry.dataset import Dataset
from tagmetry.messages import Message, message
from tagmetry.policy.expressions import Expression
from tagmetry.policy.kinds.figures import evaluated, facts_of, holds
from tagmetry.policy.model import EffectiveRule


def chosen(settled: EffectiveRule, dataset: Dataset) -> Mask | None:
    """Shape (n,): the images for which `where` holds; None without one. Where it cannot be told, it does not hold."""
    if settled.where is None:
        return None
    condition: Expression = settled.where.value
    return holds(evaluated(condition, dataset))


def not_called(settled: EffectiveRule, dataset: Dataset) -> Message | None:
    """Why `when` keeps a rule from being called; None where it does not."""
    if settled.when is None:
        return None
    condition: Expression = settled.when.value
    facts = facts_of(dataset)
    holds = condition.value(facts)
    if holds:
        return None
    if holds is None and (missing := condition.missing(facts)):
        return message(
            "the policy's condition 'when' ({condition}) cannot be told without {names}",
            condition=condition.text,
            names=missing,
        )
    if holds is None:
        return message("the policy's condition 'when' ({condition}) cannot be told", condition=condition.text)
    return message("the policy's condition 'when' does not hold: {condition}", condition=condition.text)
