"""What a file of weights is: its kind, its family, its variant, from names and shapes alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from studio.core.errors import ModelError
from studio.generation.catalog_entries import UNION
from studio.generation.upscalers import layout_of
from studio.models.detection.companions import (
    ENCODER_PREFIXES,
    VAE_PREFIXES,
    is_image_encoder,
    text_encoder_name,
    vae_families,
)
from studio.models.detection.controls import Control, controlnet_of, ip_adapter_of
from studio.models.detection.denoisers import denoiser_variant
from studio.models.detection.embeddings import ANONYMOUS, inverted_variant
from studio.models.detection.formats import read_tensors
from studio.models.detection.loras import lora_of
from studio.models.detection.unusable import UnusableError
from studio.models.detection.variants import VARIANTS
from studio.models.tensors import Tensors

Kind: TypeAlias = Literal[
    "pipeline",
    "checkpoint",
    "denoiser",
    "lora",
    "textual_inversion",
    "controlnet",
    "ip_adapter",
    "vae",
    "upscaler",
    "text_encoder",
    "image_encoder",
    "estimator",
]
"""What weights are for; ``checkpoint`` is all of a model in one file, ``denoiser`` its heart."""


@dataclass(frozen=True)
class Detected:
    """What was found.

    Attributes:
        path: of the file or folder.
        families: that it can be for, the likeliest first; of several, the person has to say.
        variant: of `studio.models.detection.variants`; empty where it does not matter or tell.
        title: as the file calls itself; may be empty.
        trigger: words that call up an adapter, as the file gives them; may be empty.
        role: of a pipeline's folder in a model.
        licence: as the file or its card names it; may be empty.
        detail: a word more: how a LoRA is written, what a textual inversion teaches, or how an
            upscaler is built.
        scale: by how much an upscaler enlarges; 0 where nothing tells.
        size_bytes: of the file, or of all files of the folder that are weights.
    """

    path: Path
    kind: Kind
    families: tuple[str, ...] = ()
    variant: str = ""
    title: str = ""
    trigger: str = ""
    role: str = ""
    licence: str = ""
    detail: str = ""
    scale: int = 0
    size_bytes: int = 0


_Tell: TypeAlias = Callable[[Tensors, str], Detected | None]

_FOREIGN: Final = {
    "bitsandbytes": (".quant_state.bitsandbytes__nf4", ".quant_state.bitsandbytes__fp4", ".absmax"),
    "SVDQuant": (".wscales", ".smooth_factor"),
    "GPTQ or AWQ": (".qweight", ".qzeros"),
}
"""Ways to quantise weights in safetensors that only certain programs read, by names' endings."""
SCALES: Final = (".scale_weight", ".weight_scale")
"""Names' endings of what weights in 8-bit floats are multiplied by; the engine does so."""
_ONE: Final = ((), (1,))
_SOME_NAMES: Final = 4
_LONGEST_LICENCE: Final = 80
_NOWHERE: Final = Path()


def detect_file(path: Path, hints: str = "") -> Detected:
    """What a ``.safetensors`` or ``.gguf`` file is, or weights in several files by their index.

    Args:
        path: of the file.
        hints: more words beside the file's name, where shapes do not tell variants apart.

    Raises:
        ModelError: if the file cannot be read, is refused, or is of no known kind or family,
            saying what was seen.
    """
    tensors = read_tensors(path)
    try:
        found = _detect(tensors, f"{path.name} {hints} {_said(tensors)}".lower())
    except UnusableError as error:
        raise ModelError(f"{path} cannot be used: it is {error}.") from error
    if found is None:
        if not tensors:
            raise ModelError(f"{path} holds no tensors at all: download it again.")
        names = ", ".join(sorted(tensors)[:_SOME_NAMES])
        raise ModelError(
            f"{path} holds nothing that Sfumato knows: its {len(tensors)} tensors are called "
            f"{names} and so on."
        )
    return Detected(
        path=path,
        kind=found.kind,
        families=found.families,
        variant=found.variant,
        title=tensors.metadata.get("modelspec.title", ""),
        trigger=tensors.metadata.get("modelspec.trigger_phrase", ""),
        licence=tensors.metadata.get("modelspec.license", "")[:_LONGEST_LICENCE],
        detail=found.detail,
        scale=found.scale,
        size_bytes=path.stat().st_size,
    )


