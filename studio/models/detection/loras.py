"""Low-rank adapters: how they are written, and which family they were trained for.

Names are brought to one form first, dots to underscores, so that kohya's
``lora_unet_down_blocks_0_…``, diffusers' ``unet.down_blocks.0.…``, peft's
``base_model.model.down_blocks.0.…`` and ComfyUI's ``diffusion_model.…`` are asked alike. Then the
blocks' names tell the family, and the width of what cross attention reads tells the rest.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from studio.models.detection.unusable import UnusableError
from studio.models.tensors import Tensors

Algorithm: TypeAlias = Literal["lora", "loha", "lokr", "oft", "glora", "ia3", "full"]
"""How the change of a weight is written: two small matrices, or one of LyCORIS' other ways."""

_SUFFIXES: Final = re.compile(
    r"(?:^|[._])(?:"
    r"(?P<down>lora_down\.weight|lora_A\.(?:\w+\.)?weight|lora\.down\.weight"
    r"|lora_linear_layer\.down\.weight|lora[12]?\.down\.weight)"
    r"|(?P<up>lora_up\.weight|lora_B\.(?:\w+\.)?weight|lora\.up\.weight"
    r"|lora_linear_layer\.up\.weight|lora[12]?\.up\.weight)"
    r"|(?P<loha>hada_(?:w[12]_[ab]|t[12]))"
    r"|(?P<lokr>lokr_(?:w[12](?:_[ab])?|t2))"
    r"|(?P<oft>oft_(?:blocks|diag)|oft_R(?:\.\w+)?\.weight)"
    r"|(?P<glora>[ab][12]\.weight)"
    r"|(?P<ia3>on_input)"
    r"|(?P<full>diff)"
    r")$"
)
"""The ends of names, after that of the layer that is changed."""

_DIGITS: Final = 4
"""Of the numbers that blocks have."""
_UNET_BLOCKS: Final = (
    *("down_blocks_", "mid_block_", "up_blocks_"),
    *("input_blocks_", "middle_block_", "output_blocks_"),
)
_OUTERMOST: Final = (
    "down_blocks_0_att",
    "up_blocks_3_att",
    "input_blocks_1_1_",
    "output_blocks_11_",
)
"""Blocks that have attention in Stable Diffusion and none in XL."""


@dataclass(frozen=True)
class Lora:
    """What is known of an adapter.

    Attributes:
        families: that it can be for, the likeliest first.
        variant: of the family, such as ``sd-2``, where shapes tell; else empty.
        algorithm: how it is written.
    """

    families: tuple[str, ...]
    variant: str
    algorithm: Algorithm


@dataclass(frozen=True)
class _Layers:
    """The layers that an adapter changes, by name in one form, with what they take and give."""

    inputs: Mapping[str, int]
    outputs: Mapping[str, int]

    def has(self, *pieces: str) -> bool:
        """Whether the name of any layer has one of the pieces in it."""
        return any(piece in name for name in self.inputs for piece in pieces)

    def widths(self, ending: str) -> set[int]:
        """What the layers with that ending take."""
        return {width for name, width in self.inputs.items() if name.endswith(ending) and width}

    def most(self, pattern: str) -> int:
        """The largest number that stands where ``pattern`` has a group; -1 where none does."""
        found = (re.search(pattern, name) for name in self.inputs)
        numbers = (match[1] for match in found if match)
        return max((int(number) for number in numbers if len(number) <= _DIGITS), default=-1)


def lora_of(tensors: Tensors, words: str) -> Lora | None:
    """What the adapter in a file is; None where there is none.

    Args:
        tensors: of the file.
        words: the file's name and title, lower case, where layers do not tell families apart.

    Raises:
        UnusableError: if it is one for a model that Sfumato does not know.
    """
    ends = {name: match for name in tensors if (match := _SUFFIXES.search(name))}
    kinds = {kind for match in ends.values() for kind, text in match.groupdict().items() if text}
    if not kinds:
        return None
    if kinds <= {"glora", "full"} and len(ends) < len(tensors) // 2:
        return None  # a whole model may have such a name by chance
    algorithm = _algorithm(kinds)
    layers = _layers(tensors, ends)
    families, variant = _families(layers)
    if families == ("flux",) and "chroma" in words:
        families = ("chroma",)  # whose blocks are those of FLUX.1
    if not families:
        some = ", ".join(sorted(layers.inputs)[:2])
        raise UnusableError(f"a LoRA for a model that Sfumato does not know (it changes {some})")
    return Lora(families, variant, algorithm)


