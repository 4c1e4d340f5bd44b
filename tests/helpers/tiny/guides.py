"""ControlNets, IP-Adapters and learnt words with random weights for the tiny models."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    ControlNetModel,
    ControlNetUnionModel,
    FluxControlNetModel,
    QwenImageControlNetModel,
    SanaControlNetModel,
    SD3ControlNetModel,
    ZImageControlNetModel,
)
from diffusers.models.attention_processor import SD3IPAdapterJointAttnProcessor2_0
from diffusers.models.embeddings import IPAdapterTimeImageProjection
from safetensors.torch import save_file
from transformers import (
    DepthAnythingConfig,
    DepthAnythingForDepthEstimation,
    Dinov2Config,
    DPTImageProcessorPil,
    RTDetrConfig,
    RTDetrForObjectDetection,
    RTDetrImageProcessorPil,
    RTDetrResNetConfig,
    SiglipVisionConfig,
    SiglipVisionModel,
    VitPoseBackboneConfig,
    VitPoseConfig,
    VitPoseForPoseEstimation,
    VitPoseImageProcessorPil,
)

from tests.helpers.tiny.parts import WIDTH, clip_vision, seed_weights

_TOKENS = 4
_INNER = 16
_HEAD = 64
_LAYERS = 4
_PARTS = ("image_proj", "ip_adapter")
_ANSWERING = re.compile(r"^controlnet_|^input_block|\.(before|after)_proj\.")
"""Layers that are nothing in fresh ControlNets."""


def save_controlnet(unet: Any, folder: Path, *, seed: int) -> Path:
    """Writes a ControlNet that fits a UNet; unlike a fresh one, it has much to say."""
    seed_weights(seed)
    net = ControlNetModel.from_unet(unet, load_weights_from_unet=False)
    with torch.no_grad():
        for name, weight in net.named_parameters():
            if "controlnet_" in name:
                weight.normal_(std=0.1)
    net.save_pretrained(folder)
    return folder


def save_controlnet_union(unet: Any, folder: Path, *, seed: int) -> Path:
    """Writes a ControlNet of several kinds that fits a UNet; it has much to say."""
    seed_weights(seed)
    names = inspect.signature(ControlNetUnionModel.__init__).parameters
    shape = {name: unet.config[name] for name in names if name in unet.config}
    width = unet.config.block_out_channels[0]
    more = {"num_trans_channel": width, "num_proj_channel": width, "num_trans_head": 2}
    net = ControlNetUnionModel(**shape, **more)
    with torch.no_grad():
        for name, weight in net.named_parameters():
            if "controlnet_" in name:
                weight.normal_(std=0.1)
            elif name == "task_embedding" or "spatial_ch_projs" in name:
                weight.normal_()
    net.save_pretrained(folder)
    return folder


def save_flux_controlnet(
    transformer: Any, folder: Path, *, seed: int, layers: int = 1, singles: int = 1, **config: Any
) -> Path:
    """Writes a ControlNet that fits a transformer of FLUX.1; it has much to say.

    Args:
        transformer: that it is to guide.
        folder: to be made.
        seed: of its weights.
        layers, singles: blocks of either kind.
        config: what it has otherwise than the transformer.
    """
    seed_weights(seed)
    shape = {**transformer.config, "num_layers": layers, "num_single_layers": singles, **config}
    net = FluxControlNetModel.from_config(shape)
    with torch.no_grad():
        for name, weight in net.named_parameters():
            if name.startswith("controlnet_"):
                weight.normal_(std=0.3)
    net.save_pretrained(folder)
    return folder


def save_sd3_controlnet(transformer: Any, folder: Path, *, seed: int, **config: Any) -> Path:
    """Writes a ControlNet of one layer that fits a transformer of Stable Diffusion 3.

    Args:
        transformer: that it is to guide.
        folder: to be made.
        seed: of its weights.
        config: what it has otherwise than the transformer.
    """
    seed_weights(seed)
    net = SD3ControlNetModel.from_config({**transformer.config, "num_layers": 1, **config})
    with torch.no_grad():
        for name, weight in net.named_parameters():
            if name.startswith(("controlnet_", "pos_embed_input")):
                weight.normal_(std=0.3)
    net.save_pretrained(folder)
    return folder


def save_qwen_controlnet(transformer: Any, folder: Path, *, seed: int, **config: Any) -> Path:
    """Writes a ControlNet of one layer that fits a transformer of Qwen-Image.

    Args, returns: as `save_sd3_controlnet`.
    """
    seed_weights(seed)
    shape = {**transformer.config, "num_layers": 1, **config}
    return _talkative(QwenImageControlNetModel.from_config(shape), folder)


def save_sana_controlnet(transformer: Any, folder: Path, *, seed: int, **config: Any) -> Path:
    """Writes a ControlNet of one layer that fits a transformer of Sana.

    Args, returns: as `save_sd3_controlnet`.
    """
    seed_weights(seed)
    shape = {**transformer.config, "num_layers": 1, **config}
    return _talkative(SanaControlNetModel.from_config(shape), folder)


def save_z_image_controlnet(transformer: Any, folder: Path, *, seed: int, **config: Any) -> Path:
    """Writes a ControlNet that answers after the first block of a transformer of Z-Image.

    Args, returns: as `save_sd3_controlnet`.
    """
    seed_weights(seed)
    names = ("dim", "n_refiner_layers", "n_heads", "n_kv_heads", "qk_norm")
    shape = {name: transformer.config[name] for name in names}
    places = {"control_layers_places": [0], "control_refiner_layers_places": [0]}
    seen = {"control_in_dim": transformer.config.in_channels}
    return _talkative(ZImageControlNetModel(**{**shape, **places, **seen, **config}), folder)


def _talkative(net: Any, folder: Path) -> Path:
    """Writes a ControlNet whose answers count; a fresh one has none."""
    with torch.no_grad():
        for name, weight in net.named_parameters():
            if _ANSWERING.search(name):
                weight.normal_(std=0.3)
    net.save_pretrained(folder)
    return folder


def save_ip_adapter(
    unet: Any, folder: Path, *, seed: int, seen: int = WIDTH, plus: bool = False
) -> Path:
    """Writes an IP-Adapter that fits a UNet, and an image encoder beside it.

    Args:
        unet: that is to wear it.
        folder: to be made.
        seed: of its weights.
        seen: width of the image encoder; the adapter is made for `WIDTH`.
        plus: whether it looks at every patch of a picture.
    """
    seed_weights(seed)
    width = unet.config.cross_attention_dim
    made = _resampler(width) if plus else _projection(width)
    state = {f"image_proj.{name}": weight for name, weight in made.items()}
    crossed = [name for name in unet.attn_processors if "attn2" in name]
    for number, name in enumerate(crossed):
        hidden = unet.get_submodule(name.removesuffix(".processor")).to_q.in_features
        for side in ("to_k_ip", "to_v_ip"):
            state[f"ip_adapter.{2 * number + 1}.{side}.weight"] = torch.randn(hidden, width)
    return _with_encoder(state, clip_vision(seen), folder)


def save_flux_ip_adapter(
    transformer: Any, folder: Path, *, seed: int, seen: int = WIDTH, theirs: bool = False
) -> Path:
    """Writes an IP-Adapter that fits a transformer of FLUX.1, and an image encoder beside it.

    Args:
        transformer: that is to wear it.
        folder: to be made.
        seed: of its weights.
        seen: width of the image encoder; the adapter is made for `WIDTH`.
        theirs: whether its weights are named as XLabs names them.
    """
    seed_weights(seed)
    config = transformer.config
    hidden = config.num_attention_heads * config.attention_head_dim
    begin, block = ("ip_adapter_proj_model", "double_blocks") if theirs else _PARTS
    state = {
        f"{begin}.{name}": weight
        for name, weight in _projection(config.joint_attention_dim).items()
    }
    keys = {"k": "to_k_ip", "v": "to_v_ip"}
    for number in range(config.num_layers):
        for letter, name in keys.items():
            if theirs:
                name = f"processor.ip_adapter_double_stream_{letter}_proj"
            weight = torch.randn(hidden, config.joint_attention_dim)
            state[f"{block}.{number}.{name}.weight"] = weight
            state[f"{block}.{number}.{name}.bias"] = torch.randn(hidden)
    return _with_encoder(state, clip_vision(seen), folder)


def save_sd3_ip_adapter(transformer: Any, folder: Path, *, seed: int, seen: int = WIDTH) -> Path:
    """Writes an IP-Adapter that fits a transformer of Stable Diffusion 3, and a SigLIP beside it.

    Args, returns: as for `save_flux_ip_adapter`.
    """
    seed_weights(seed)
    config = transformer.config
    hidden = config.num_attention_heads * config.attention_head_dim
    projection = IPAdapterTimeImageProjection(
        embed_dim=WIDTH, output_dim=hidden, hidden_dim=_INNER, heads=1, num_queries=_TOKENS
    )
    processor = SD3IPAdapterJointAttnProcessor2_0(
        hidden, hidden, config.attention_head_dim, timesteps_emb_dim=_INNER
    )
    state = {f"image_proj.{name}": value for name, value in projection.state_dict().items()}
    for number in range(len(transformer.attn_processors)):
        for name, value in processor.state_dict().items():
            state[f"ip_adapter.{number}.{name}"] = value.clone()
    vision = SiglipVisionConfig(
        hidden_size=seen,
        intermediate_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=32,
        patch_size=16,
    )
    return _with_encoder(state, SiglipVisionModel(vision), folder)


def _with_encoder(state: dict[str, torch.Tensor], encoder: Any, folder: Path) -> Path:
    folder.mkdir(parents=True)
    save_file(state, folder / "weights.safetensors")
    encoder.save_pretrained(folder / "image_encoder")
    return folder


def _projection(width: int) -> dict[str, torch.Tensor]:
    """From a picture's embedding to so many tokens."""
    return {
        "proj.weight": torch.randn(_TOKENS * width, WIDTH),
        "proj.bias": torch.randn(_TOKENS * width),
        **_norm("norm", width),
    }