def _said(tensors: Tensors) -> str:
    """What a file says of itself (https://github.com/Stability-AI/ModelSpec), in words."""
    said = [tensors.metadata.get(f"modelspec.{name}", "") for name in ("title", "architecture")]
    if tensors.metadata.get("modelspec.prediction_type") == "v":
        said.append("v_pred")
    return " ".join(said)


def _detect(tensors: Tensors, words: str) -> Detected | None:
    _refuse_foreign(tensors)
    for tell in _KINDS:
        found = tell(tensors, words)
        if found is not None:
            return found
    return None


def _refuse_foreign(tensors: Tensors) -> None:
    if any(name.endswith(SCALES) and tensors[name].shape not in _ONE for name in tensors):
        raise UnusableError(
            "quantised in blocks, which its own programs alone read: take its 16-bit, 8-bit or "
            "GGUF version"
        )
    for title, endings in _FOREIGN.items():
        if any(name.endswith(endings) for name in tensors):
            raise UnusableError(
                f"quantised by {title}, which its own programs alone read: take its 16-bit or "
                "GGUF version"
            )


def _lora(tensors: Tensors, words: str) -> Detected | None:
    lora = lora_of(tensors, words)
    if lora is None:
        return None
    return Detected(_NOWHERE, "lora", lora.families, lora.variant, detail=lora.algorithm)


def _controlnet(tensors: Tensors, words: str) -> Detected | None:
    return _control("controlnet", controlnet_of(tensors))


def _ip_adapter(tensors: Tensors, words: str) -> Detected | None:
    return _control("ip_adapter", ip_adapter_of(tensors))


def _control(kind: Kind, control: Control | None) -> Detected | None:
    if control is None:
        return None
    detail = UNION if control.is_union else ""
    return Detected(_NOWHERE, kind, (control.family,), control.variant, detail=detail)


def _model(tensors: Tensors, words: str) -> Detected | None:
    variant, prefix = denoiser_variant(tensors, words)
    if not variant:
        return None
    family = VARIANTS[variant].family
    has_all = any(map(tensors.has_under, VAE_PREFIXES)) and any(
        map(tensors.has_under, ENCODER_PREFIXES)
    )
    kind: Kind = "checkpoint" if prefix and has_all else "denoiser"
    return Detected(_NOWHERE, kind, (family,), variant)


def _vae(tensors: Tensors, words: str) -> Detected | None:
    families = vae_families(tensors)
    return Detected(_NOWHERE, "vae", families) if families else None


def _encoder(tensors: Tensors, words: str) -> Detected | None:
    if is_image_encoder(tensors):
        return Detected(_NOWHERE, "image_encoder")
    name = text_encoder_name(tensors)
    return Detected(_NOWHERE, "text_encoder", detail=name) if name else None


def _upscaler(tensors: Tensors, words: str) -> Detected | None:
    layout = layout_of({name: tensor.shape for name, tensor in tensors.items()})
    if layout is None:
        return None
    return Detected(_NOWHERE, "upscaler", detail=layout.architecture, scale=layout.scale)


def _textual_inversion(tensors: Tensors, words: str) -> Detected | None:
    variant = inverted_variant(tensors)
    if not variant:
        return None
    family = "stable_diffusion_xl" if variant == "sdxl" else "stable_diffusion"
    word = next(iter(tensors)) if len(tensors) == 1 else ""
    detail = "" if word == ANONYMOUS else word
    return Detected(_NOWHERE, "textual_inversion", (family,), variant, detail=detail)


_KINDS: Final[tuple[_Tell, ...]] = (
    _ip_adapter,
    _lora,
    _controlnet,
    _model,
    _vae,
    _encoder,
    _upscaler,
    _textual_inversion,
)
"""In the order of asking: an adapter has names of the model that it changes, never the reverse.

IP-Adapters go first, since some have a LoRA within them.
"""
