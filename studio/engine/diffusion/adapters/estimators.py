"""What ControlNets read and only models can see: how near things are, how people stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.depth import DepthEstimator, load_depth
from studio.engine.diffusion.adapters.people import load_people
from studio.engine.diffusion.adapters.pose import PoseEstimator, load_pose
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.remembered import Remembered
from studio.generation.catalog import AdapterInfo

Estimator = TypeVar("Estimator")

AIDES: Final[Mapping[str, str]] = {"pose": "people"}
"""For some preprocessors that of the estimator with whose help they see more."""

_KEPT: Final = 2
"""How many stay in memory: one with its aide."""

_LOADERS: Final[Mapping[str, Callable[[AdapterInfo, Machine], DepthEstimator | PoseEstimator]]] = {
    "depth": load_depth,
    "pose": load_pose,
}
"""By the preprocessors that they stand for."""


class Estimators:
    """Those beside one loaded model, of which the ones used last stay loaded too.

    Args:
        machine: on which they run, as their model does.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._loaded: Remembered[Path, Any] = Remembered(_KEPT)

    def see(self, adapter: AdapterInfo, pixels: Pixels, aide: AdapterInfo | None = None) -> Pixels:
        """What an estimator makes of a picture.

        Args:
            adapter: an installed estimator.
            pixels: ``(h, w, 3)``.
            aide: another one, that stands for what helps the first; see `AIDES`.

        Returns:
            What ControlNets read, of the same extent.

        Raises:
            ModelError: if one cannot be loaded, or stands for something that nothing here sees.
        """
        load = _LOADERS.get(adapter.preprocessor)
        if load is None:
            raise ModelError(
                f"{adapter.title} is to make a {adapter.preprocessor} picture, which no model "
                "makes here: give such a picture as it is."
            )
        estimator = self._take(adapter, load)
        if isinstance(estimator, PoseEstimator) and aide is not None:
            return estimator.see(pixels, self._take(aide, load_people))
        return estimator.see(pixels)

    def _take(
        self, adapter: AdapterInfo, load: Callable[[AdapterInfo, Machine], Estimator]
    ) -> Estimator:
        estimator: Estimator = self._loaded.get(adapter.path, lambda: load(adapter, self._machine))
        return estimator
