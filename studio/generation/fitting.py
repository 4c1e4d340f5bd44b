"""Whether a model will fit into memory, told before it is installed, by the catalog's figures."""

from __future__ import annotations

import enum

from studio.generation.catalog import ModelInfo
from studio.generation.memory import GIB, Budget


class Fit(enum.StrEnum):
    """How well; the values are for people."""

    WELL = "fits into memory"
    SLOWLY = "fits with parts waiting outside: slower"
    HARDLY = "larger than the memory: very slow, if at all"


def fit_of(model: ModelInfo, budget: Budget) -> Fit:
    """How well a model fits into what a device has, were nothing else there.

    Args:
        model: from the catalog.
        budget: of the device.
    """
    room = budget.total - (budget.free - budget.usable)
    if model.memory.full * GIB <= room:
        return Fit.WELL
    if not budget.is_shared and model.memory.offload * GIB <= room:
        return Fit.SLOWLY
    return Fit.HARDLY
