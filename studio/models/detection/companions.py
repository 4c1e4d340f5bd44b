"""What stands beside a denoiser: autoencoders, text and image encoders."""

from __future__ import annotations

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
    64: ("qwen_image_21",),
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


def _is_video_vae(tensors: Tensors) -> bool:
    """Qwen-Image's autoencoder is one of video, whose convolutions are three-dimensional."""
    return len(tensors.shape("decoder.conv_in.weight")) == 5 and "quant_conv.weight" in tensors


def _kl_families(tensors: Tensors) -> tuple[str, ...]:
    channels = tensors.width("decoder.conv_in.weight", 1)
    if channels not in _VAE_FAMILIES:
        raise UnusableError(f"an autoencoder with {channels} channels, of no known family")
    return _VAE_FAMILIES[channels]