def _algorithm(kinds: set[str]) -> Algorithm:
    named: tuple[Algorithm, ...] = ("loha", "lokr", "oft", "glora", "ia3")
    found = [kind for kind in named if kind in kinds]
    if found:
        return found[0]
    return "lora" if kinds & {"down", "up"} else "full"


def _layers(tensors: Tensors, ends: Mapping[str, re.Match[str]]) -> _Layers:
    inputs: dict[str, int] = defaultdict(int)
    outputs: dict[str, int] = defaultdict(int)
    parts: dict[str, dict[str, tuple[int, ...]]] = defaultdict(dict)
    for name, match in ends.items():
        layer = name[: match.start()].replace(".", "_")
        end = match[0].lstrip("._")
        shape = tensors.shape(name)
        inputs[layer] = max(inputs[layer], 0)
        if match["down"] and len(shape) > 1:
            inputs[layer] = shape[1]
        elif match["up"] and shape:
            outputs[layer] = shape[0]
        elif match["full"] and len(shape) > 1:
            inputs[layer], outputs[layer] = shape[1], shape[0]
        else:
            parts[layer][end] = shape
    for layer, shapes in parts.items():
        inputs[layer] = inputs[layer] or _composed_input(shapes)
    return _Layers(inputs, outputs)


def _composed_input(shapes: Mapping[str, tuple[int, ...]]) -> int:
    """What a layer takes whose change is a product of Hadamard or of Kronecker."""
    if hadamard := shapes.get("hada_w1_b"):
        return hadamard[-1]
    sides = [
        (shapes.get(f"lokr_{factor}") or shapes.get(f"lokr_{factor}_b") or (0, 0))
        for factor in ("w1", "w2")
    ]
    return sides[0][1] * sides[1][1] if all(len(side) > 1 for side in sides) else 0


def _families(layers: _Layers) -> tuple[tuple[str, ...], str]:
    for tell in (_of_transformer, _of_unet, _of_text_encoder):
        families, variant = tell(layers)
        if families:
            return families, variant
    return (), ""


def _of_transformer(layers: _Layers) -> tuple[tuple[str, ...], str]:
    if layers.has("single_blocks_", "double_blocks_", "single_transformer_blocks_"):
        return _of_flux(layers)
    if layers.has("visual_transformer_blocks_", "text_transformer_blocks_"):
        widths = layers.widths("self_attention_to_query") | layers.widths(
            "cross_attention_to_query"
        )
        return (("kandinsky5",), "") if widths <= {2560} else ((), "")
    if layers.has("double_stream_blocks_", "single_stream_blocks_"):
        return ("hidream",), ""
    if layers.has("joint_blocks_"):
        return ("stable_diffusion_3",), ""
    if layers.has("noise_refiner_", "context_refiner_") or re.search(
        r"layers_[0-9]+_(?:attention|attn|feed_forward|adaLN)_", " ".join(layers.inputs)
    ):
        return _of_one_stream(layers), ""
    if layers.has("txtfusion_", "text_fusion_") or layers.widths("_attn_wq") == {6144}:
        return ("krea2",), ""
    if layers.has("transformer_blocks_") and not layers.has(*_UNET_BLOCKS):
        return _of_plain_blocks(layers), ""
    return (), ""


