"""Pipelines of Stable Diffusion as one file, under the names of their makers' own code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

Weights = dict[str, torch.Tensor]

_UNET_ENDS = {
    "conv_in": "input_blocks.0.0",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
    "mid_block.resnets.0": "middle_block.0",
    "mid_block.attentions.0": "middle_block.1",
    "mid_block.resnets.1": "middle_block.2",
}
_UNET_LAYERS = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1",
    "conv_shortcut": "skip_connection",
}
_VAE_LAYERS = {
    "conv_shortcut": "nin_shortcut",
    "mid_block.resnets.0": "mid.block_1",
    "mid_block.resnets.1": "mid.block_2",
    "mid_block.attentions.0": "mid.attn_1",
    "group_norm": "norm",
    "conv_norm_out": "norm_out",
    "to_q": "q",
    "to_k": "k",
    "to_v": "v",
    "to_out.0": "proj_out",
    "downsamplers.0": "downsample",
    "upsamplers.0": "upsample",
}
_KREA2_LAYERS = {
    "img_in.": "first.",
    "time_embed.linear_1": "tmlp.0",
    "time_embed.linear_2": "tmlp.2",
    "time_mod_proj": "tproj.1",
    "txt_in.norm.weight": "txtmlp.0.scale",
    "txt_in.linear_1": "txtmlp.1",
    "txt_in.linear_2": "txtmlp.3",
    "text_fusion": "txtfusion",
    "transformer_blocks": "blocks",
    "final_layer.norm.weight": "last.norm.scale",
    "final_layer.scale_shift_table": "last.modulation.lin",
    "final_layer": "last",
    "attn.to_out.0": "attn.wo",
    "attn.to_gate": "attn.gate",
    "attn.to_": "attn.w",
    "attn.norm_q.weight": "attn.qknorm.qnorm.scale",
    "attn.norm_k.weight": "attn.qknorm.knorm.scale",
    ".ff.": ".mlp.",
    ".norm1.weight": ".prenorm.scale",
    ".norm2.weight": ".postnorm.scale",
    ".scale_shift_table": ".mod.lin",
}
_CLIP_LAYERS = {
    "embeddings.token_embedding.weight": "token_embedding.weight",
    "embeddings.position_embedding.weight": "positional_embedding",
    "final_layer_norm": "ln_final",
    "encoder.layers": "transformer.resblocks",
    "layer_norm": "ln_",
    "self_attn": "attn",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
}


def save_checkpoint(pipeline: Any, file: Path) -> None:
    """Writes a stock pipeline of Stable Diffusion 1, 2 or XL, or of XL's refiner.

    The second version is known by what fills its prompts up.
    """
    weights = _named("model.diffusion_model.", unet(pipeline.unet))
    weights |= _named("first_stage_model.", autoencoder(pipeline.vae))
    second = getattr(pipeline, "text_encoder_2", None)
    if second is None and pipeline.tokenizer.pad_token == "!":
        weights |= _named("cond_stage_model.model.", open_clip(pipeline.text_encoder))
    elif second is None:
        weights |= _named("cond_stage_model.transformer.", clip(pipeline.text_encoder))
    elif pipeline.text_encoder is None:
        weights |= _named("conditioner.embedders.0.model.", open_clip(second))
    else:
        weights |= _named("conditioner.embedders.0.transformer.", clip(pipeline.text_encoder))
        weights |= _named("conditioner.embedders.1.model.", open_clip(second))
    save_file({name: weight.contiguous() for name, weight in weights.items()}, file)


def unet(module: Any) -> Weights:
    layers = module.config.layers_per_block
    return {_unet_name(name, layers): weight for name, weight in module.state_dict().items()}


def _unet_name(name: str, layers: int) -> str:
    block = re.match(r"(down|up)_blocks\.(\d+)\.(\w+)\.(\d+)\.(.*)", name)
    if block is None:
        inner: Mapping[str, str] = {} if "attentions" in name else _UNET_LAYERS
        return _replaced(name, _UNET_ENDS, inner)
    way, level, kind, index, rest = block[1], int(block[2]), block[3], int(block[4]), block[5]
    first = (layers + 1) * level + index
    if kind == "downsamplers":
        return f"input_blocks.{(layers + 1) * (level + 1)}.0.op.{rest.removeprefix('conv.')}"
    if kind == "upsamplers":
        # The tiny denoisers have attention in every level that is enlarged.
        return f"output_blocks.{(layers + 1) * level + layers}.2.{rest}"
    place = f"input_blocks.{first + 1}" if way == "down" else f"output_blocks.{first}"
    if kind == "attentions":
        return f"{place}.1.{rest}"
    return f"{place}.0.{_replaced(rest, _UNET_LAYERS)}"


def autoencoder(module: Any) -> Weights:
    last = len(module.config.block_out_channels) - 1

    def named(name: str) -> str:
        name = re.sub(r"down_blocks\.(\d+)\.resnets\.(\d+)", r"down.\1.block.\2", name)
        name = re.sub(
            r"up_blocks\.(\d+)\.resnets\.(\d+)",
            lambda found: f"up.{last - int(found[1])}.block.{found[2]}",
            name,
        )
        name = re.sub(r"down_blocks\.(\d+)", r"down.\1", name)
        name = re.sub(r"up_blocks\.(\d+)", lambda found: f"up.{last - int(found[1])}", name)
        return _replaced(name, _VAE_LAYERS)

    weights = {named(name): weight for name, weight in module.state_dict().items()}
    return {
        name: weight[..., None, None] if _is_attention(name, weight) else weight
        for name, weight in weights.items()
    }


def _is_attention(name: str, weight: torch.Tensor) -> bool:
    return "attn_1" in name and weight.ndim == 2


def clip(module: Any) -> Weights:
    return {
        f"text_model.{name.removeprefix('text_model.')}": weight
        for name, weight in module.state_dict().items()
    }


def open_clip(module: Any) -> Weights:
    """With queries, keys and values in one matrix, and the projection turned."""
    theirs: Weights = {}
    state = module.state_dict()
    for name, weight in state.items():
        plain = name.removeprefix("text_model.")
        if plain == "text_projection.weight":
            theirs["text_projection"] = weight.T
        elif "q_proj" in plain:
            parts = [state[name.replace("q_proj", part)] for part in ("q_proj", "k_proj", "v_proj")]
            joined = _replaced(plain, _CLIP_LAYERS).replace("q_proj.", "in_proj_")
            theirs[joined] = torch.cat(parts)
        elif "k_proj" not in plain and "v_proj" not in plain:
            theirs[_replaced(plain, _CLIP_LAYERS)] = weight
    width = len(theirs["ln_final.weight"])
    return {"text_projection": torch.eye(width), **theirs}


def krea2(module: Any) -> Weights:
    """With the modulations of each block in one row."""
    return {
        _replaced(name, _KREA2_LAYERS): weight.flatten() if name.count("_shift_table") else weight
        for name, weight in module.state_dict().items()
        if name != "final_layer.scale_shift_table"
    } | {"last.modulation.lin": module.final_layer.scale_shift_table.detach()}


def _replaced(name: str, *tables: Mapping[str, str]) -> str:
    for table in tables:
        for ours, theirs in table.items():
            name = name.replace(ours, theirs)
    return name


def _named(prefix: str, weights: Weights) -> Weights:
    return {prefix + name: weight for name, weight in weights.items()}
