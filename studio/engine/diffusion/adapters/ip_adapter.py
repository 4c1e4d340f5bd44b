"""IP-Adapters on a UNet: what reference pictures show is taken up beside the words.

H. Ye et al., "IP-Adapter: text compatible image prompt adapter for text-to-image diffusion models",
2023. A UNet that wears none is the one that it was, to the bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import torch
from diffusers.models.attention_processor import IPAdapterAttnProcessor2_0
from diffusers.models.embeddings import ImageProjection, IPAdapterPlusImageProjection
from safetensors import safe_open
from transformers import CLIPImageProcessor, CLIPVisionModelWithProjection

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.guiding import Course, Guiding
from studio.engine.diffusion.families.unet import Guide, Told, UnetConditions
from studio.engine.diffusion.loading import loading
from studio.engine.diffusion.machine import Machine, is_out_of_memory
from studio.engine.diffusion.placement import place_module
from studio.engine.diffusion.remembered import Remembered
from studio.generation.catalog import AdapterInfo
from studio.generation.needs import IMAGE_ENCODER

_ENCODERS: Final = 2
_PARTS: Final = ("image_proj", "ip_adapter")
_FACES: Final = ("0.to_q_lora.down.weight", "proj.0.weight")
"""Are there in those that look at faces by a model of another kind."""


class IpAdapters:
    """Those of one loaded model.

    Args:
        machine: on which they run, as their model does.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._worn: WeakKeyDictionary[Any, _Worn] = WeakKeyDictionary()
        self._eyes: Remembered[Path, _Eye] = Remembered(_ENCODERS)

    def guide(
        self,
        references: Sequence[Guiding],
        unet: Any,
        conditions: UnetConditions,
        timesteps: Sequence[float],
    ) -> tuple[UnetConditions, Guide | None]:
        """Puts on a UNet what looks at these pictures, and takes everything else off.

        Args:
            references: pictures of any extent.
            unet: that is guided.
            conditions: what it is told else.
            timesteps: of the scheduler.

        Returns:
            What it is told now, and what is done at each step; None where nothing is.

        Raises:
            ModelError: if one cannot be read, or does not fit the UNet.
        """
        wanted = [reference for reference in references if reference.weight > 0]
        self._wear(unet, [each.adapter for each in wanted])
        if not wanted:
            return conditions, None
        layers = unet.encoder_hid_proj.image_projection_layers
        seen = [
            self._eye(each.adapter).look(each.pixels, layer)
            for each, layer in zip(wanted, layers, strict=True)
        ]
        positive = replace(conditions.positive, pictures=tuple(one for one, _ in seen))
        negative = replace(conditions.negative, pictures=tuple(other for _, other in seen))
        return UnetConditions(positive, negative), _weighing(unet, wanted, Course(timesteps))

    def _wear(self, unet: Any, adapters: Sequence[AdapterInfo]) -> None:
        names = tuple(adapter.id for adapter in adapters)
        worn = self._worn.get(unet)
        if (worn.names if worn else ()) == names:
            return
        if worn is not None:
            self._worn.pop(unet).take_off(unet)
        if adapters:
            states = [_read(adapter) for adapter in adapters]
            self._worn[unet] = _Worn(names, dict(unet.attn_processors))
            self._put_on(unet, adapters, states)

    def _put_on(
        self, unet: Any, adapters: Sequence[AdapterInfo], states: list[dict[str, Any]]
    ) -> None:
        try:
            unet._load_ip_adapter_weights(states)
            for adapter, layer in zip(
                adapters, unet.encoder_hid_proj.image_projection_layers, strict=True
            ):
                self._eye(adapter).check(layer, adapter)
        except (ValueError, KeyError, RuntimeError, ModelError) as error:
            self._worn.pop(unet).take_off(unet)
            if isinstance(error, ModelError) or is_out_of_memory(error):
                raise
            names = " and ".join(adapter.title for adapter in adapters)
            raise ModelError(
                f"{names} cannot be put on this model: it is damaged, or made for another one.",
                details=f"{type(error).__name__}: {error}",
            ) from error

    def _eye(self, adapter: AdapterInfo) -> _Eye:
        folder = _encoder_of(adapter)
        return self._eyes.get(folder, lambda: _load_eye(folder, adapter, self._machine))


@dataclass(frozen=True)
class _Worn:
    """What a UNet wears, and how it attended before."""

    names: tuple[str, ...]
    before: Mapping[str, Any]

    def take_off(self, unet: Any) -> None:
        """Has it attend as before."""
        unet.encoder_hid_proj = None  # first, for some of these attend too
        unet.config.encoder_hid_dim_type = None
        unet.set_attn_processor(dict(self.before))


