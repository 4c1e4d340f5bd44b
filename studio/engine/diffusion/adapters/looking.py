"""IP-Adapters: pictures that are taken up beside the words, and what looks at them.

H. Ye et al., "IP-Adapter: text compatible image prompt adapter for text-to-image diffusion models",
2023. A denoiser that wears none is the one that it was, to the bit.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, TypeAlias
from weakref import WeakKeyDictionary

import torch
from safetensors import safe_open
from transformers import (
    CLIPImageProcessor,
    CLIPVisionModelWithProjection,
    SiglipImageProcessor,
    SiglipVisionModel,
)

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.guiding import Guiding
from studio.engine.diffusion.device.machine import Machine, is_out_of_memory
from studio.engine.diffusion.device.placement import place_anew, place_module
from studio.engine.diffusion.loading.pipelines import loading
from studio.engine.diffusion.remembered import Remembered
from studio.generation.catalog import AdapterInfo
from studio.generation.needs import IMAGE_ENCODER

State: TypeAlias = dict[str, dict[str, torch.Tensor]]
"""The tensors of the projection and of the attention, as diffusers takes them."""

PROJECTION: Final = "image_proj"
ATTENTION: Final = "ip_adapter"

_ENCODERS: Final = 2
_ALIKE: Final = {
    "ip_adapter_proj_model": PROJECTION,
    "double_blocks": ATTENTION,
    PROJECTION: PROJECTION,
    ATTENTION: ATTENTION,
}
"""Which part of an adapter the tensors are of whose names begin so."""

_RENAMED: Final = {
    "ip_adapter_double_stream_k_proj": "to_k_ip",
    "ip_adapter_double_stream_v_proj": "to_v_ip",
    "processor.": "",
}
"""What some adapters for FLUX.1 call otherwise."""

_FACES: Final = ("0.to_q_lora.down.weight", "proj.0.weight")
"""Are there in those that look at faces by a model of another kind."""


@dataclass(frozen=True)
class Eye:
    """A model that looks at pictures: a CLIP or a SigLIP.

    Attributes:
        encoder: one of transformers'.
        processor: makes what it sees of a picture.
        machine: on which it runs.
    """

    encoder: Any
    processor: Any
    machine: Machine

    @property
    def width(self) -> int:
        """Of what it sees of a patch."""
        width: int = self.encoder.config.hidden_size
        return width

    @property
    def joint_width(self) -> int:
        """Of what it makes of a whole picture; 0 where it makes nothing of that."""
        width: int = getattr(self.encoder.config, "projection_dim", 0)
        return width

    @torch.inference_mode()
    def whole(self, pixels: Pixels) -> torch.Tensor:
        """What a picture is as a whole, ``(1, width)``."""
        embeds: torch.Tensor = self.encoder(self._planes(pixels)).image_embeds
        return embeds

    @torch.inference_mode()
    def patches(self, pixels: Pixels, *, blank: bool = False) -> torch.Tensor:
        """What its patches are, ``(1, patches, width)``; of nothing, where it is to be blank."""
        planes = self._planes(pixels)
        seen = torch.zeros_like(planes) if blank else planes
        states: torch.Tensor = self.encoder(seen, output_hidden_states=True).hidden_states[-2]
        return states

    def _planes(self, pixels: Pixels) -> torch.Tensor:
        planes: torch.Tensor = self.processor(pixels, return_tensors="pt").pixel_values
        return planes.to(self.machine.device, self.machine.dtype)


class Looking(abc.ABC):
    """The IP-Adapters of one loaded model.

    Args:
        machine: on which they run, as their model does.
    """

    encoder_kind: ClassVar[Any] = CLIPVisionModelWithProjection
    """Of what looks at the pictures."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._worn: WeakKeyDictionary[Any, _Worn] = WeakKeyDictionary()
        self._eyes: Remembered[Path, Eye] = Remembered(_ENCODERS)

    @abc.abstractmethod
    def _insert(self, denoiser: Any, states: Sequence[State]) -> None:
        """Has a denoiser attend to what these adapters make of pictures.

        Raises:
            ValueError, KeyError, RuntimeError: if they do not fit it.
        """

    @abc.abstractmethod
    def _remove(self, denoiser: Any) -> None:
        """Takes the projections off a denoiser, whose attention is seen to already."""

    @abc.abstractmethod
    def _taken(self, denoiser: Any, number: int, eye: Eye) -> tuple[int, int]:
        """The widths of what the projection of an inserted adapter takes, and of what an eye gives.

        Raises:
            TypeError: if the projection takes what nothing here sees.
        """

    def worn(self, denoiser: Any, references: Sequence[Guiding]) -> Sequence[tuple[Guiding, Eye]]:
        """Puts on a denoiser what looks at these pictures, and takes everything else off.

        Args:
            denoiser: to be guided.
            references: those without weight do not count.

        Returns:
            Those that count, in their order, with what looks at each.

        Raises:
            ModelError: if one cannot be read, or does not fit the denoiser.
        """
        wanted = [reference for reference in references if reference.weight > 0]
        self._wear(denoiser, [each.adapter for each in wanted])
        return [(each, self._eye(each.adapter)) for each in wanted]

    def _wear(self, denoiser: Any, adapters: Sequence[AdapterInfo]) -> None:
        names = tuple(adapter.id for adapter in adapters)
        worn = self._worn.get(denoiser)
        if (worn.names if worn else ()) == names:
            return
        if worn is not None:
            self._take_off(denoiser)
        if adapters:
            states = [_read(adapter) for adapter in adapters]
            self._worn[denoiser] = _Worn(names, dict(denoiser.attn_processors))
            self._put_on(denoiser, adapters, states)

    def _put_on(
        self, denoiser: Any, adapters: Sequence[AdapterInfo], states: Sequence[State]
    ) -> None:
        try:
            self._insert(denoiser, states)
            place_anew(denoiser)
            for number, adapter in enumerate(adapters):
                self._check(denoiser, number, adapter)
        except (ValueError, KeyError, IndexError, RuntimeError, ModelError) as error:
            self._take_off(denoiser)
            if isinstance(error, ModelError) or is_out_of_memory(error):
                raise
            names = " and ".join(adapter.title for adapter in adapters)
            raise ModelError(
                f"{names} cannot be put on this model: it is damaged, or made for another one.",
                details=f"{type(error).__name__}: {error}",
            ) from error

    def _check(self, denoiser: Any, number: int, adapter: AdapterInfo) -> None:
        try:
            taken, given = self._taken(denoiser, number, self._eye(adapter))
        except TypeError as error:
            raise _of_faces(adapter) from error
        if taken != given:
            raise ModelError(
                f"The image encoder beside {adapter.title} is not the one that it was made for: "
                "install it again."
            )

    def _take_off(self, denoiser: Any) -> None:
        """Has it attend as before."""
        self._remove(denoiser)  # first, for some of these attend too
        denoiser.set_attn_processor(dict(self._worn.pop(denoiser).before))
        place_anew(denoiser)

    def _eye(self, adapter: AdapterInfo) -> Eye:
        folder = _encoder_of(adapter)
        return self._eyes.get(folder, lambda: self._load_eye(folder, adapter))

    def _load_eye(self, folder: Path, adapter: AdapterInfo) -> Eye:
        with loading(adapter):
            encoder = self.encoder_kind.from_pretrained(
                folder, dtype=self._machine.dtype, use_safetensors=True, local_files_only=True
            ).eval()
        side = encoder.config.image_size
        processor = _PROCESSORS[self.encoder_kind](side)
        return Eye(place_module(IMAGE_ENCODER, encoder, self._machine), processor, self._machine)


