"""All kinds by name, in the order of the manual."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tagmetry.policy.kinds import (
    caption_pattern,
    co_occurrence,
    consistency,
    count,
    metric,
    predicate,
    ratio,
    tag_frequency,
    tag_group,
    tag_order,
    tag_set,
)
from tagmetry.policy.kinds.kind import Kind

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        module.kind.name: module.kind
        for module in (
            metric,
            predicate,
            caption_pattern,
            tag_set,
            tag_group,
            tag_order,
            tag_frequency,
            co_occurrence,
            ratio,
            count,
            consistency,
        )
    }
)