def _resampler(width: int) -> dict[str, torch.Tensor]:
    """From the embeddings of a picture's patches to so many tokens."""
    state = {
        "latents": torch.randn(1, _TOKENS, _INNER),
        "proj_in.weight": torch.randn(_INNER, WIDTH),
        "proj_in.bias": torch.randn(_INNER),
        "proj_out.weight": torch.randn(width, _INNER),
        "proj_out.bias": torch.randn(width),
        **_norm("norm_out", width),
    }
    for layer in (f"layers.{number}" for number in range(_LAYERS)):
        state |= _norm(f"{layer}.0.norm1", _INNER) | _norm(f"{layer}.0.norm2", _INNER)
        state |= _norm(f"{layer}.1.0", _INNER)
        state[f"{layer}.0.to_q.weight"] = torch.randn(_HEAD, _INNER)
        state[f"{layer}.0.to_kv.weight"] = torch.randn(2 * _HEAD, _INNER)
        state[f"{layer}.0.to_out.weight"] = torch.randn(_INNER, _HEAD)
        state[f"{layer}.1.1.weight"] = torch.randn(4 * _INNER, _INNER)
        state[f"{layer}.1.3.weight"] = torch.randn(_INNER, 4 * _INNER)
    return state


def _norm(name: str, width: int) -> dict[str, torch.Tensor]:
    return {f"{name}.weight": torch.ones(width), f"{name}.bias": torch.zeros(width)}


