"""Names and shapes of real models' tensors, at full size and without a byte of them.

Those in the style of diffusers come from its own classes, built on PyTorch's meta device; those in
the original style are the ones that decide, with the names that diffusers' converters read.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers

from tests.helpers import original_layout
from tests.helpers.weights import Shapes

_SD: dict[str, Any] = {"cross_attention_dim": 768}
_SD2: dict[str, Any] = {"cross_attention_dim": 1024, "use_linear_projection": True}
_XL: dict[str, Any] = {
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "attention_head_dim": [5, 10, 20],
    "block_out_channels": [320, 640, 1280],
    "cross_attention_dim": 2048,
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    "projection_class_embeddings_input_dim": 2816,
    "transformer_layers_per_block": [1, 2, 10],
    "use_linear_projection": True,
}
_XL_UP = {"up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"]}
_REFINER: dict[str, Any] = {
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "attention_head_dim": [6, 12, 24, 24],
    "block_out_channels": [384, 768, 1536, 1536],
    "cross_attention_dim": 1280,
    "down_block_types": [
        "DownBlock2D",
        "CrossAttnDownBlock2D",
        "CrossAttnDownBlock2D",
        "DownBlock2D",
    ],
    "projection_class_embeddings_input_dim": 2560,
    "transformer_layers_per_block": 4,
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
    "use_linear_projection": True,
}
_UNCLIP = {"class_embed_type": "projection", "projection_class_embeddings_input_dim": 2048}
_SIMPLE = "SimpleCrossAttnDownBlock2D"
_KANDINSKY: dict[str, Any] = {
    "addition_embed_type": "image",
    "addition_embed_type_num_heads": 64,
    "attention_head_dim": 64,
    "block_out_channels": [384, 768, 1152, 1536],
    "cross_attention_dim": 768,
    "down_block_types": ["ResnetDownsampleBlock2D", _SIMPLE, _SIMPLE, _SIMPLE],
    "encoder_hid_dim": 1280,
    "encoder_hid_dim_type": "image_proj",
    "layers_per_block": 3,
    "mid_block_type": "UNetMidBlock2DSimpleCrossAttn",
    "out_channels": 8,
    "resnet_time_scale_shift": "scale_shift",
    "up_block_types": [_SIMPLE.replace("Down", "Up")] * 3 + ["ResnetUpsampleBlock2D"],
}
_SD3: dict[str, Any] = {
    "attention_head_dim": 64,
    "caption_projection_dim": 1536,
    "num_attention_heads": 24,
    "num_layers": 24,
}
_SD35 = {"qk_norm": "rms_norm"}
_DUAL = {"dual_attention_layers": tuple(range(13))}
_LARGE = {"caption_projection_dim": 2432, "num_attention_heads": 38, "num_layers": 38}
_KLEIN: dict[str, Any] = {
    "attention_head_dim": 128,
    "guidance_embeds": False,
    "joint_attention_dim": 7680,
    "num_attention_heads": 24,
    "num_layers": 5,
    "num_single_layers": 20,
}
_GLM = {"attention_head_dim": 128, "num_attention_heads": 32}
_LONGCAT = {"num_layers": 10, "num_single_layers": 20}
_HIDREAM: dict[str, Any] = {
    "caption_channels": [4096, 4096],
    "in_channels": 16,
    "llama_layers": [*range(32), *[31] * 16],
    "patch_size": 2,
}
_COGVIEW: dict[str, Any] = {
    "attention_head_dim": 128,
    "num_attention_heads": 32,
    "num_layers": 28,
}
_KANDINSKY_5: dict[str, Any] = {
    "axes_dims": (32, 48, 48),
    "ff_dim": 10240,
    "in_visual_dim": 16,
    "model_dim": 2560,
    "num_visual_blocks": 50,
    "out_visual_dim": 16,
}
_VAE: dict[str, Any] = {
    "block_out_channels": (128, 256, 512, 512),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "layers_per_block": 2,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
}


def _unet(**config: Any) -> Callable[[], torch.nn.Module]:
    return lambda: diffusers.UNet2DConditionModel(**config)


_DENOISERS: dict[str, Callable[[], torch.nn.Module]] = {
    "sd-1": _unet(**_SD),
    "sd-1-inpaint": _unet(**_SD, in_channels=9),
    "sd-1-edit": _unet(**_SD, in_channels=8),
    "sd-2-768-v": _unet(**_SD2),
    "sd-2-inpaint": _unet(**_SD2, in_channels=9),
    "stable-unclip-h": _unet(**_SD2, **_UNCLIP),
    "sdxl": _unet(**_XL, **_XL_UP),
    "sdxl-inpaint": _unet(**_XL, **_XL_UP, in_channels=9),
    "sdxl-edit": _unet(**_XL, **_XL_UP, in_channels=8),
    "sdxl-refiner": _unet(**_REFINER),
    "kandinsky-2.2": _unet(**_KANDINSKY),
    "kandinsky-2.2-inpaint": _unet(**_KANDINSKY, in_channels=9),
    "kandinsky-2.2-prior": lambda: diffusers.PriorTransformer(embedding_dim=1280),
    "sd-3-medium": lambda: diffusers.SD3Transformer2DModel(**_SD3),
    "sd-3.5-medium": lambda: diffusers.SD3Transformer2DModel(**_SD3, **_SD35, **_DUAL),
    "sd-3.5-large": lambda: diffusers.SD3Transformer2DModel(**(_SD3 | _SD35 | _LARGE)),
    "flux-dev": lambda: diffusers.FluxTransformer2DModel(guidance_embeds=True),
    "flux-schnell": lambda: diffusers.FluxTransformer2DModel(),
    "flux-fill": lambda: diffusers.FluxTransformer2DModel(guidance_embeds=True, in_channels=384),
    "chroma-hd": lambda: diffusers.ChromaTransformer2DModel(),
    "flux2-dev": lambda: diffusers.Flux2Transformer2DModel(),
    "flux2-klein-4b": lambda: diffusers.Flux2Transformer2DModel(**_KLEIN),
    "qwen-image": lambda: diffusers.QwenImageTransformer2DModel(),
    "qwen-image-2.1": lambda: diffusers.QwenImage21Transformer2DModel(),
    "glm-image": lambda: diffusers.GlmImageTransformer2DModel(**_GLM),
    "krea-2": lambda: diffusers.Krea2Transformer2DModel(),
    "longcat-image": lambda: diffusers.LongCatImageTransformer2DModel(**_LONGCAT),
    "z-image": lambda: diffusers.ZImageTransformer2DModel(),
    "lumina-image-2.0": lambda: diffusers.Lumina2Transformer2DModel(cap_feat_dim=2304),
    "cogview4": lambda: diffusers.CogView4Transformer2DModel(**_COGVIEW),
    "ovis-image": lambda: diffusers.OvisImageTransformer2DModel(),
    "sana": lambda: diffusers.SanaTransformer2DModel(),
    "sana-sprint": lambda: diffusers.SanaTransformer2DModel(guidance_embeds=True),
    "hunyuan-image": lambda: diffusers.HunyuanImageTransformer2DModel(),
    "hunyuan-image-distilled": lambda: diffusers.HunyuanImageTransformer2DModel(use_meanflow=True),
    "kandinsky-5-image": lambda: diffusers.Kandinsky5Transformer3DModel(**_KANDINSKY_5),
    "kandinsky-5-image-edit": lambda: diffusers.Kandinsky5Transformer3DModel(
        **_KANDINSKY_5, visual_cond=True
    ),
    "hidream-full": lambda: diffusers.HiDreamImageTransformer2DModel(**_HIDREAM),
}
DENOISERS = tuple(_DENOISERS)
"""The variants whose denoisers can be had in the style of diffusers."""

_CONTROLNETS: dict[str, Callable[[], torch.nn.Module]] = {
    "sd-1": lambda: diffusers.ControlNetModel(**_SD),
    "sd-2": lambda: diffusers.ControlNetModel(**_SD2),
    "sdxl": lambda: diffusers.ControlNetModel(**_XL),
    "flux": lambda: diffusers.FluxControlNetModel(num_layers=5, num_single_layers=0),
    "stable_diffusion_3": lambda: diffusers.SD3ControlNetModel(**_SD3),
    "qwen_image": lambda: diffusers.QwenImageControlNetModel(num_layers=5),
}

_VAES: dict[str, Callable[[], torch.nn.Module]] = {
    "sd": lambda: diffusers.AutoencoderKL(**_VAE),
    "flux": lambda: diffusers.AutoencoderKL(
        **_VAE, latent_channels=16, use_quant_conv=False, use_post_quant_conv=False
    ),
    "flux2": lambda: diffusers.AutoencoderKLFlux2(),
    "qwen_image": lambda: diffusers.AutoencoderKLQwenImage(),
    "qwen_image_21": lambda: diffusers.AutoencoderKLQwenImage21(),
    "sana": lambda: diffusers.AutoencoderDC(latent_channels=32),
    "tiny": lambda: diffusers.AutoencoderTiny(),
    "kandinsky22": lambda: diffusers.VQModel(),
}


@cache
def denoiser(variant: str) -> Shapes:
    """A whole denoiser in the style of diffusers."""
    return _shapes(_DENOISERS[variant])


@cache
def controlnet(variant: str) -> Shapes:
    """A whole ControlNet in the style of diffusers, for a variant or family."""
    return _shapes(_CONTROLNETS[variant])


@cache
def vae(name: str) -> Shapes:
    """A whole autoencoder in the style of diffusers."""
    return _shapes(_VAES[name])


def prefixed(prefix: str, shapes: Shapes) -> dict[str, tuple[int, ...]]:
    """The same tensors, their names with something before them."""
    return {prefix + name: shape for name, shape in shapes.items()}


def original_unet(
    context: int, *, channels: int = 4, width: int = 320, vector: int = 0, depth: int = 1
) -> Shapes:
    """What decides in a UNet of the original code."""
    first = "input_blocks.1.1" if width == 320 and context < 2048 else "input_blocks.4.1"
    blocks = {
        f"input_blocks.8.1.transformer_blocks.{at}.attn2.to_k.weight": (width * 4, context)
        for at in range(depth)
    }
    label = {"label_emb.0.0.weight": (width * 4, vector)} if vector else {}
    return {
        "input_blocks.0.0.weight": (width, channels, 3, 3),
        f"{first}.transformer_blocks.0.attn2.to_k.weight": (width, context),
        "time_embed.0.weight": (width * 4, width),
        "out.2.weight": (4, width, 3, 3),
        **blocks,
        **label,
    }


def original_flux(*, channels: int = 64, guided: bool = True) -> Shapes:
    """A FLUX.1 of the original code, without most of its tensors."""
    guidance = {"guidance_in.in_layer.weight": (3072, 256)} if guided else {}
    return {
        "img_in.weight": (3072, channels),
        "txt_in.weight": (3072, 4096),
        "vector_in.in_layer.weight": (3072, 768),
        **guidance,
        **{f"double_blocks.{at}.img_attn.qkv.weight": (9216, 3072) for at in range(19)},
        **{f"single_blocks.{at}.linear1.weight": (21504, 3072) for at in range(38)},
    }


def original_chroma() -> Shapes:
    """A Chroma of the original code, without most of its tensors."""
    flux = original_flux(guided=False)
    kept = {name: shape for name, shape in flux.items() if not name.startswith("vector_in.")}
    return {**kept, "distilled_guidance_layer.in_proj.weight": (5120, 64)}


def original_ovis() -> Shapes:
    """An Ovis-Image of the original code, without most of its tensors; it is not read."""
    return {
        "img_in.weight": (3072, 64),
        "semantic_txt_norm.weight": (2048,),
        "semantic_txt_in.weight": (3072, 2048),
        **{f"double_blocks.{at}.img_attn.qkv.weight": (9216, 3072) for at in range(6)},
        **{f"single_blocks.{at}.linear1.weight": (25600, 3072) for at in range(27)},
    }


def original_flux2(width: int = 6144, context: int = 15360) -> Shapes:
    """What decides in a FLUX.2 of the original code."""
    return {
        "img_in.weight": (width, 128),
        "txt_in.weight": (width, context),
        "double_blocks.0.img_attn.qkv.weight": (3 * width, width),
        "single_stream_modulation.lin.weight": (3 * width, width),
    }


def original_sd3(width: int, *, dual: bool = False) -> Shapes:
    """What decides in a Stable Diffusion 3 of the original code."""
    attention = {"joint_blocks.0.x_block.attn2.qkv.weight": (3 * width, width)} if dual else {}
    return {
        "x_embedder.proj.weight": (width, 16, 2, 2),
        "joint_blocks.0.context_block.adaLN_modulation.1.weight": (6 * width, width),
        "joint_blocks.0.x_block.attn.qkv.weight": (3 * width, width),
        **attention,
    }


ORIGINAL_Z_IMAGE: Shapes = {
    "x_embedder.weight": (3840, 64),
    "cap_embedder.0.weight": (2560,),
    "cap_embedder.1.weight": (3840, 2560),
    "layers.0.adaLN_modulation.0.weight": (15360, 256),
    "layers.0.attention.qkv.weight": (11520, 3840),
}
ORIGINAL_LUMINA: Shapes = {
    "x_embedder.weight": (2304, 64),
    "cap_embedder.0.weight": (2304,),
    "cap_embedder.1.weight": (2304, 2304),
    "layers.0.adaLN_modulation.1.weight": (9216, 1024),
    "layers.0.attention.qkv.weight": (3840, 2304),
}
ORIGINAL_KREA2: Shapes = {
    "first.weight": (6144, 64),
    "txtfusion.projector.weight": (1, 12),
    "blocks.0.attn.wq.weight": (6144, 6144),
    "blocks.0.mlp.gate.weight": (16384, 6144),
}
ORIGINAL_SANA: Shapes = {
    "x_embedder.proj.weight": (2240, 32, 1, 1),
    "attention_y_norm.weight": (2240,),
    "blocks.0.cross_attn.q_linear.weight": (2240, 2240),
    "blocks.0.mlp.inverted_conv.conv.weight": (11200, 2240, 1, 1),
}
ORIGINAL_VAE: Shapes = {
    "encoder.conv_in.weight": (128, 3, 3, 3),
    "encoder.mid.block_1.conv1.weight": (512, 512, 3, 3),
    "decoder.conv_in.weight": (512, 4, 3, 3),
    "decoder.mid.block_1.conv1.weight": (512, 512, 3, 3),
}


ORIGINALS: dict[str, Shapes] = {
    "sd-1": original_unet(768),
    "sd-1-inpaint": original_unet(768, channels=9),
    "sd-1-edit": original_unet(768, channels=8),
    "sd-2-768-v": original_unet(1024),
    "sd-2-inpaint": original_unet(1024, channels=9),
    "stable-unclip-l": original_unet(1024, vector=1536),
    "stable-unclip-h": original_unet(1024, vector=2048),
    "sdxl": original_unet(2048, vector=2816, depth=10),
    "sdxl-inpaint": original_unet(2048, vector=2816, depth=10, channels=9),
    "sdxl-refiner": original_unet(1280, width=384, vector=2560, depth=4),
    "flux-dev": original_flux(),
    "flux-schnell": original_flux(guided=False),
    "flux-fill": original_flux(channels=384),
    "chroma-hd": original_chroma(),
    "flux2-dev": original_flux2(),
    "flux2-klein-4b": original_flux2(3072, 7680),
    "flux2-klein-9b": original_flux2(4096, 12288),
    "sd-3-medium": original_sd3(1536),
    "sd-3.5-medium": original_sd3(1536, dual=True),
    "sd-3.5-large": original_sd3(2432),
    "z-image": ORIGINAL_Z_IMAGE,
    "lumina-image-2.0": ORIGINAL_LUMINA,
    "krea-2": ORIGINAL_KREA2,
    "sana": ORIGINAL_SANA,
}
"""What decides in denoisers of the original code, by variant."""


def checkpoint(unet: Shapes, *encoders: str) -> Shapes:
    """One file with a model in it as the original code saves it."""
    return {
        **prefixed("model.diffusion_model.", unet),
        **prefixed("first_stage_model.", ORIGINAL_VAE),
        **{f"{name}.token_embedding.weight": (49408, 768) for name in encoders},
    }


def published_checkpoint(folder: Path) -> Shapes:
    """A whole checkpoint under its makers' names, of a folder of configurations."""
    weights = prefixed("model.diffusion_model.", _state(original_layout.unet, folder / "unet"))
    weights |= prefixed("first_stage_model.", _state(original_layout.autoencoder, folder / "vae"))
    first, second = folder / "text_encoder", folder / "text_encoder_2"
    if not second.is_dir():
        is_open = json.loads((first / "config.json").read_text())["hidden_size"] == 1024
        rename = original_layout.open_clip if is_open else original_layout.clip
        place = "cond_stage_model.model." if is_open else "cond_stage_model.transformer."
        return weights | prefixed(place, _state(rename, first))
    place = "conditioner.embedders.0.model."
    if first.is_dir():
        place = "conditioner.embedders.1.model."
        weights |= prefixed(
            "conditioner.embedders.0.transformer.", _state(original_layout.clip, first)
        )
    return weights | prefixed(place, _state(original_layout.open_clip, second))


