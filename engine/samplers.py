"""Samplers for training loops of one's own: which images an epoch shows, and in which order.

    import json
    from torch.utils.data import DataLoader
    from tagmetry_samplers import load

    sampler = load("sampler-plan.json")              # as planned: whole passes and random parts of folders
    paths = sampler.paths                            # image number i of your dataset has to be paths[i]
    loader = DataLoader(dataset, batch_size=2, sampler=sampler)
    for epoch in range(10):
        sampler.set_epoch(epoch)
        for batch in loader:
            ...

Every sampler gives numbers of images, has a length, and draws by `seed + epoch`, so that a run can be repeated and
taken up again. They need nothing but Python; PyTorch's DataLoader takes them as they are. This file stands on its own
and may be copied.
"""

import json
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

FORMAT = "tagmetry-sampler/1"
KINDS = ("planned", "stratified", "weighted", "curriculum")


class Sampler(Protocol):
    """What a DataLoader needs of a sampler."""

    def __iter__(self) -> Iterator[int]: ...

    def __len__(self) -> int: ...

    def set_epoch(self, epoch: int) -> None: ...


class _Epochs:
    """The number of the epoch: set by the caller, else one more with each pass."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """The next pass is this epoch."""
        self.epoch = epoch

    def _next(self) -> random.Random:
        generator = random.Random(self.seed + self.epoch)  # noqa: S311 (lots, no secrets)
        self.epoch += 1
        return generator


class FractionalEpoch(_Epochs):
    """A part of the images each epoch, without repetition: k = max(1, floor(fraction x n)).

    Below a `floor` of 0.3 an epoch covers too little; another part comes with each epoch.
    """

    def __init__(self, indices: Sequence[int], fraction: float, *, seed: int = 0, floor: float = 0.0) -> None:
        super().__init__(seed)
        if not 0 < fraction <= 1 or not 0 <= floor <= 1:
            raise ValueError("fraction is above 0 and at most 1, floor from 0 to 1")
        self.indices = list(indices)
        # A third of nine is three, whatever the last bit of the product says.
        self.k = min(len(self.indices), max(1, math.floor(max(fraction, floor) * len(self.indices) + 1e-9)))

    def __iter__(self) -> Iterator[int]:
        return iter(self._next().sample(self.indices, self.k))

    def __len__(self) -> int:
        return self.k


class Planned(_Epochs):
    """Groups of images, each shown `whole` times, and `drawn` of its images once more; then all of it is shuffled."""

    def __init__(self, groups: Sequence[tuple[Sequence[int], int, int]], *, seed: int = 0) -> None:
        """`groups` are (images, whole, drawn)."""
        super().__init__(seed)
        self.groups = [(list(indices), whole, min(drawn, len(indices))) for indices, whole, drawn in groups]

    def __iter__(self) -> Iterator[int]:
        generator = self._next()
        shown: list[int] = []
        for indices, whole, drawn in self.groups:
            shown += indices * whole
            shown += generator.sample(indices, drawn)
        generator.shuffle(shown)
        return iter(shown)

    def __len__(self) -> int:
        return sum(len(indices) * whole + drawn for indices, whole, drawn in self.groups)


class Stratified(_Epochs):
    """`k` images of each group, at most all of them, without repetition; then all of it is shuffled."""

    def __init__(self, groups: Mapping[Any, Sequence[int]], k: Mapping[Any, int] | int, *, seed: int = 0) -> None:
        super().__init__(seed)
        wanted = dict.fromkeys(groups, k) if isinstance(k, int) else k
        self.groups = [(list(indices), min(wanted.get(name, 0), len(indices))) for name, indices in groups.items()]

    def __iter__(self) -> Iterator[int]:
        generator = self._next()
        shown = [index for indices, k in self.groups for index in generator.sample(indices, k)]
        generator.shuffle(shown)
        return iter(shown)

    def __len__(self) -> int:
        return sum(k for _, k in self.groups)


class Weighted(_Epochs):
    """n draws, each image with a chance in proportion to its weight, with repetition. Weights need no common sum."""

    def __init__(self, weights: Sequence[float], n: int | None = None, *, seed: int = 0) -> None:
        super().__init__(seed)
        if any(weight < 0 or not math.isfinite(weight) for weight in weights) or not any(weights):
            raise ValueError("weights are 0 or more, and not all 0")
        self.weights = list(weights)
        self.n = len(self.weights) if n is None else n

    def __iter__(self) -> Iterator[int]:
        return iter(self._next().choices(range(len(self.weights)), weights=self.weights, k=self.n))

    def __len__(self) -> int:
        return self.n


class Curriculum(_Epochs):
    """Begins with one sampler and fades to another: with p = exp(-step / tau) a batch comes from the first.

    `steps` counts batches over all epochs; `tau` is the number of them after which a third is left of the beginning. An
    epoch is as long as one of `later`. The reverse order is had by giving the samplers the other way round.
    """

    def __init__(self, first: Sampler, later: Sampler, *, tau: float, batch_size: int = 1, seed: int = 0) -> None:
        super().__init__(seed)
        if tau <= 0 or batch_size < 1:
            raise ValueError("tau is above 0, batch_size at least 1")
        self.first, self.later = first, later
        self.tau, self.batch_size = tau, batch_size

    def chance(self, step: int) -> float:
        """The chance that a batch comes from the first sampler."""
        return math.exp(-step / self.tau)

    def __iter__(self) -> Iterator[int]:
        epoch = self.epoch
        generator = self._next()
        steps_before = epoch * math.ceil(len(self.later) / self.batch_size)
        sources = [self._endless(self.first, epoch), self._endless(self.later, epoch)]
        left = len(self.later)
        step = steps_before
        while left > 0:
            source = sources[0] if generator.random() < self.chance(step) else sources[1]
            for _ in range(min(self.batch_size, left)):
                yield next(source)
                left -= 1
            step += 1

    @staticmethod
    def _endless(sampler: Sampler, epoch: int) -> Iterator[int]:
        if not len(sampler):
            raise ValueError("a sampler without images")
        # Every epoch may need several passes of the shorter sampler, each with lots of its own.
        turn = 0
        while True:
            sampler.set_epoch(epoch * 1_000_003 + turn)
            yield from sampler
            turn += 1

    def __len__(self) -> int:
        return len(self.later)


class Shard:
    """One process's part of a sampler in distributed training: every `world`-th image, the same number for each."""

    def __init__(self, sampler: Sampler, *, rank: int, world: int) -> None:
        if not 0 <= rank < world:
            raise ValueError("rank is from 0 to below world")
        self.sampler, self.rank, self.world = sampler, rank, world

    def set_epoch(self, epoch: int) -> None:
        self.sampler.set_epoch(epoch)

    def __iter__(self) -> Iterator[int]:
        shown = list(self.sampler)
        while len(shown) % self.world:
            shown.append(shown[len(shown) % max(1, len(self.sampler))])
        return iter(shown[self.rank :: self.world])

    def __len__(self) -> int:
        return math.ceil(len(self.sampler) / self.world)


