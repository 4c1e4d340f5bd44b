"""On which rung and in which precision each model runs, and where it goes from there.

A model begins on the rung that its plan says. Where the memory runs out all the same it goes one
rung down, after painting fewer candidates at a time, and where it gives no picture to a safer
precision; there it stays until all memory is given back.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from studio.core.errors import EngineError, ModelError
from studio.engine.diffusion.device.machine import Machine, free_unused
from studio.engine.diffusion.device.room import Room
from studio.generation.catalog import AdapterInfo, ModelInfo
from studio.generation.memory import MemoryPlan, Needs, Rung, allowed, below, plan, planned
from studio.generation.needs import modules_beside, read_needs
from studio.generation.request import MAX_COUNT


class Trouble(enum.Enum):
    """What a model can be helped out of."""

    LOADING = enum.auto()
    """There is not enough memory for its weights."""
    WORKING = enum.auto()
    """There is not enough to work with it."""
    UNSOUND = enum.auto()
    """Its numbers run over in this precision."""


_NOTES: Final = {
    Rung.TILED: "{title} develops its pictures in tiles",
    Rung.MODULES: "parts of {title} wait in main memory, which is slower",
    Rung.BLOCKS: "blocks of {title} wait in main memory, which is much slower",
    Rung.LAYERS: "layers of {title} wait in main memory, which is slowest",
    Rung.HALVED: "the weights of {title} are halved, which changes its pictures a little",
    Rung.SMALLER: "{title} paints smaller, and its pictures are enlarged",
}


class Ladder:
    """Where the models stand.

    Args:
        machine: in its own precision, with the person's wish of where models begin.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._mode = machine.tuning.memory
        self._most = MAX_COUNT if machine.tuning.together else 1
        self._settled: dict[str, Machine] = {}
        self._tried: dict[str, Machine] = {}
        self._beside: dict[str, tuple[AdapterInfo, ...]] = {}

    def expect(self, model: ModelInfo, beside: Sequence[AdapterInfo]) -> None:
        """Has plans of a model count what is to work beside it from now on, such as ControlNets."""
        self._beside[model.id] = tuple(beside)

    def expected(self, model: ModelInfo) -> frozenset[str]:
        """The ids of what plans of a model count beside it."""
        return frozenset(adapter.id for adapter in self._beside.get(model.id, ()))

    def has_room(self, model: ModelInfo, rung: Rung, seated: Collection[str]) -> bool:
        """Whether there is room for what is expected beside a model that is loaded already.

        Where weights wait in main memory, each has the room of the one before.

        Args:
            model: that is loaded.
            rung: on which it is.
            seated: the ids of what was counted when it was loaded.
        """
        coming = [each for each in self._beside.get(model.id, ()) if each.id not in seated]
        if not coming or rung.moves_weights(Rung.FULL) or self.settled(model):
            return True
        modules = modules_beside(coming, self._machine.dtype.itemsize)
        needed = sum(module.weights for module in modules)
        needed += self._needs(model, self._machine).used(rung)
        return needed <= self._machine.budget().usable

    def settled(self, model: ModelInfo) -> Machine | None:
        """Where a model has to run that was in trouble before."""
        return self._settled.get(model.id)

    def plan(self, model: ModelInfo) -> MemoryPlan:
        """How a model fits into the memory that there is now."""
        budget = self._machine.budget()
        settled = self.settled(model)
        if settled is not None:
            return planned(self._needs(model, settled), budget, settled.rung, settled.together)
        return plan(self._needs(model, self._machine), budget, self._mode, self._most)

    def is_content(self, model: ModelInfo, found: MemoryPlan) -> bool:
        """Whether a plan would be no better with more memory."""
        settled = self.settled(model)
        best = settled.rung if settled else allowed(self._machine.budget().ladder, self._mode)[0]
        return found.fits and found.rung is best

    def machine_for(self, model: ModelInfo, found: MemoryPlan) -> Machine:
        """The machine on which a model is loaded now, with fresh room for what waits outside."""
        settled = self.settled(model)
        machine = replace(settled or self._machine, rung=found.rung, together=found.together)
        if found.rung is Rung.MODULES:
            machine = replace(machine, room=self._room(model, machine))
        self._tried[model.id] = machine
        return machine

    def give_way(self, model: ModelInfo, trouble: Trouble, together: int = 0) -> str:
        """Goes on to where a model may run after trouble.

        Args:
            model: that was in trouble.
            trouble: what it was.
            together: how many candidates were being denoised.

        Returns:
            A sentence that tells it.

        Raises:
            EngineError: if the memory is not even enough for the last rung.
            ModelError: if it gives no picture in any precision.
        """
        tried = self._tried[model.id]
        if trouble is Trouble.UNSOUND:
            self._settled[model.id] = safer = _safer(model, tried)
            bits = safer.dtype.itemsize * 8
            return f"{model.title} gave no picture, so it computes in safer numbers of {bits} bits."
        if trouble is Trouble.WORKING and together > 1:
            self._settled[model.id] = self._tried[model.id] = fewer = replace(
                tried, together=together // 2
            )
            count = f"{fewer.together} at a time" if fewer.together > 1 else "one by one"
            return f"The memory ran out: {model.title} paints candidates {count} from now on."
        self._settled[model.id] = lower = self._lower(model, tried, trouble)
        self._tried[model.id] = lower
        return f"The memory ran out: {_NOTES[lower.rung].format(title=model.title)} from now on."

    def _lower(self, model: ModelInfo, tried: Machine, trouble: Trouble) -> Machine:
        """The next rung; one that moves weights where they were the trouble."""
        ladder = tried.budget().ladder
        rung = below(ladder, tried.rung)
        while rung and trouble is Trouble.LOADING and not rung.moves_weights(tried.rung):
            rung = below(ladder, rung)
        if rung is None:
            raise EngineError(
                f"There is not enough memory for {model.title}, even when it is spared: close "
                "other programs, or choose a smaller model."
            )
        return replace(tried, rung=rung, together=1, room=None)

    def _needs(self, model: ModelInfo, machine: Machine) -> Needs:
        return read_needs(model, machine.dtype.itemsize, self._beside.get(model.id, ()))

    def _room(self, model: ModelInfo, machine: Machine) -> Room:
        return Room(
            machine.device,
            self._needs(model, machine).used(machine.rung),
            free=lambda: machine.budget().free,
            release=partial(free_unused, machine),
        )


def _safer(model: ModelInfo, tried: Machine) -> Machine:
    safer = tried.safer()
    if safer is None:
        raise ModelError(
            f"{model.title} gave no picture, so weights may be damaged: take off what it wears, "
            "such as LoRAs, or install it again."
        )
    return replace(safer, room=None)
