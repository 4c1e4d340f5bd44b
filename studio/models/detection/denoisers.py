"""Which model a denoiser is of: a UNet or transformer, alone or within a checkpoint.

Each family's transformers have names that no other has, in the style of the original code (which
ComfyUI and GGUF files keep) and in that of diffusers. Within a family, shapes tell the variants
apart; where they are alike, the file's own name has to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from studio.models.detection.unets import unet_variant
from studio.models.detection.unusable import UnusableError
from studio.models.tensors import Tensors

PREFIXES: Final = ("model.diffusion_model.", "diffusion_model.", "transformer.", "unet.", "model.")
"""What programs put before the names of a denoiser's tensors; many put nothing."""

_VELOCITY: Final = re.compile(r"v[-_ ]?pred")
"""How files say that they predict velocities: in their names, or by an empty tensor."""

_EDITING_HIDREAM: Final = re.compile(r"(?<![a-z0-9])e1(?![a-z0-9])")
"""How names say that a HiDream edits, whose shapes are those of one that paints."""

_Tell: TypeAlias = Callable[[Tensors, str], str]
"""From a family's tensors and the words of the file's name to the variant."""


@dataclass(frozen=True)
class _Signature:
    """Tensors that transformers of one family have in one style of names."""

    names: tuple[str, ...]
    tell: _Tell


def denoiser_variant(tensors: Tensors, words: str) -> tuple[str, str]:
    """The variant of the denoiser in a file, and the prefix of its tensors' names.

    Args:
        tensors: of the file.
        words: the file's name and title, lower case, where shapes do not tell variants apart.

    Returns:
        Two empty texts where there is no denoiser.

    Raises:
        UnusableError: if there is one of a model that Sfumato does not run.
    """
    words += " v_pred" * ("v_pred" in tensors)
    for prefix in (*filter(tensors.has_under, PREFIXES), ""):
        inner = tensors.under(prefix)
        variant = _transformer_variant(inner, words) or _unet_variant(inner, words)
        if variant:
            return variant, prefix
    return "", ""


def refuse_others(tensors: Tensors) -> None:
    """Names a model that others run and Sfumato does not.

    Raises:
        UnusableError: if the tensors are those of such a model.
    """
    for title, names in _OTHERS.items():
        for prefix in ("", *PREFIXES[:2]):
            if all(prefix + name in tensors for name in names):
                raise UnusableError(f"{title}, which Sfumato does not run")


def _transformer_variant(tensors: Tensors, words: str) -> str:
    refuse_others(tensors)
    for signature in _SIGNATURES:
        if all(name in tensors for name in signature.names):
            return signature.tell(tensors, words)
    return ""


def _unet_variant(tensors: Tensors, words: str) -> str:
    variant = unet_variant(tensors)
    if variant == "sd-2":  # both sizes have the same shapes, and the larger is the usual one
        is_small = any(word in words for word in ("base", "512", "turbo"))
        return "sd-2-base" if is_small else "sd-2-768-v"
    if variant == "sdxl" and _VELOCITY.search(words):
        return "sdxl-v"
    return variant


def _chroma(tensors: Tensors, words: str) -> str:
    _check_blocks(tensors, "Chroma", 19, 38)
    return next((f"chroma-{kind}" for kind in ("flash", "base") if kind in words), "chroma-hd")


def _ovis(tensors: Tensors, words: str) -> str:
    _check_blocks(tensors, "Ovis-Image", 6, 27)
    if "semantic_txt_norm.weight" in tensors:
        raise UnusableError(
            "an Ovis-Image under its makers' own names: take the transformer of its diffusers "
            "folder, or all of it"
        )
    return "ovis-image"


def _flux(tensors: Tensors, words: str) -> str:
    _check_blocks(tensors, "FLUX.1", 19, 38)
    channels = tensors.width("img_in.weight", 1) or tensors.width("x_embedder.weight", 1)
    if channels == 384:
        return "flux-fill"
    if channels != 64:
        raise UnusableError(f"a FLUX.1 that takes {channels} channels, such as Canny or Depth")
    guided = ("guidance_in.in_layer.weight", "time_text_embed.guidance_embedder.linear_1.weight")
    if not any(name in tensors for name in guided):
        return "flux-schnell"
    return "flux-kontext" if "kontext" in words else "flux-dev"


def _flux2(tensors: Tensors, words: str) -> str:
    width = tensors.width("img_in.weight", 0) or tensors.width("x_embedder.weight", 0)
    context = tensors.width("txt_in.weight", 1) or tensors.width("context_embedder.weight", 1)
    known = {
        (6144, 15360): "flux2-dev",
        (3072, 7680): "flux2-klein-4b",
        (4096, 12288): "flux2-klein-9b",
    }
    if (width, context) not in known:
        raise UnusableError(f"a FLUX.2 of no known size ({width} wide, context {context})")
    return known[width, context]


