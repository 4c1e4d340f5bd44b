"""What stands beside a denoiser: autoencoders, text and image encoders; and upscalers."""

from __future__ import annotations

import math
import re
from typing import Final

from studio.models.detection.unusable import UnusableError
from studio.models.tensors import Tensors

VAE_PREFIXES: Final = ("first_stage_model.", "vae.")
"""What checkpoints put before the names of the autoencoder's tensors."""
ENCODER_PREFIXES: Final = (
    "cond_stage_model.",
    "conditioner.embedders.",
    "text_encoders.",
    "text_encoder.",
)
"""What checkpoints put before the names of the text encoders' tensors."""

_VAE_FAMILIES: Final = {
    4: ("stable_diffusion", "stable_diffusion_xl"),
    16: ("flux", "stable_diffusion_3", "z_image"),
    32: ("flux2",),
}
"""By the channels of the latents."""

_TEXT_ENCODERS: Final = {
    "CLIP": ("text_model.encoder.layers.0.self_attn.q_proj.weight",),
    "OpenCLIP": ("resblocks.0.attn.in_proj_weight",),
    "T5": (
        "encoder.block.0.layer.0.SelfAttention.q.weight",
        "enc.blk.0.attn_q.weight",
    ),
    "a language model": (
        "layers.0.self_attn.q_proj.weight",
        "blk.0.attn_q.weight",
    ),
}
_LAYER: Final = re.compile(r"[0-9]{1,3}")
_DOUBLINGS: Final = ("conv_up1", "conv_up2", "upconv1", "upconv2")
_MOST_DOUBLINGS: Final = 4
_IMAGE_ENCODERS: Final = (
    "vision_model.embeddings.patch_embedding.weight",
    "visual.conv1.weight",
)


def vae_families(tensors: Tensors) -> tuple[str, ...]:
    """The families that an autoencoder can serve, empty where there is none.

    Raises:
        UnusableError: if it is one that no family of ours uses.
    """
    for prefix in (*filter(tensors.has_under, VAE_PREFIXES), ""):
        inner = tensors.under(prefix)
        if "decoder.middle.0.residual.0.gamma" in inner or _is_video_vae(inner):
            return ("qwen_image",)
        if inner.has_under("decoder.stages.") or "decoder.up_blocks.0.0.conv.weight" in inner:
            return ("sana",)
        if "quantize.embedding.weight" in inner:
            raise UnusableError("an autoencoder of Kandinsky, which comes with the whole model")
        if "decoder.layers.0.weight" in inner or "taesd_decoder.1.weight" in inner:
            raise UnusableError("a tiny autoencoder for previews, which Sfumato does not use")
        if "encoder.conv_in.weight" in inner and len(inner.shape("decoder.conv_in.weight")) == 4:
            return _kl_families(inner)
    return ()


def text_encoder_name(tensors: Tensors) -> str:
    """What a text encoder that lies alone in a file is, empty where there is none."""
    for title, endings in _TEXT_ENCODERS.items():
        if any(name.endswith(endings) for name in tensors):
            return title
    return ""


def is_image_encoder(tensors: Tensors) -> bool:
    """Whether the tensors are those of an encoder of pictures, such as CLIP's."""
    return any(name.endswith(_IMAGE_ENCODERS) for name in tensors)


def upscaler_scale(tensors: Tensors) -> int:
    """How many times larger an upscaler of the ESRGAN kind makes pictures, 0 where there is none.

    The names are those of ESRGAN's original code, of BasicSR, and of Real-ESRGAN's compact form,
    whose last layer gives the pixels of each enlarged one as channels.
    """
    if len(tensors.shape("body.0.weight")) == 4 and len(tensors.shape("body.1.weight")) == 1:
        channels = tensors.width(f"body.{_last(tensors, 'body.')}.weight", 0)
        return math.isqrt(channels // 3)
    if "model.1.sub.0.RDB1.conv1.0.weight" in tensors:
        # Three layers for each doubling, two at the end.
        return 1 << min(max(0, (_last(tensors, "model.") - 4) // 3), _MOST_DOUBLINGS)
    if "conv_first.weight" in tensors and _has_dense_blocks(tensors):
        unshuffled = {12: 2, 48: 1}  # for a smaller scale, pixels are first made channels
        doublings = sum(f"{name}.weight" in tensors for name in _DOUBLINGS)
        return unshuffled.get(tensors.width("conv_first.weight", 1), 1 << doublings)
    return 0


def _last(tensors: Tensors, prefix: str) -> int:
    """The largest number that follows a prefix."""
    numbers = (name.removeprefix(prefix).partition(".")[0] for name in tensors)
    return max((int(number) for number in numbers if _LAYER.fullmatch(number)), default=0)


def _has_dense_blocks(tensors: Tensors) -> bool:
    blocks = ("body.0.rdb1.conv1.weight", "RRDB_trunk.0.RDB1.conv1.weight")
    return any(name in tensors for name in blocks)


def _is_video_vae(tensors: Tensors) -> bool:
    """Qwen-Image's autoencoder is one of video, whose convolutions are three-dimensional."""
    return len(tensors.shape("decoder.conv_in.weight")) == 5 and "quant_conv.weight" in tensors


def _kl_families(tensors: Tensors) -> tuple[str, ...]:
    channels = tensors.width("decoder.conv_in.weight", 1)
    if channels not in _VAE_FAMILIES:
        raise UnusableError(f"an autoencoder with {channels} channels, of no known family")
    return _VAE_FAMILIES[channels]