class Projecting(Looking):
    """Those on denoisers that project what is seen before they attend to it."""

    def _insert(self, denoiser: Any, states: Sequence[State]) -> None:
        denoiser._load_ip_adapter_weights(list(states))

    def _remove(self, denoiser: Any) -> None:
        denoiser.encoder_hid_proj = None
        denoiser.config.encoder_hid_dim_type = None

    def _projections(self, denoiser: Any) -> Sequence[Any]:
        """Of those that are inserted, in their order."""
        layers: Sequence[Any] = denoiser.encoder_hid_proj.image_projection_layers
        return layers


@dataclass(frozen=True)
class _Worn:
    """What a denoiser wears, and how it attended before."""

    names: tuple[str, ...]
    before: Mapping[str, Any]


_PROCESSORS: Final[Mapping[Any, Callable[[int], Any]]] = {
    CLIPVisionModelWithProjection: lambda side: CLIPImageProcessor(size=side, crop_size=side),
    SiglipVisionModel: lambda side: SiglipImageProcessor(size={"height": side, "width": side}),
}
"""From the side of the pictures that an encoder sees to what makes them."""


def _read(adapter: AdapterInfo) -> State:
    found: State = {PROJECTION: {}, ATTENTION: {}}
    with loading(adapter), safe_open(_file_of(adapter), framework="pt") as file:
        for key in file.keys():  # noqa: SIM118  (it is no mapping)
            begin, _, name = key.partition(".")
            if begin in _ALIKE:
                for theirs, ours in _RENAMED.items():
                    name = name.replace(theirs, ours)
                found[_ALIKE[begin]][name] = file.get_tensor(key)
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


def _of_faces(adapter: AdapterInfo) -> ModelError:
    return ModelError(
        f"{adapter.title} looks at faces by a model that is not here: choose a plain IP-Adapter."
    )