@dataclass(frozen=True)
class _Eye:
    """A CLIP that looks at pictures."""

    encoder: Any
    processor: Any
    machine: Machine

    @torch.inference_mode()
    def look(self, pixels: Pixels, layer: Any) -> tuple[torch.Tensor, torch.Tensor]:
        """What a picture is to a projection, and what nothing is, ``(1, 1, ...)`` each."""
        planes = self.processor(pixels, return_tensors="pt").pixel_values
        planes = planes.to(self.machine.device, self.machine.dtype)
        if isinstance(layer, ImageProjection):
            embeds = self.encoder(planes).image_embeds[None]
            return embeds, torch.zeros_like(embeds)
        pictured, blank = (
            self.encoder(each, output_hidden_states=True).hidden_states[-2][None]
            for each in (planes, torch.zeros_like(planes))
        )
        return pictured, blank

    def check(self, layer: Any, adapter: AdapterInfo) -> None:
        """Raises ModelError where a projection takes something else than this gives."""
        config = self.encoder.config
        if isinstance(layer, ImageProjection):
            fits = layer.image_embeds.in_features == config.projection_dim
        elif isinstance(layer, IPAdapterPlusImageProjection):
            fits = layer.proj_in.in_features == config.hidden_size
        else:
            raise _of_faces(adapter)
        if not fits:
            raise ModelError(
                f"The image encoder beside {adapter.title} is not the one that it was made for: "
                "install it again."
            )


def _weighing(unet: Any, references: Sequence[Guiding], course: Course) -> Guide:
    """Has each count for its weight in its range of steps, and for nothing in others."""
    processors = [
        processor
        for processor in unet.attn_processors.values()
        if isinstance(processor, IPAdapterAttnProcessor2_0)
    ]

    def weigh(seen: torch.Tensor, timestep: torch.Tensor, told: Told) -> Mapping[str, Any]:
        begun, ended = course.span(timestep)
        weights = [each.weight if each.guides(begun, ended) else 0.0 for each in references]
        for processor in processors:
            processor.scale = weights
        return {}

    return weigh


def _read(adapter: AdapterInfo) -> dict[str, dict[str, torch.Tensor]]:
    """The tensors of the projection and of the attention, as diffusers takes them."""
    found: dict[str, dict[str, torch.Tensor]] = {part: {} for part in _PARTS}
    with loading(adapter), safe_open(_file_of(adapter), framework="pt") as file:
        for key in file.keys():  # noqa: SIM118  (it is no mapping)
            part, _, name = key.partition(".")
            if part in found:
                found[part][name] = file.get_tensor(key)
    if any(name in tensors for tensors in found.values() for name in _FACES):
        raise _of_faces(adapter)
    if not all(found.values()):
        raise ModelError(f"{adapter.title} is no IP-Adapter: install it again.")
    return found


def _file_of(adapter: AdapterInfo) -> Path:
    """The one file, or the first in a folder that is not the image encoder's."""
    if not adapter.path.is_dir():
        return adapter.path
    files = sorted(adapter.path.rglob("*.safetensors"))
    own = [file for file in files if IMAGE_ENCODER not in file.relative_to(adapter.path).parts]
    if not own:
        raise ModelError(f"{adapter.title} has no weights: install it again.")
    return own[0]


def _encoder_of(adapter: AdapterInfo) -> Path:
    """The image encoder's folder: beside the weights, or anywhere in the adapter's folder."""
    file = _file_of(adapter)
    places = [file.parent / IMAGE_ENCODER]
    if adapter.path.is_dir():
        places += sorted(adapter.path.rglob(IMAGE_ENCODER))
    for place in places:
        if (place / "config.json").is_file():
            return place
    raise ModelError(
        f"{adapter.title} has no image encoder to look with: put the folder {IMAGE_ENCODER} that "
        f"belongs to it beside {file.name}."
    )


def _load_eye(folder: Path, adapter: AdapterInfo, machine: Machine) -> _Eye:
    with loading(adapter):
        encoder = CLIPVisionModelWithProjection.from_pretrained(
            folder, dtype=machine.dtype, use_safetensors=True, local_files_only=True
        ).eval()
    side = encoder.config.image_size
    processor = CLIPImageProcessor(size=side, crop_size=side)
    return _Eye(place_module(IMAGE_ENCODER, encoder, machine), processor, machine)


def _of_faces(adapter: AdapterInfo) -> ModelError:
    return ModelError(
        f"{adapter.title} looks at faces by a model that is not here: choose a plain IP-Adapter."
    )