def save_depth(folder: Path, *, seed: int, **config: Any) -> Path:
    """Writes an estimator of depths, one of Depth Anything's kind, in transformers' format.

    Args:
        folder: to be made.
        seed: of its weights.
        config: changes to its configuration.
    """
    seed_weights(seed)
    backbone = Dinov2Config(
        hidden_size=_INNER,
        num_hidden_layers=4,
        num_attention_heads=2,
        image_size=56,
        patch_size=14,
        out_indices=[1, 2, 3, 4],
        apply_layernorm=True,
        reshape_hidden_states=False,
    )
    values: dict[str, Any] = {
        "backbone_config": backbone,
        "reassemble_hidden_size": _INNER,
        "neck_hidden_sizes": [8, 8, 8, 8],
        "fusion_hidden_size": 8,
        "head_hidden_size": 8,
    }
    model = DepthAnythingForDepthEstimation(DepthAnythingConfig(**(values | config)))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.startswith(("neck", "head")):
                weight.normal_(std=0.3)
        model.head.conv3.weight.abs_()
        model.head.conv3.bias.fill_(0.5)
    model.save_pretrained(folder)
    DPTImageProcessorPil(
        size={"height": 56, "width": 56}, keep_aspect_ratio=True, ensure_multiple_of=14
    ).save_pretrained(folder)
    return folder


