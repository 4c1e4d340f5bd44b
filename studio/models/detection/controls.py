"""Adapters that steer by a picture: ControlNets and IP-Adapters, and which model they fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from studio.models.detection.unets import controlled_variant, unet_shape
from studio.models.detection.unusable import UnusableError
from studio.models.tensors import Tensors


@dataclass(frozen=True)
class Control:
    """What a ControlNet or IP-Adapter is for.

    Attributes:
        family: of the models that it steers.
        variant: of the family, such as ``sd-2``, where shapes tell; else empty.
        is_union: whether one ControlNet knows several kinds of pictures.
    """

    family: str
    variant: str = ""
    is_union: bool = False


_UNET_HINTS: Final = ("controlnet_cond_embedding.conv_in.weight", "input_hint_block.0.weight")
"""The first layer that sees the picture, in the style of diffusers and of the original code."""

_TRANSFORMERS: Final = {
    "txt_norm.weight": "qwen_image",
    "pos_embed.proj.weight": "stable_diffusion_3",
    "controlnet_x_embedder.weight": "flux",
    "input_block.weight": "sana",
}
"""What tells the families apart whose ControlNets copy blocks of a transformer."""

_UNSUPPORTED: Final = {
    "a T2I-Adapter": ("adapter.body.0.",),
    "a T2I-Adapter in its original form": ("body.0.block1.", "conv_in."),
    "a Control-LoRA": ("lora_controlnet",),
    "a ControlNet-LLLite": ("lllite_unet_",),
    "a ControlNet of XLabs for FLUX.1": ("input_hint_block.0.", "double_blocks.0."),
}
"""What steers in other ways, by what names of its tensors begin with."""

_CONTEXTS: Final = {768: "sd-1", 1024: "sd-2", 2048: "sdxl", 1280: "sdxl-refiner"}


def controlnet_of(tensors: Tensors) -> Control | None:
    """What the ControlNet in a file is for; None where there is none.

    Raises:
        UnusableError: if it steers in a way or a model that Sfumato does not know.
    """
    inner = tensors.under("control_model.") if tensors.has_under("control_model.") else tensors
    if any(name in inner for name in _UNET_HINTS) and (shape := unet_shape(inner)):
        variant = controlled_variant(shape)
        if not variant:
            raise UnusableError(
                f"a ControlNet for no model that Sfumato knows (context {shape.context})"
            )
        return Control(_family(variant), variant, "task_embedding" in inner)
    if "control_all_x_embedder.2-1.weight" in tensors:
        return Control("z_image", is_union=True)
    if "controlnet_blocks.0.weight" in tensors and not tensors.has_under("double_blocks."):
        family = next((_TRANSFORMERS[name] for name in _TRANSFORMERS if name in tensors), "")
        if not family:
            raise UnusableError("a ControlNet for a transformer that Sfumato does not know")
        return Control(family, "", "controlnet_mode_embedder.weight" in tensors)
    for title, prefixes in _UNSUPPORTED.items():
        if all(map(tensors.has_under, prefixes)):
            raise UnusableError(f"{title}, which Sfumato does not use")
    return None


def ip_adapter_of(tensors: Tensors) -> Control | None:
    """What the IP-Adapter in a file is for; None where there is none.

    Raises:
        UnusableError: if it is one that Sfumato does not know.
    """
    if tensors.has_under("ip_adapter_proj_model.") and tensors.has_under("double_blocks."):
        return Control("flux")
    if not tensors.has_under("image_proj.") or not tensors.has_under("ip_adapter."):
        return None
    if "ip_adapter.0.norm_ip.linear.weight" in tensors:
        return Control("stable_diffusion_3")
    if "ip_adapter.0.to_q_lora.down.weight" in tensors or "image_proj.proj.0.weight" in tensors:
        raise UnusableError("an IP-Adapter for faces, which needs a library that Sfumato lacks")
    keys = [name for name in tensors if name.endswith("to_k_ip.weight")]
    context = max((tensors.width(name, 1) for name in keys), default=0)
    if context not in _CONTEXTS:
        raise UnusableError(f"an IP-Adapter for no model that Sfumato knows (context {context})")
    return Control(_family(_CONTEXTS[context]), _CONTEXTS[context])


def _family(variant: str) -> str:
    return "stable_diffusion_xl" if variant.startswith("sdxl") else "stable_diffusion"
