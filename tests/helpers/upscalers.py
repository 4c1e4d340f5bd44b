"""Upscalers as they are published: the names and shapes of their tensors, and tiny ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
from safetensors.numpy import save_file

from tests.helpers.weights import Shapes

_GROWING: Final = 5
"""Convolutions of a dense block."""

Namer = Callable[[str, int], str]
"""From BasicSR's name of a layer, and how often the network doubles, to another program's."""


def esrgan(
    *,
    doublings: int = 2,
    unshuffled: int = 1,
    blocks: int = 23,
    width: int = 64,
    growth: int = 32,
) -> Shapes:
    """The tensors of an ESRGAN as BasicSR writes them; those of the usual size by default."""
    layers = {"conv_first": (width, 3 * unshuffled**2)}
    for block in range(blocks):
        for dense in (1, 2, 3):
            for conv in range(1, _GROWING + 1):
                given = growth if conv < _GROWING else width
                taken = width + (conv - 1) * growth
                layers[f"body.{block}.rdb{dense}.conv{conv}"] = (given, taken)
    layers |= {"conv_body": (width, width)}
    layers |= {f"conv_up{count}": (width, width) for count in range(1, doublings + 1)}
    layers |= {"conv_hr": (width, width), "conv_last": (3, width)}
    shapes: dict[str, tuple[int, ...]] = {}
    for name, channels in layers.items():
        shapes |= {f"{name}.weight": (*channels, 3, 3), f"{name}.bias": channels[:1]}
    return shapes


def compact(scale: int = 4, *, width: int = 64, depth: int = 16) -> Shapes:
    """The tensors of Real-ESRGAN's compact network; those of the smaller one by default."""
    shapes: dict[str, tuple[int, ...]] = {}
    last = 2 * (depth + 1)
    for layer in range(0, last + 1, 2):
        given = 3 * scale**2 if layer == last else width
        taken = width if layer else 3
        shapes |= {f"body.{layer}.weight": (given, taken, 3, 3), f"body.{layer}.bias": (given,)}
        if layer < last:
            shapes[f"body.{layer + 1}.weight"] = (width,)
    return shapes


def original(name: str, doublings: int) -> str:
    """A layer's name in ESRGAN's first program, which numbers all, those without weights too."""
    layer, _, kind = name.rpartition(".")
    if layer.startswith("body."):
        _, block, dense, conv = layer.split(".")
        return f"model.1.sub.{block}.{dense.upper()}.{conv}.0.{kind}"
    numbers = {"conv_first": "0", "conv_body": "1.sub.23"}
    numbers |= {f"conv_up{count}": str(3 * count) for count in range(1, doublings + 1)}
    numbers |= {"conv_hr": str(3 * doublings + 2), "conv_last": str(3 * doublings + 4)}
    return f"model.{numbers[layer]}.{kind}"


def renewed(name: str, doublings: int) -> str:
    """A layer's name in ESRGAN's second program."""
    if name.startswith("body."):
        return name.replace("body.", "RRDB_trunk.").replace(".rdb", ".RDB")
    for new, old in (("conv_body", "trunk_conv"), ("conv_up", "upconv"), ("conv_hr", "HRconv")):
        name = name.replace(new, old)
    return name


def basicsr(name: str, doublings: int) -> str:
    """A layer's name as it is."""
    return name


def wrapped(name: str, doublings: int) -> str:
    """A layer's name where a training program kept several networks in one file."""
    return f"params_ema.{name}"


NAMERS: Final[Mapping[str, Namer]] = {
    "original": original,
    "renewed": renewed,
    "basicsr": basicsr,
    "wrapped": wrapped,
}
"""The ways in which ESRGANs are written."""


def named(shapes: Shapes, namer: Namer, doublings: int = 2) -> Shapes:
    """The tensors as another program writes them."""
    return {namer(name, doublings): shape for name, shape in shapes.items()}


def save_upscaler(
    path: Path, shapes: Shapes, namer: Namer = basicsr, doublings: int = 2, seed: int = 0
) -> Path:
    """Writes a network of small chance weights, the same ones under whatever names."""
    chance = np.random.default_rng(seed)
    weights = {
        namer(name, doublings): chance.normal(0, 0.1, shape).astype(np.float32)
        for name, shape in shapes.items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, path)
    return path