def save_pose(folder: Path, *, seed: int, points: int = 17, experts: int = 1) -> Path:
    """Writes an estimator of poses, a ViTPose, in transformers' format.

    Args:
        folder: to be made.
        seed: of its weights.
        points: that it sees of a person.
        experts: how many it has for ways of telling points, as ViTPose+.
    """
    seed_weights(seed)
    backbone = VitPoseBackboneConfig(
        image_size=(64, 48),
        patch_size=(16, 16),
        hidden_size=_INNER,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_experts=experts,
        part_features=4,
        out_indices=[2],
    )
    model = VitPoseForPoseEstimation(VitPoseConfig(backbone_config=backbone, num_labels=points))
    with torch.no_grad():
        for weight in model.head.parameters():
            weight.normal_(std=0.5)
    model.save_pretrained(folder)
    VitPoseImageProcessorPil(size={"height": 64, "width": 48}).save_pretrained(folder)
    return folder


def save_people(folder: Path, *, seed: int, labels: tuple[str, ...] = ("person", "cat")) -> Path:
    """Writes a finder of people, an RT-DETR, in transformers' format.

    Args:
        folder: to be made.
        seed: of its weights.
        labels: what it finds.
    """
    seed_weights(seed)
    config = RTDetrConfig(
        backbone_config=RTDetrResNetConfig(
            embedding_size=4,
            hidden_sizes=[4, 8, 8, 8],
            depths=[1, 1, 1, 1],
            layer_type="basic",
            out_features=["stage2", "stage3", "stage4"],
        ),
        encoder_hidden_dim=_INNER,
        encoder_in_channels=[8, 8, 8],
        encoder_ffn_dim=_INNER,
        encoder_attention_heads=2,
        d_model=_INNER,
        num_queries=6,
        decoder_in_channels=[_INNER, _INNER, _INNER],
        decoder_ffn_dim=_INNER,
        decoder_layers=1,
        decoder_attention_heads=2,
        id2label=dict(enumerate(labels)),
        label2id={name: number for number, name in enumerate(labels)},
    )
    RTDetrForObjectDetection(config).save_pretrained(folder)
    RTDetrImageProcessorPil(size={"height": 64, "width": 64}).save_pretrained(folder)
    return folder


def save_word(file: Path, widths: dict[str, int], *, seed: int, vectors: int = 2) -> Path:
    """Writes a textual inversion of so many vectors of the width that each name says."""
    seed_weights(seed)
    save_file({name: torch.randn(vectors, width) for name, width in widths.items()}, file)
    return file
