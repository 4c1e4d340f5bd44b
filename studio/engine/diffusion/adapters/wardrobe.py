"""LoRAs on a model: put on, weighed and taken off, without loading the model again.

E. J. Hu et al., "LoRA: low-rank adaptation of large language models", 2021. diffusers converts the
keys of kohya's and others' files; peft holds the layers. A layer with nothing on is the layer that
it was, so a model that wears none paints to the bit what it painted before.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import torch
from diffusers.utils.peft_utils import (
    delete_adapter_layers,
    set_adapter_layers,
    set_weights_and_activate_adapters,
)
from safetensors import SafetensorError, safe_open

from studio.core.errors import ModelError
from studio.engine.diffusion.adapters.lycoris import as_plain, has_products, shape_like
from studio.engine.diffusion.device.machine import is_out_of_memory
from studio.engine.diffusion.device.placement import widened
from studio.generation.catalog import AdapterInfo

KEPT: Final = 8
"""How many LoRAs stay in memory; those not worn for the longest go first."""

_DENOISERS: Final = ("unet", "transformer", "prior")
_TEXT_ENCODERS: Final = ("text_encoder", "text_encoder_2")
_READ_KRONECKER: Final = frozenset({"flux2", "z_image"})
"""Families whose stock pipelines read Kronecker products as they are."""


@dataclass(frozen=True)
class Worn:
    """A LoRA, and how strongly it is applied: 0 does nothing, 1 is as it was trained."""

    adapter: AdapterInfo
    weight: float

    @property
    def name(self) -> str:
        """As the modules know it: names of modules have no dots in them."""
        return self.adapter.id.replace(".", ":")


@dataclass(frozen=True)
class _Weights:
    """A LoRA's weights in diffusers' form, by the names of a pipeline's modules."""

    state: dict[str, torch.Tensor]
    alphas: dict[str, float] | None
    metadata: dict[str, Any] | None

    def has(self, name: str) -> bool:
        """Whether there is something for a module."""
        return any(key.startswith(f"{name}.") for key in self.state)


class Wardrobe:
    """The LoRAs of one loaded model.

    Its pipelines may share modules, and further ones may be loaded at any time: what is worn is
    put on every module that has it not on yet.
    """

    def __init__(self) -> None:
        self._worn: tuple[Worn, ...] = ()
        self._tried: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
        """The names of the LoRAs that were put on a module, whether or not it took them."""

    @property
    def worn(self) -> tuple[Worn, ...]:
        """What is put on."""
        return self._worn

    def wear(self, pipelines: Sequence[Any], loras: Sequence[Worn]) -> bool:
        """Puts these on and everything else off.

        Args:
            pipelines: stock ones, loaded so far.
            loras: of the model's family.

        Returns:
            Whether the text encoders may read otherwise than before.

        Raises:
            ModelError: if a file is none, or fits no module of the pipelines.
        """
        wanted = tuple(lora for lora in loras if lora.weight != 0)
        changed = wanted != self._worn
        self._worn = wanted
        self.dress(pipelines)
        if changed:
            self._clear_out(pipelines)
        return changed

    def dress(self, pipelines: Sequence[Any]) -> None:
        """Puts what is worn on the modules of pipelines that were loaded since, too.

        Raises:
            ModelError: as `wear`; then nothing is worn.
        """
        try:
            for worn in self._worn:
                self._put_on(pipelines, worn)
        except ModelError:
            self._worn = ()
            raise
        finally:
            for _, module, _ in _modules(pipelines):
                self._weigh(module)

    def _put_on(self, pipelines: Sequence[Any], worn: Worn) -> None:
        weights: _Weights | None = None
        fits = False
        for name, module, pipeline in _modules(pipelines):
            tried = self._tried.setdefault(module, set())
            if worn.name not in tried:
                weights = weights or _read(worn.adapter, pipeline)
                if weights.has(name):
                    _insert(weights, name, module, pipeline, worn)
                tried.add(worn.name)
            fits = fits or worn.name in _held(module)
        if not fits:
            raise ModelError(
                f"{worn.adapter.title} fits no part of this model: choose a LoRA that was made "
                "for it."
            )

    def _weigh(self, module: Any) -> None:
        held = _held(module)
        mine = [worn for worn in self._worn if worn.name in held]
        if mine:
            names, weights = [worn.name for worn in mine], [worn.weight for worn in mine]
            set_weights_and_activate_adapters(module, names, weights)
        if held:
            set_adapter_layers(module, enabled=bool(mine))

    def _clear_out(self, pipelines: Sequence[Any]) -> None:
        """Forgets those not worn for the longest, beyond what is kept."""
        worn = {lora.name for lora in self._worn}
        for _, module, _ in _modules(pipelines):
            held = _held(module)
            idle = [name for name in held if name not in worn]
            for name in idle[: max(0, len(held) - KEPT)]:
                delete_adapter_layers(module, name)
                held.pop(name, None)
                self._tried[module].discard(name)


