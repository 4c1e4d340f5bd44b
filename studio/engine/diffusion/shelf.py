"""The models in memory, from the one that was not used for the longest to the last."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from studio.engine.diffusion.adapters.estimators import Estimators
from studio.engine.diffusion.bases.family import Family
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.upscalers.upscaler import Upscaler
from studio.generation.catalog import ModelInfo
from studio.generation.memory import MemoryPlan
from studio.generation.vocabulary import Vocabulary


@dataclass(frozen=True)
class Loaded:
    """A model in memory.

    Attributes:
        model: from the catalog.
        family: the adapter that holds its weights.
        machine: on which it was loaded.
        plan: how it is fitted into the memory.
        digest: names the weights by content.
        vocabulary: the words that it knows; None where it knows many.
        upscaler: takes its pictures to large sizes; None where it has none of its own.
        estimators: see what its guides read, where the model runs.
        beside: ids of the adapters for which there is room beside it.
    """

    model: ModelInfo
    family: Family
    machine: Machine
    plan: MemoryPlan
    digest: str
    vocabulary: Vocabulary | None
    upscaler: Upscaler | None
    estimators: Estimators
    beside: frozenset[str] = frozenset()

    def serves(self, machine: Machine) -> bool:
        """Whether the weights lie as another machine would have them."""
        same = self.machine.dtype is machine.dtype
        return same and not machine.rung.moves_weights(self.machine.rung)


class Shelf:
    """Several models, by their ids."""

    def __init__(self) -> None:
        self._models: OrderedDict[str, Loaded] = OrderedDict()

    def __len__(self) -> int:
        return len(self._models)

    @property
    def last(self) -> Loaded | None:
        """The model used last."""
        return next(reversed(self._models.values()), None)

    def put(self, loaded: Loaded) -> None:
        """Adds a model, or another state of it, as the one used last."""
        self._models[loaded.model.id] = loaded
        self._models.move_to_end(loaded.model.id)

    def take(self, model: ModelInfo) -> Loaded | None:
        """A model that is used now; None where it is not here."""
        if model.id in self._models:
            self._models.move_to_end(model.id)
        return self._models.get(model.id)

    def drop_unfit(self, model: ModelInfo, machine: Machine) -> None:
        """Lets a model go whose weights lie otherwise than a machine would have them."""
        if model.id in self._models and not self._models[model.id].serves(machine):
            del self._models[model.id]

    def drop(self, model: ModelInfo) -> None:
        """Lets one model go."""
        self._models.pop(model.id, None)

    def drop_oldest(self) -> None:
        """Lets the model go that was not used for the longest."""
        self._models.popitem(last=False)

    def drop_others(self, model: ModelInfo) -> bool:
        """Lets all go but one; tells whether there were any."""
        others = [other for other in self._models if other != model.id]
        for other in others:
            del self._models[other]
        return bool(others)

    def clear(self) -> None:
        """Lets all go."""
        self._models.clear()
