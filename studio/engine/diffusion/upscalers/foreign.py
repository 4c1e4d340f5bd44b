"""Networks of other architectures, which the library spandrel knows where it is installed."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final

from torch import Tensor

from studio.core.errors import ModelError
from studio.engine.diffusion.upscalers.network import Network
from studio.generation.upscalers import Layout

_REACH: Final = 64
"""Networks with attention see far; what is farther than this hardly counts."""
_COLOURS: Final = 3


class ForeignUpsampler(Network):
    """A network as spandrel describes it.

    Args:
        described: spandrel's ``ImageModelDescriptor``.
    """

    def __init__(self, described: Any) -> None:
        super().__init__()
        self.factor = int(described.scale)
        self.reach = _REACH
        self.inner = described.model
        self._described = described

    def forward(self, pictures: Tensor) -> Tensor:
        """As for all networks; sides are padded to what this one takes, and cut back."""
        large: Tensor = self._described(pictures)
        return large


def load_foreign(tensors: Mapping[str, Tensor], layout: Layout, name: str) -> Network:
    """The network that a file's tensors are of.

    Args:
        tensors: of the file.
        layout: what they are known as.
        name: of the file.

    Raises:
        ModelError: if spandrel is not there or does not run, or knows another kind of network.
    """
    spandrel = _imported(layout, name)
    try:
        described = spandrel.ModelLoader().load_from_state_dict(dict(tensors))
    except (spandrel.UnsupportedModelError, KeyError, RuntimeError, ValueError) as error:
        raise ModelError(
            f"The upscaler {name} looks like {layout.architecture}, but cannot be loaded: look "
            "for another version of it.",
            details=f"{type(error).__name__}: {error}",
        ) from error
    channels = {described.input_channels, described.output_channels}
    if described.scale < 2 or channels != {_COLOURS}:
        raise ModelError(f"{name} does not enlarge pictures in colours: choose another upscaler.")
    return ForeignUpsampler(described)


def _imported(layout: Layout, name: str) -> ModuleType:
    """The library, which needs a torchvision that was built for the torch that is there."""
    try:
        import spandrel
    except (ImportError, RuntimeError, OSError) as error:
        raise ModelError(
            f"The upscaler {name} is of the kind {layout.architecture}, which needs spandrel and "
            "a torchvision built for your torch: install them with pip install "
            "'sfumato[upscalers]', or choose an upscaler of the kind ESRGAN.",
            details=f"{type(error).__name__}: {error}",
        ) from error
    module: ModuleType = spandrel
    return module