def _modules(pipelines: Sequence[Any]) -> Iterator[tuple[str, Any, Any]]:
    """Each module that may wear something, once: its name, itself, a pipeline that has it."""
    seen: set[int] = set()
    for pipeline in pipelines:
        for name in (*_DENOISERS, *_TEXT_ENCODERS):
            module = getattr(pipeline, name, None)
            if module is not None and id(module) not in seen:
                seen.add(id(module))
                yield name, module, pipeline


def _held(module: Any) -> dict[str, Any]:
    """The configurations of a module's LoRAs, worn or not, by name."""
    held: dict[str, Any] = getattr(module, "peft_config", {})
    return held


def _read(adapter: AdapterInfo, pipeline: Any) -> _Weights:
    """The file's weights, their keys brought into diffusers' form."""
    if not hasattr(pipeline, "lora_state_dict"):
        raise ModelError(f"This model takes no LoRA: take {adapter.title} off.")
    path = adapter.path
    where: dict[str, Any] = {"weight_name": path.name} if path.is_file() else {}
    if hasattr(pipeline, "unet"):
        where["unet_config"] = pipeline.unet.config
    try:
        found = pipeline.lora_state_dict(
            _source(path, adapter.family),
            use_safetensors=True,
            local_files_only=True,
            return_alphas=True,
            return_lora_metadata=True,
            **where,
        )
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        if isinstance(error, RuntimeError) and is_out_of_memory(error):
            raise
        raise _unreadable(adapter, error) from error
    state, *alphas, metadata = found
    return _Weights(state, alphas[0] if alphas else None, metadata)


def _source(path: Path, family: str) -> str | dict[str, torch.Tensor]:
    """A folder for diffusers to read, or weights that it could not read as they are written."""
    if not path.is_file():
        return str(path)
    with safe_open(path, framework="pt") as file:
        names = list(file.keys())
        if has_products(names, kronecker=family not in _READ_KRONECKER):
            return as_plain({name: file.get_tensor(name) for name in names})
    return str(path.parent)


def _insert(weights: _Weights, name: str, module: Any, pipeline: Any, worn: Worn) -> None:
    more = {"adapter_name": worn.name, "metadata": weights.metadata}
    alphas = None if weights.metadata else weights.alphas
    try:
        shape_like(module, weights.state, name)
        with warnings.catch_warnings(), widened(module):
            # peft wonders about a second one on the same module, which is what is wanted here.
            warnings.filterwarnings("ignore", "Already found a `peft_config`")
            if name in _DENOISERS:
                module.load_lora_adapter(weights.state, prefix=name, network_alphas=alphas, **more)
            else:
                pipeline.load_lora_into_text_encoder(
                    weights.state, network_alphas=alphas, text_encoder=module, prefix=name, **more
                )
    except (ValueError, KeyError, IndexError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and is_out_of_memory(error):
            raise
        _held(module).pop(worn.name, None)
        raise _unreadable(worn.adapter, error) from error


def _unreadable(adapter: AdapterInfo, error: Exception) -> ModelError:
    return ModelError(
        f"{adapter.title} cannot be put on this model: it is damaged, or made for another one.",
        details=f"{type(error).__name__}: {error}",
    )
