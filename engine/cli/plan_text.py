"""A balance plan as text: what it changes first, then how it came about, then what to do with it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tagmetry.cli.console import cells, cut_to_cells
from tagmetry.messages import Message, Plural, Template, Translator, message, msgid, visible
from tagmetry.plan.adjustments import ADJUSTMENTS
from tagmetry.plan.model import ConceptPlan, Plan, TagExposure, TechniqueId, TechniqueState
from tagmetry.wrapping import wrapped

SHOWN_CONCEPTS: Final = 40
SHOWN_TAGS: Final = 8
SMALLEST_SHIFT: Final = 0.02
"""Shares of tags that move by less than this are not told."""

_WIDEST_NAME: Final = 22

_TECHNIQUES: Final[dict[TechniqueId, Template]] = {
    "hybrids": "weak randomization",
    "repeats": "repeats",
    "fractional-epochs": "parts of a folder",
    "tag-caps": "caps on frequent tags",
    "stratified": "stratified drawing",
    "image-weights": "weights of images",
    "curriculum": "curriculum",
}
_STATES: Final[dict[TechniqueState, Template]] = {
    "taken": "taken",
    "offered": "offered",
    "not-needed": "not needed",
    "ruled-out": "ruled out",
}

_CONCEPT_COLUMNS: Final = (msgid("concept"), msgid("images"), msgid("repeats"), msgid("exposures"), msgid("share"))
_PICTURE_COLUMNS: Final = (msgid("concept"), msgid("images"), msgid("pictures"), msgid("each picture per epoch"))
_RUN_COLUMNS: Final = (msgid("concept"), msgid("exposures"), msgid("each image"))
_TAG_COLUMNS: Final = (msgid("tag"), msgid("exposures"), msgid("share"))
_HEADS: Final[dict[str, Message]] = {
    "repeats": message("Repeats bring the concepts nearer to each other. This is a proposal: nothing was changed."),
    "weak-randomization": message("No concept is balanced; captions vary a little. This is a proposal."),
    "none": message("Nothing is balanced and nothing is randomized."),
}


@dataclass(frozen=True, slots=True)
class PlanText:
    """The lines of a plan, no wider than the terminal."""

    plan: Plan
    say: Translator
    width: int = 80

    def lines(self) -> Iterator[str]:
        yield from self._changes()
        yield from self._in_all()
        yield from self._pictures()
        yield from self._tags()
        yield from self._trace()
        yield from self._techniques()
        yield from self._settings()
        yield from self._besides()

    def _wrapped(self, text: Message, indent: str = "  ", *, first: str | None = None) -> Iterator[str]:
        shown = visible(self.say.render(text)).replace("\n", " ")
        yield from wrapped(shown, self.width, indent=indent, first=first)

    def _number(self, value: float) -> str:
        return self.say.value(round(value, 1), "number")

    def _share(self, value: float) -> str:
        return self.say.value(value, "percent")

    def _changes(self) -> Iterator[str]:
        plan = self.plan
        yield from self._wrapped(_HEADS.get(plan.technique, _HEADS["none"]), "", first="")
        yield ""
        yield self.say.text("What an epoch shows, as found -> as planned")
        concepts = plan.concepts[:SHOWN_CONCEPTS]
        before, after = (sum(getattr(one, name) for one in plan.concepts) for name in _EXPOSURES)
        rows = [
            [
                self._name(one),
                self._number(one.n),
                self._turn(one.repeats_before, one.repeats_after),
                self._turn(one.exposure_before, one.exposure_after),
                self._turn_of_shares(one.exposure_before, before, one.exposure_after, after),
            ]
            for one in concepts
        ]
        if len(plan.concepts) > 1:
            together = self.say.text("together")
            rows.append(
                [together, self._number(sum(one.n for one in plan.concepts)), "", self._turn(before, after), ""]
            )
        yield from table([self.say.text(head) for head in _CONCEPT_COLUMNS], rows)
        left = len(plan.concepts) - len(concepts)
        if left:
            yield from self._wrapped(message("and {n:count} more concepts (--format json has all)", n=left), first="  ")
        yield from self._rounding()
        yield from self._steps()

    def _name(self, concept: ConceptPlan) -> str:
        name = visible(concept.name)
        if cells(name) > _WIDEST_NAME:
            name = cut_to_cells(name, _WIDEST_NAME - 1) + "…"
        return name if concept.role == "train" else f"{name} [{self.say.text(concept.role)}]"

    def _turn(self, before: float, after: float) -> str:
        one, other = self._number(before), self._number(after)
        return one if one == other else f"{one} -> {other}"

    def _turn_of_shares(self, before: float, all_before: float, after: float, all_after: float) -> str:
        one = self._share(round(before / all_before, 2)) if all_before else ""
        other = self._share(round(after / all_after, 2)) if all_after else ""
        return one if one == other else f"{one} -> {other}"

    def _rounding(self) -> Iterator[str]:
        rounded = [one for one in self.plan.concepts if abs(one.residual) >= 0.005]
        for one in rounded[:SHOWN_CONCEPTS]:
            share, name = abs(round(one.residual, 3)), one.name
            yield from self._wrapped(
                message("whole repeats give {name} {share:percent} more than wanted", name=name, share=share)
                if one.residual > 0
                else message("whole repeats give {name} {share:percent} less than wanted", name=name, share=share),
                first="  ",
            )
        lost = [one for one in self.plan.concepts if one.untrained]
        for one in lost[:SHOWN_CONCEPTS]:
            yield from self._wrapped(
                message(
                    Plural(
                        "{n:count} image of {concept} is never trained and still counted here: see tagmetry preview",
                        "{n:count} images of {concept} are never trained and still counted here: see tagmetry preview",
                    ),
                    n=one.untrained,
                    concept=one.name,
                ),
                first="  ",
            )

    def _steps(self) -> Iterator[str]:
        steps = self.plan.steps
        if steps is None:
            return
        texts = [
            message(
                "steps per epoch: {before:count} -> {after:count} (batch size {batch:count}, none is known)",
                before=steps.before,
                after=steps.after,
                batch=steps.batch_size,
            )
            if not steps.is_batch_size_known
            else message(
                "steps per epoch: {before:count} -> {after:count} (batch size {batch:count})",
                before=steps.before,
                after=steps.after,
                batch=steps.batch_size,
            )
        ]
        if self.plan.scale > 1:
            texts.append(
                message(
                    "an epoch is {k:count} times as long, so that whole repeats come near the wanted proportions: "
                    "divide the epochs by {k:count}",
                    k=self.plan.scale,
                )
            )
        if steps.epochs is not None and steps.epochs_after is not None:
            texts.append(
                message(
                    "in all: {epochs:count} epochs, {before:count} steps -> {epochs_after:count} epochs, "
                    "{after:count} steps",
                    epochs=steps.epochs,
                    before=steps.epochs * steps.before,
                    epochs_after=steps.epochs_after,
                    after=steps.epochs_after * steps.after,
                )
            )
        for text in texts:
            yield from self._wrapped(text, first="  ")

    def _in_all(self) -> Iterator[str]:
        """The exposures of the whole run, and how often each image is shown in it."""
        plan = self.plan
        told = [(one, plan.in_all(one)) for one in plan.concepts[:SHOWN_CONCEPTS]]
        rows = [
            [self._name(one), self._turn(*totals), self._turn(*(total / one.n for total in totals))]
            for one, totals in told
            if totals is not None and one.n
        ]
        if not rows:
            return
        yield ""
        yield self.say.text("In the whole run")
        yield from table([self.say.text(head) for head in _RUN_COLUMNS], rows)

    def _pictures(self) -> Iterator[str]:
        """What copies do to the exposure: an epoch shows one picture as often as all its copies together."""
        plan = self.plan
        copied = [one for one in plan.concepts if one.effective_n < one.n][:SHOWN_CONCEPTS]
        if not copied:
            return
        yield ""
        yield self.say.text("Copies of one picture add up")
        rows = [
            [
                self._name(one),
                self._number(one.n),
                self._number(one.effective_n),
                self._turn(one.per_picture_before, one.per_picture_after),
            ]
            for one in copied
        ]
        yield from table([self.say.text(head) for head in _PICTURE_COLUMNS], rows)

    def _tags(self) -> Iterator[str]:
        # Triggers and class words move as their concepts do, which stands above.
        own = set(self.plan.protected)
        moved = [
            one
            for one in self.plan.tag_exposures
            if abs(one.share_after - one.share_before) >= SMALLEST_SHIFT and one.tag not in own
        ]
        if moved:
            yield ""
            yield self.say.text("Tags whose share of the exposures moves most")
            most = sorted(moved, key=_shift)[:SHOWN_TAGS]
            rows = [
                [
                    visible(cut_to_cells(one.tag, 40)),
                    self._turn(one.before, one.after),
                    f"{self._share(round(one.share_before, 2))} -> {self._share(round(one.share_after, 2))}",
                ]
                for one in most
            ]
            yield from table([self.say.text(head) for head in _TAG_COLUMNS], rows)
        if not self.plan.tags:
            return
        yield ""
        edited = bool(self.plan.edited)
        yield self.say.text("Caps on frequent tags" if edited else "Tags that could be capped (--cap-tags)")
        for one in self.plan.tags[:SHOWN_TAGS]:
            yield from self._wrapped(
                message(
                    '"{tag}" of {concept}: on {before:percent} of the images, {after:percent} with a cap',
                    tag=one.tag,
                    concept=one.concept,
                    before=one.share_before,
                    after=one.share_after,
                ),
                "    ",
                first="  ",
            )
        left = len(self.plan.tags) - SHOWN_TAGS
        if left > 0:
            yield from self._wrapped(message("and {n:count} more (--format json has all)", n=left), first="  ")

    def _trace(self) -> Iterator[str]:
        yield ""
        yield self.say.text("How it was decided")
        for number, step in enumerate(self.plan.trace, start=1):
            yield from self._wrapped(step.question, "     ", first=f" {number:>2}. ")
            yield from self._wrapped(step.value, "     ", first="     ")
            yield from self._wrapped(step.taken, "        ", first="     -> " if step.asked else "     -- ")
            for branch in step.not_taken:
                yield from self._wrapped(branch, "        ", first="     (not) ")

    def _techniques(self) -> Iterator[str]:
        if not self.plan.techniques:
            return
        yield ""
        yield self.say.text("Ways of balancing")
        names = {one.id: self.say.format(_TECHNIQUES[one.id]) for one in self.plan.techniques}
        states = {one.id: self.say.format(_STATES[one.state]) for one in self.plan.techniques}
        name_width, state_width = (max(map(cells, texts.values())) for texts in (names, states))
        for one in self.plan.techniques:
            head = f"  {_padded(states[one.id], state_width)}  {_padded(names[one.id], name_width)}  "
            yield from self._wrapped(one.why, " " * cells(head), first=head)

    def _settings(self) -> Iterator[str]:
        if not self.plan.settings:
            return
        yield ""
        yield self.say.text("Settings (names of sd-scripts)")
        for key, setting in self.plan.settings.items():
            yield f"  {key} = {json.dumps(setting)}"
            why = self.plan.settings_why.get(key)
            if why is not None:
                yield from self._wrapped(why, "      ", first="      ")

    def _besides(self) -> Iterator[str]:
        advice = list(self.plan.advice)
        for name in self.plan.adjustments:
            change = ADJUSTMENTS[name]
            advice.append(
                message(
                    "{name}: {does}; {besides}",
                    name=name,
                    does=change.does.english(),
                    besides=self.say.render(change.besides),
                )
            )
        if advice:
            yield ""
            yield self.say.text("Besides")
            for text in advice:
                yield from self._wrapped(text, "    ", first="  - ")


_EXPOSURES: Final = ("exposure_before", "exposure_after")


def _shift(tag: TagExposure) -> tuple[float, str]:
    return -round(abs(tag.share_after - tag.share_before), 6), tag.tag


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Columns under their heads, the first to the left, the others to the right."""
    lines = [list(heads), *(list(row) for row in rows)]
    widths = [max(cells(line[column]) for line in lines) for column in range(len(heads))]
    for line in lines:
        first, *others = line
        padded = [_padded(first, widths[0])]
        padded += [" " * (width - cells(text)) + text for text, width in zip(others, widths[1:], strict=True)]
        yield "  " + "  ".join(padded).rstrip()


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cells(text))