def _stable_diffusion_3(tensors: Tensors, words: str) -> str:
    shape = tensors.shape("x_embedder.proj.weight") or tensors.shape("pos_embed.proj.weight")
    dual = ("joint_blocks.0.x_block.attn2.qkv.weight", "transformer_blocks.0.attn2.to_q.weight")
    if shape[:2] == (2432, 16):
        return "sd-3.5-large"
    if shape[:2] == (1536, 16):
        return "sd-3.5-medium" if any(name in tensors for name in dual) else "sd-3-medium"
    raise UnusableError(f"a Stable Diffusion 3 of no known size (patches {shape})")


def _qwen_image(tensors: Tensors, words: str) -> str:
    if "time_text_embed.addition_t_embedding.weight" in tensors:
        raise UnusableError("Qwen-Image-Layered, which Sfumato does not run")
    if tensors.width("img_in.weight", 0) != 3072:
        raise UnusableError("a Qwen-Image of no known size")
    return "qwen-image-edit" if "edit" in words else "qwen-image"


def _qwen_image_21(tensors: Tensors, words: str) -> str:
    if tensors.width("img_in.weight", 0) != 4096:
        raise UnusableError("a Qwen-Image 2.1 of no known size")
    return "qwen-image-2.1"


def _longcat_image(tensors: Tensors, words: str) -> str:
    if tensors.width("context_embedder.weight", 1) != 3584:
        raise UnusableError("a LongCat-Image of no known size")
    return "longcat-image-edit" if "edit" in words else "longcat-image"


def _krea2(tensors: Tensors, words: str) -> str:
    widths = (tensors.width(name, 0) for name in ("img_in.weight", "first.weight"))
    if max(widths) != 6144:
        raise UnusableError("a Krea 2 of no known size")
    return "krea-2-turbo" if "turbo" in words else "krea-2"


def _glm_image(tensors: Tensors, words: str) -> str:
    if tensors.width("prior_token_embedding.weight", 1) != 4096:
        raise UnusableError("a GLM-Image of no known size")
    return "glm-image"


def _z_image(tensors: Tensors, words: str) -> str:
    if tensors.has_under("siglip_embedder."):
        raise UnusableError("Z-Image Omni, which Sfumato does not run")
    if tensors.width("cap_embedder.1.weight", 0) != 3840:
        raise UnusableError("a Z-Image of no known size")
    return "z-image-turbo" if "turbo" in words else "z-image"


def _lumina(tensors: Tensors, words: str) -> str:
    names = ("cap_embedder.1.weight", "time_caption_embed.caption_embedder.1.weight")
    if max(tensors.width(name, 0) for name in names) != 2304:
        raise UnusableError("a Lumina 2 of no known size")
    return "lumina-image-2.0"


def _cogview(tensors: Tensors, words: str) -> str:
    if tensors.shape("patch_embed.proj.weight") != (4096, 64):
        raise UnusableError("a CogView4 of no known size, or one that is guided by pictures")
    return "cogview4"


def _sana(tensors: Tensors, words: str) -> str:
    width = max(tensors.width(f"{name}.proj.weight", 0) for name in ("patch_embed", "x_embedder"))
    sizes = {2240: "", 1152: "-600m"}
    if width not in sizes:
        raise UnusableError(f"a Sana of no known size ({width} wide)")
    guided = ("time_embed.guidance_embedder.linear_1.weight", "cfg_embedder.mlp.0.weight")
    kind = "sana-sprint" if any(name in tensors for name in guided) else "sana"
    return kind + sizes[width]


def _hidream(tensors: Tensors, words: str) -> str:
    if tensors.width("x_embedder.proj.weight", 0) != 2560:
        raise UnusableError("a HiDream of no known size")
    if _EDITING_HIDREAM.search(words):
        raise UnusableError("HiDream-E1, which Sfumato does not run")
    return next((f"hidream-{kind}" for kind in ("dev", "fast") if kind in words), "hidream-full")


def _hunyuan_image(tensors: Tensors, words: str) -> str:
    if tensors.width("x_embedder.proj.weight", 0) != 3584:
        raise UnusableError("a HunyuanImage of no known size")
    distilled = "time_guidance_embed.timestep_embedder_r.linear_1.weight"
    return "hunyuan-image-distilled" if distilled in tensors else "hunyuan-image"


def _kandinsky5(tensors: Tensors, words: str) -> str:
    width = tensors.width("text_embeddings.in_layer.weight", 0)
    variants = {64: "kandinsky-5-image", 132: "kandinsky-5-image-edit"}
    seen = tensors.width("visual_embeddings.in_layer.weight", 1)
    if width != 2560 or seen not in variants:
        raise UnusableError("a Kandinsky 5 for video, or of no known size")
    return variants[seen]


def _prior(tensors: Tensors, words: str) -> str:
    if tensors.width("clip_mean") != 1280:
        raise UnusableError("a prior of no model whose prior can be had alone")
    return "kandinsky-2.2-prior"