def _of_flux(layers: _Layers) -> tuple[tuple[str, ...], str]:
    """FLUX.1 and FLUX.2 name their blocks alike; the fused layers differ in shape.

    A single block's first layer gives seven times its width in FLUX.1 and nine times in FLUX.2.
    """
    if layers.has("distilled_guidance_layer"):
        return ("chroma",), ""
    if layers.has("to_qkv_mlp_proj", "stream_modulation", "ff_linear_in", "ff_linear_out"):
        return ("flux2",), ""
    fused = [name for name in layers.inputs if re.search(r"single_blocks_[0-9]+_linear1$", name)]
    if any(layers.outputs.get(name, 0) == 9 * layers.inputs[name] for name in fused):
        return ("flux2",), ""
    widths = layers.widths("img_attn_qkv") | layers.widths("attn_to_q")
    if 3584 in widths:
        return (), ""  # HunyuanImage, whose stock pipeline takes none
    if widths - {3072}:
        return ("flux2",), ""
    # HunyuanVideo's blocks have the names and widths of FLUX.1 too, and are more.
    doubles, singles = (layers.most(rf"{kind}_blocks_([0-9]+)_") for kind in ("double", "single"))
    return ((), "") if doubles >= 19 or singles >= 38 else (("flux",), "")


def _of_one_stream(layers: _Layers) -> tuple[str, ...]:
    """Z-Image and Lumina 2 name their layers alike, and differ in width."""
    endings = ("attention_to_q", "attention_qkv", "attn_to_q")
    widths = set().union(*(layers.widths(ending) for ending in endings))
    if widths == {2304}:
        return ("lumina2",)
    return ("z_image",) if widths <= {3840} else ()


def _of_plain_blocks(layers: _Layers) -> tuple[str, ...]:
    """Transformers whose blocks have the names of diffusers: widths tell them apart."""
    if layers.has("_img_mlp_proj", "_img_mlp_gate", "_img_mlp_out"):
        return ("qwen_image_21",)
    if layers.has("_img_mlp_", "_txt_mlp_", "_img_mod_", "_txt_mod_"):
        return ("qwen_image",)
    widths = layers.widths("attn_to_q") | layers.widths("attn_to_k") | layers.widths("attn_to_v")
    if widths and widths <= {1536, 2432}:
        return ("stable_diffusion_3",)
    if widths == {6144}:
        return ("krea2",)
    if widths == {4096}:
        return ("qwen_image_21",)
    if widths == {3072}:
        # FLUX.1 has 19 such blocks and Qwen-Image 60, all of the same names and widths.
        is_deep = layers.most(r"transformer_blocks_([0-9]+)_") >= 19
        return ("qwen_image",) if is_deep else ("flux", "qwen_image")
    widths = layers.widths("attn1_to_q") | layers.widths("attn2_to_q")
    if widths == {4096}:
        return ("cogview4",)
    return ("sana",) if widths and widths <= {2240, 1152} else ()


def _of_unet(layers: _Layers) -> tuple[tuple[str, ...], str]:
    if not layers.has(*_UNET_BLOCKS) or layers.has("motion_modules"):
        return (), ""
    if layers.has("add_k_proj"):
        return ("kandinsky22",), "kandinsky-2.2"
    widths = layers.widths("attn2_to_k") | layers.widths("attn2_to_v")
    contexts = {768: "sd-1", 1024: "sd-2", 2048: "sdxl", 1280: "sdxl-refiner"}
    if len(widths) == 1 and (variant := contexts.get(widths.pop(), "")):
        family = "stable_diffusion_xl" if variant.startswith("sdxl") else "stable_diffusion"
        return (family,), variant
    if layers.most(r"transformer_blocks_([0-9]+)_") > 0:
        return ("stable_diffusion_xl",), "sdxl"
    if layers.has(*_OUTERMOST):
        return ("stable_diffusion",), ""
    return ("stable_diffusion", "stable_diffusion_xl"), ""


def _of_text_encoder(layers: _Layers) -> tuple[tuple[str, ...], str]:
    if layers.has("lora_te2_", "text_encoder_2_"):
        return ("stable_diffusion_xl",), "sdxl"
    width = max(_text_widths(layers.inputs), default=0)
    variants = {768: "sd-1", 1024: "sd-2"}
    if layers.has("text_model_encoder_layers") and width in variants:
        return ("stable_diffusion",), variants[width]
    return (), ""


def _text_widths(inputs: Mapping[str, int]) -> Iterable[int]:
    return (width for name, width in inputs.items() if name.endswith("self_attn_q_proj"))
