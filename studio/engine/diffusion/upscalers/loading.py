"""From a file of weights to the network that they are for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from studio.core.errors import ModelError
from studio.engine.diffusion.upscalers.compact import CompactUpsampler
from studio.engine.diffusion.upscalers.dense import DenseUpsampler
from studio.engine.diffusion.upscalers.foreign import load_foreign
from studio.engine.diffusion.upscalers.network import Network
from studio.generation.upscalers import Architecture, Layout, layout_of, plain_names, unshuffled_by


def load_network(path: Path) -> Network:
    """The network in a ``.safetensors`` file, whose sizes are those of its tensors.

    Raises:
        ModelError: if the file is missing, damaged or of another make, naming it; or if it takes
            a library that is not there.
    """
    try:
        tensors = load_file(path)
        layout = layout_of({name: tuple(tensor.shape) for name, tensor in tensors.items()})
        if layout is None:
            raise KeyError("no network that enlarges")
        if not layout.architecture.is_own:
            return load_foreign(tensors, layout, path.name)
        return _own(layout, tensors)
    except (OSError, KeyError, IndexError, RuntimeError, SafetensorError) as error:
        raise ModelError(
            f"The upscaler {path.name} cannot be loaded: install or import it again.",
            details=f"{path}: {type(error).__name__}: {error}",
        ) from error


def _own(layout: Layout, tensors: Mapping[str, Tensor]) -> Network:
    renamed = plain_names(tensors)
    plain = {renamed[name]: tensor for name, tensor in tensors.items()}
    is_dense = layout.architecture is Architecture.ESRGAN
    network = _dense(plain) if is_dense else _compact(layout.scale, plain)
    network.load_state_dict(plain)
    return network


def _dense(tensors: Mapping[str, Tensor]) -> DenseUpsampler:
    first, block = tensors["conv_first.weight"], tensors["body.0.rdb1.conv1.weight"]
    return DenseUpsampler(
        doublings=sum(name.startswith("conv_up") for name in tensors) // 2,
        unshuffled=unshuffled_by(first.shape[1]),
        width=first.shape[0],
        growth=block.shape[0],
        blocks=len({name.split(".")[1] for name in tensors if name.startswith("body.")}),
    )


def _compact(factor: int, tensors: Mapping[str, Tensor]) -> CompactUpsampler:
    width = tensors["body.0.weight"].shape[0]
    convolutions = sum(tensor.ndim == 4 for tensor in tensors.values())
    return CompactUpsampler(factor, width, convolutions - 2)
