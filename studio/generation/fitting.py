"""Whether a model fits into a device's memory, told by the catalog's figures before it is loaded.

The window and the command line say it alike; `studio.generation.needs` knows it better of a model
that is installed, once somebody has the time to look into its files.
"""

from __future__ import annotations

import enum
from typing import Final

from studio.generation.catalog import ModelInfo
from studio.generation.memory import GIB, Budget


class Fit(enum.Enum):
    """How well a model fits."""

    WELL = enum.auto()
    """All of it does."""
    SLOWLY = enum.auto()
    """Its parts do, one at a time, while the others wait in main memory."""
    HARDLY = enum.auto()
    """It is larger than that."""


_WORDS: Final = {
    Fit.WELL: "Fits into memory: {needs} of {total} GB",
    Fit.SLOWLY: "Slower, parts wait in main memory: {needs} of {total} GB",
    Fit.HARDLY: "Very slow, if at all: {needs} of {total} GB",
}


def fit_of(model: ModelInfo, budget: Budget) -> Fit:
    """How well a model fits into what a device has, were nothing else there.

    Args:
        model: from the catalog.
        budget: of the device.
    """
    room = budget.total - budget.reserve
    if model.memory.full * GIB <= room:
        return Fit.WELL
    if not budget.is_shared and model.memory.offload * GIB <= room:
        return Fit.SLOWLY
    return Fit.HARDLY


def fit_words(model: ModelInfo, budget: Budget) -> str:
    """The same in words, such as ``Fits into memory: 9 of 24 GB``."""
    needs, total = f"{model.memory.full:.3g}", f"{budget.total / GIB:.3g}"
    return _WORDS[fit_of(model, budget)].format(needs=needs, total=total)
