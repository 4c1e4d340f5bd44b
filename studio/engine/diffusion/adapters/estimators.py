"""What ControlNets read and only models can see in a picture, such as how near everything is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.depth import load_depth
from studio.engine.diffusion.machine import Machine
from studio.engine.diffusion.remembered import Remembered
from studio.generation.catalog import AdapterInfo

_KEPT: Final = 1


class Estimator(Protocol):
    """A loaded model that looks at pictures."""

    def see(self, pixels: Pixels) -> Pixels:
        """What a ControlNet reads, ``(h, w, 3)`` as the picture is."""


_LOADERS: Final[Mapping[str, Callable[[AdapterInfo, Machine], Estimator]]] = {"depth": load_depth}
"""By the preprocessors that they stand for."""


class Estimators:
    """Those beside one loaded model, of which the one used last stays loaded too.

    Args:
        machine: on which they run, as their model does.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._loaded: Remembered[Path, Estimator] = Remembered(_KEPT)

    def see(self, adapter: AdapterInfo, pixels: Pixels) -> Pixels:
        """What an estimator makes of a picture.

        Args:
            adapter: an installed estimator.
            pixels: ``(h, w, 3)``.

        Returns:
            What ControlNets read, of the same extent.

        Raises:
            ModelError: if it cannot be loaded, or stands for something that nothing here sees.
        """
        load = _LOADERS.get(adapter.preprocessor)
        if load is None:
            raise ModelError(
                f"{adapter.title} is to make a {adapter.preprocessor} picture, which no model "
                "makes here: give such a picture as it is."
            )
        return self._loaded.get(adapter.path, lambda: load(adapter, self._machine)).see(pixels)