def lora(shapes: Shapes, style: str, *only: str, rank: int = 4) -> Shapes:
    """A LoRA for the linear layers of a denoiser in the style of diffusers.

    Args:
        style: a pattern for the names, such as ``lora_unet_{kohya}.lora_{down,up}.weight``, with
            ``{layer}`` or ``{kohya}`` and the two ends parted by a comma within braces.
        only: pieces of which one has to be in a layer's name.
    """
    head, _, ends = style.partition("{ends:")
    down, up = ends.rstrip("}").split(",")
    found: dict[str, tuple[int, ...]] = {}
    for name, shape in shapes.items():
        layer = name.removesuffix(".weight")
        if len(shape) != 2 or layer == name or not any(piece in layer for piece in only):
            continue
        full = head.format(layer=layer, kohya=layer.replace(".", "_"))
        found[full + down] = (rank, shape[1])
        found[full + up] = (shape[0], rank)
    return found


def _state(rename: Callable[[Any], dict[str, torch.Tensor]], folder: Path) -> Shapes:
    """A module of a folder's configuration, renamed."""
    config = json.loads((folder / "config.json").read_text())
    with torch.device("meta"):
        if folder.name.startswith("text_encoder"):
            kind = "CLIPTextModelWithProjection" if folder.name.endswith("2") else "CLIPTextModel"
            encoder = transformers.CLIPTextConfig.from_pretrained(folder)
            module = getattr(transformers, kind)(encoder)
        else:
            module = getattr(diffusers, config["_class_name"]).from_config(config)
        return {name: tuple(weight.shape) for name, weight in rename(module).items()}


def _shapes(make: Callable[[], torch.nn.Module]) -> Shapes:
    with torch.device("meta"):
        model = make()
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
