"""What an installed model will take, read from the headers of its weights alone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec
from safetensors import SafetensorError, safe_open

from studio.generation.catalog import AdapterInfo, InstalledPart, ModelInfo
from studio.generation.memory import GIB, Budget, MemoryMode, MemoryPlan, Module, Needs, plan
from studio.generation.roles import CHECKPOINT, DECODER, EDIT, INPAINT, PRIOR, REDUX, REFINER

_AUTOENCODERS: Final = ("vae", "movq")
_LATER: Final = frozenset({INPAINT, EDIT, REFINER, REDUX, "upscaler"})
"""Roles that are loaded when they are first asked for, if ever, where there are others."""

_PREFIXES: Final = {
    "model.diffusion_model": "unet",
    "first_stage_model": "vae",
    "vae": "vae",
}
"""Of the tensors in a checkpoint; all others are text encoders."""

IMAGE_ENCODER: Final = "image_encoder"
"""The folder beside an IP-Adapter's file with the model that looks for it."""

_ESTIMATING_BYTES: Final = 4

_UNKNOWN_BLOCKS: Final = 20
"""Into how many blocks a module is taken to be divided whose tensors cannot be read."""


def read_needs(model: ModelInfo, number_bytes: int, beside: Iterable[AdapterInfo] = ()) -> Needs:
    """The sizes of the modules that are loaded with a model.

    Args:
        model: from the catalog; where it is not installed, the catalog's own figure counts.
        number_bytes: of one number in the precision in use.
        beside: what works beside it, such as ControlNets.
    """
    modules: dict[str, Module] = {}
    for part in loaded_at_once(model.parts):
        modules |= _modules_of(part, number_bytes)
    needs = Needs(tuple(modules.values()), model.native_size**2, number_bytes)
    return (needs if modules else _listed(model)).with_modules(modules_beside(beside, number_bytes))


def modules_beside(adapters: Iterable[AdapterInfo], number_bytes: int) -> tuple[Module, ...]:
    """What is loaded of adapters: a ControlNet, an IP-Adapter and its encoder, an estimator.

    Args:
        adapters: installed ones.
        number_bytes: of one number in the precision in use; estimators are always in 32 bits.
    """
    return tuple(module for each in adapters for module in _modules_of_adapter(each, number_bytes))


def _modules_of_adapter(adapter: AdapterInfo, number_bytes: int) -> Iterator[Module]:
    [part] = adapter.parts
    if adapter.kind == "estimator":
        for module in _modules_of(part, _ESTIMATING_BYTES).values():
            yield msgspec.structs.replace(module, is_denoiser=False, block=module.layer)
        return
    yield from _modules_of(part, number_bytes).values()
    encoder = part.path.parent / IMAGE_ENCODER
    if adapter.kind == "ip_adapter" and part.path.is_file() and encoder.is_dir():
        yield from _modules_of(replace(part, path=encoder), number_bytes).values()


def loaded_at_once(parts: tuple[InstalledPart, ...]) -> tuple[InstalledPart, ...]:
    """The parts that are read before a model's first picture; others are when they are needed."""
    return tuple(part for part in parts if part.role not in _LATER) or parts[:1]


def weights_in(place: Path) -> list[Path]:
    """The files of weights that are read of a part: itself, or those of each of its modules."""
    if not place.is_dir():
        return [place]
    folders = sorted({path.parent for path in place.rglob("*.safetensors")})
    return [path for folder in folders for path in _without_variants(folder)]


def fitted(model: ModelInfo, budget: Budget, mode: MemoryMode = "auto") -> MemoryPlan:
    """How a model would be fitted into the memory that there is."""
    return plan(read_needs(model, budget.number_bytes), budget, mode)


def _listed(model: ModelInfo) -> Needs:
    """By the catalog's figures, in which what is computed with is contained."""
    full, largest = (int(gib * GIB) for gib in (model.memory.full, model.memory.offload))
    modules = (_opaque(largest), _opaque(max(0, full - largest)))
    return Needs(modules, pixels=0, number_bytes=0)


def _modules_of(part: InstalledPart, number_bytes: int) -> dict[str, Module]:
    """A part's modules by name; one of a later part takes the place of another of its name."""
    if part.path.is_dir():
        return _modules_in(part, number_bytes)
    if not part.path.is_file():
        return {}
    if part.path.suffix != ".safetensors":
        return {part.role: _opaque(part.path.stat().st_size)}
    if part.role == CHECKPOINT:
        return dict(_modules_of_checkpoint(part.path, number_bytes))
    return {part.role: _module(_numbers(part.path), part.role, number_bytes)}


def _modules_in(part: InstalledPart, number_bytes: int) -> dict[str, Module]:
    """Those of a folder in diffusers' format, which has a folder for each."""
    modules = {}
    for folder in sorted({path.parent for path in part.path.rglob("*.safetensors")}):
        numbers: dict[str, int] = {}
        for path in _without_variants(folder):
            numbers |= _numbers(path)
        own_name = part.role in (PRIOR, DECODER) and folder != part.path
        kind = part.role if folder == part.path else folder.name
        modules[f"{part.role}/{kind}" if own_name else kind] = _module(numbers, kind, number_bytes)
    return modules


def _without_variants(folder: Path) -> list[Path]:
    """A folder's weights; those such as ``model.fp16.safetensors`` only where there are no others.

    Split weights are named such as ``model-00001-of-00003.safetensors``.
    """
    paths = sorted(folder.glob("*.safetensors"))
    return [path for path in paths if "." not in path.stem] or paths


def _modules_of_checkpoint(path: Path, number_bytes: int) -> Iterator[tuple[str, Module]]:
    sorted_out: dict[str, dict[str, int]] = {}
    for tensor, numbers in _numbers(path).items():
        prefix = next((p for p in _PREFIXES if tensor.startswith(f"{p}.")), "")
        inner = tensor.removeprefix(f"{prefix}.") if prefix else tensor
        sorted_out.setdefault(_PREFIXES.get(prefix, "text_encoder"), {})[inner] = numbers
    for name, tensors in sorted_out.items():
        yield name, _module(tensors, name, number_bytes)


def _module(numbers: Mapping[str, int], name: str, number_bytes: int) -> Module:
    """A module of these tensors.

    The lists at a denoiser's top level are its blocks. What reads words or pictures waits by
    layers where denoisers wait by blocks.
    """
    layer = max(numbers.values(), default=0)
    is_encoder = "encoder" in name
    blocks: Counter[str] = Counter()
    for tensor, count in numbers.items():
        first, second, *_ = [*tensor.split("."), ""]
        blocks[f"{first}.{second}" if second.isdigit() else ""] += count
    outside_blocks = blocks.pop("", 0)
    block = layer if is_encoder else outside_blocks + max(blocks.values(), default=0)
    return Module(
        weights=sum(numbers.values()) * number_bytes,
        block=block * number_bytes,
        layer=layer * number_bytes,
        is_autoencoder=name in _AUTOENCODERS,
        is_denoiser=name not in _AUTOENCODERS and not is_encoder,
    )


def _opaque(size: int) -> Module:
    """A module of which only the size is known; it is taken to decode as well."""
    return Module(size, size // _UNKNOWN_BLOCKS, size // _UNKNOWN_BLOCKS, is_autoencoder=True)


def _numbers(path: Path) -> dict[str, int]:
    """How many numbers each tensor of a file has; none where it cannot be read."""
    try:
        with safe_open(path, "numpy") as file:
            names = file.keys()
            return {name: math.prod(file.get_slice(name).get_shape()) for name in names}
    except (OSError, SafetensorError):
        return {}
