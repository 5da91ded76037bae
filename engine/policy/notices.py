"""What a policy says by a name that is on its way out: it still holds, and its owner is told once."""

from collections.abc import Iterable
from dataclasses import dataclass

from tagmetry.messages import Message, message
from tagmetry.options import Option
from tagmetry.rule import Rule


@dataclass(frozen=True, slots=True)
class Notice:
    """`about` is what the notice speaks of: of one rule or option in one spelling a run tells once."""

    about: str
    text: Message


def told_once(notices: Iterable[Notice]) -> tuple[Message, ...]:
    found: dict[str, Message] = {}
    for one in notices:
        found.setdefault(one.about, one.text)
    return tuple(found.values())


def of_rule(rule: Rule, written: str, place: str) -> Notice | None:
    """What is to be said of somebody who names a rule; None for a rule under the name that it keeps."""
    if written != rule.id:
        text = message(
            "{place}: {old} is a former name of {rule}, and will not be read for ever",
            place=place,
            old=written,
            rule=rule.id,
        )
        return Notice(written, text)
    if rule.status != "deprecated":
        return None
    if rule.replaced_by:
        text = message(
            "{place}: {rule} is deprecated since {since} and will be removed; use {other}",
            place=place,
            rule=rule.id,
            since=rule.since,
            other=rule.replaced_by,
        )
        return Notice(rule.id, text)
    text = message(
        "{place}: {rule} is deprecated since {since} and will be removed", place=place, rule=rule.id, since=rule.since
    )
    return Notice(rule.id, text)


def of_option(known: Option, written: str, *, owner: str, place: str) -> Notice | None:
    """The same of an option of a rule, of the profile or of a reporter."""
    info = known.info
    name = f"{owner}.{written}"
    if written != known.name:
        text = message(
            "{place}: {old} is a former name of {option}, and will not be read for ever",
            place=place,
            old=name,
            option=f"{owner}.{known.name}",
        )
        return Notice(name, text)
    if info.status != "deprecated":
        return None
    if info.replaced_by:
        text = message(
            "{place}: {option} is deprecated since {since} and will be removed; use {other}",
            place=place,
            option=name,
            since=info.since,
            other=f"{owner}.{info.replaced_by}",
        )
        return Notice(name, text)
    text = message(
        "{place}: {option} is deprecated since {since} and will be removed", place=place, option=name, since=info.since
    )
    return Notice(name, text)