class FromPlan:
    """A sampler of a plan, with the images that its numbers stand for: `paths`, relative to `root`."""

    def __init__(self, sampler: Sampler, plan: Mapping[str, Any]) -> None:
        self.sampler = sampler
        self.root: str = plan["root"]
        self.paths: list[str] = plan["images"]["path"]

    def set_epoch(self, epoch: int) -> None:
        self.sampler.set_epoch(epoch)

    def __iter__(self) -> Iterator[int]:
        return iter(self.sampler)

    def __len__(self) -> int:
        return len(self.sampler)


def load(path: str | Path, kind: str = "", *, batch_size: int = 1, steps: int = 0, caps: bool = False) -> FromPlan:
    """The sampler of a plan file. Raises ValueError for a file of another format.

    `kind` is `planned` (the default), `stratified`, `weighted` or `curriculum`. `steps` is the number of batches of the
    whole run, which a curriculum needs. `caps` lets `weighted` draw images with too frequent tags less often.
    """
    plan = json.loads(Path(path).read_text(encoding="utf-8"))
    if plan.get("format") != FORMAT:
        raise ValueError(f"{path} is no sampler plan ({FORMAT})")
    return FromPlan(_sampler(plan, kind or plan["sampler"], batch_size=batch_size, steps=steps, caps=caps), plan)


def _sampler(plan: Mapping[str, Any], kind: str, *, batch_size: int, steps: int, caps: bool) -> Sampler:
    seed: int = plan["seed"]
    if kind == "planned":
        members = _members(plan["images"]["group"], len(plan["groups"]))
        groups = zip(members, plan["groups"], strict=True)
        return Planned([(indices, group["whole"], group["drawn"]) for indices, group in groups], seed=seed)
    if kind == "stratified":
        members = _members(plan["images"]["stratum"], len(plan["strata"]))
        k = {number: stratum["k"] for number, stratum in enumerate(plan["strata"])}
        return Stratified(dict(enumerate(members)), k, seed=seed)
    if kind == "weighted":
        return _weighted(plan, seed, caps=caps)
    if kind == "curriculum":
        if steps < 1:
            raise ValueError("a curriculum needs the number of steps of the whole run")
        first = _sampler(plan, "stratified", batch_size=batch_size, steps=steps, caps=caps)
        later = _sampler(plan, "natural", batch_size=batch_size, steps=steps, caps=caps)
        return Curriculum(
            first, later, tau=max(1.0, plan["curriculum"]["tau_share"] * steps), batch_size=batch_size, seed=seed
        )
    if kind == "natural":
        return FractionalEpoch([i for i, role in enumerate(plan["images"]["role"]) if role == "train"], 1.0, seed=seed)
    raise ValueError(f"{kind} is none of {', '.join(KINDS)}")


def _weighted(plan: Mapping[str, Any], seed: int, *, caps: bool) -> Weighted:
    images = plan["images"]
    wanted = [group["wanted"] for group in plan["groups"]]
    weights = []
    for group, weight, cap in zip(images["group"], images["weight"], images["cap_weight"], strict=True):
        weights.append(wanted[group] * weight * (cap if caps else 1.0))
    n = sum(group["n"] * group["whole"] + group["drawn"] for group in plan["groups"])
    return Weighted(weights, n, seed=seed)


def _members(numbers: Sequence[int], n: int) -> list[list[int]]:
    members: list[list[int]] = [[] for _ in range(n)]
    for index, number in enumerate(numbers):
        if number >= 0:
            members[number].append(index)
    return members