def _check_blocks(tensors: Tensors, title: str, double: int, single: int) -> None:
    """Raises UnusableError for a transformer in the manner of FLUX.1 with other blocks."""
    found = (
        _count(tensors, "double_blocks.", "transformer_blocks."),
        _count(tensors, "single_blocks.", "single_transformer_blocks."),
    )
    if found != (double, single):
        raise UnusableError(f"a cut-down {title} of {found[0]} and {found[1]} blocks")


def _count(tensors: Tensors, *prefixes: str) -> int:
    """How many blocks there are, their names beginning with one of the prefixes."""
    blocks = {
        name.removeprefix(prefix).partition(".")[0]
        for prefix in prefixes
        for name in tensors
        if name.startswith(prefix)
    }
    return len(blocks)


_SIGNATURES: Final = (
    _Signature(("semantic_txt_norm.weight", "img_in.weight"), _ovis),
    _Signature(("context_embedder_norm.weight", "x_embedder.weight"), _ovis),
    _Signature(("distilled_guidance_layer.in_proj.weight", "img_in.weight"), _chroma),
    _Signature(("distilled_guidance_layer.in_proj.weight", "x_embedder.weight"), _chroma),
    _Signature(
        ("double_blocks.0.img_attn.qkv.weight", "vector_in.in_layer.weight", "img_in.weight"),
        _flux,
    ),
    _Signature(
        (
            "time_embed.timestep_embedder.linear_1.weight",
            "transformer_blocks.0.ff_context.net.2.weight",
        ),
        _longcat_image,
    ),
    _Signature(
        ("single_transformer_blocks.0.proj_mlp.weight", "x_embedder.weight"),
        _flux,
    ),
    _Signature(("single_stream_modulation.lin.weight", "img_in.weight"), _flux2),
    _Signature(("single_stream_modulation.linear.weight", "x_embedder.weight"), _flux2),
    _Signature(
        ("joint_blocks.0.context_block.adaLN_modulation.1.weight", "x_embedder.proj.weight"),
        _stable_diffusion_3,
    ),
    _Signature(
        ("transformer_blocks.0.attn.add_k_proj.weight", "pos_embed.proj.weight"),
        _stable_diffusion_3,
    ),
    _Signature(("transformer_blocks.0.img_mod.1.weight", "txt_norm.weight"), _qwen_image),
    _Signature(("txt_in.text_norm.weight", "img_in.weight"), _qwen_image_21),
    _Signature(("prior_token_embedding.weight", "glyph_projector.net.2.weight"), _glm_image),
    _Signature(("txtfusion.projector.weight", "first.weight"), _krea2),
    _Signature(("text_fusion.projector.weight", "img_in.weight"), _krea2),
    _Signature(("layers.0.adaLN_modulation.0.weight", "cap_embedder.1.weight"), _z_image),
    _Signature(("layers.0.adaLN_modulation.1.weight", "cap_embedder.1.weight"), _lumina),
    _Signature(("time_caption_embed.caption_embedder.1.weight", "x_embedder.weight"), _lumina),
    _Signature(("patch_embed.text_proj.weight", "proj_out.weight"), _cogview),
    _Signature(("transformer_blocks.0.ff.conv_inverted.weight", "caption_norm.weight"), _sana),
    _Signature(("blocks.0.mlp.inverted_conv.conv.weight", "attention_y_norm.weight"), _sana),
    _Signature(("double_stream_blocks.0.block.adaLN_modulation.1.bias",), _hidream),
    _Signature(
        ("time_guidance_embed.timestep_embedder.linear_1.weight", "x_embedder.proj.weight"),
        _hunyuan_image,
    ),
    _Signature(
        (
            "visual_transformer_blocks.0.cross_attention.to_query.weight",
            "pooled_text_embeddings.in_layer.weight",
        ),
        _kandinsky5,
    ),
    _Signature(("clip_mean", "proj_to_clip_embeddings.weight"), _prior),
)

_OTHERS: Final = {
    "Chroma Radiance": ("distilled_guidance_layer.in_proj.bias", "img_in_patch.weight"),
    "FLUX.3": ("early_stream_modulations.image.lin.weight",),
    "HunyuanVideo": ("txt_in.individual_token_refiner.blocks.0.adaLN_modulation.1.bias",),
    "Wan": ("head.modulation", "patch_embedding.weight"),
    "LTX-Video": ("patchify_proj.weight",),
    "Mochi": ("blocks.0.attn.qkv_x.weight",),
    "AuraFlow": ("double_layers.0.attn.w2q.weight", "cond_seq_linear.weight"),
    "PixArt": ("blocks.0.cross_attn.q_linear.weight", "csize_embedder.mlp.0.weight"),
    "Stable Cascade": ("clip_txt_mapper.weight",),
    "Cosmos": ("net.x_embedder.proj.1.weight",),
    "an AnimateDiff motion module": (
        "down_blocks.0.motion_modules.0.temporal_transformer.norm.weight",
    ),
}
"""Tensors that tell models of other families; the names are those of diffusers' converters."""
