"""Which model a UNet is of, by its widths, in the original and in the diffusers style of names.

A ControlNet copies the first half of a UNet, so the same figures tell its family.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from studio.models.detection.unusable import UnusableError
from studio.models.tensors import Tensors


@dataclass(frozen=True)
class UNetShape:
    """What tells one UNet from another.

    Attributes:
        in_channels: 4 latent ones; 9 with mask and masked picture; 8 with a picture to edit.
        width: of the first block.
        context: width of the text that cross attention reads; 0 without cross attention.
        vector: width of what is added to the time embedding; 0 without.
        depth: transformer blocks in one of the deepest attentions; 0 where it is missing.
    """

    in_channels: int
    width: int
    context: int
    vector: int
    depth: int


@dataclass(frozen=True)
class _Style:
    """Where one style of names keeps what is asked."""

    first: str
    contexts: tuple[str, ...]
    vectors: tuple[str, ...]
    deepest: str


_STYLES: Final = (
    _Style(
        "input_blocks.0.0.weight",
        ("input_blocks.1.1.transformer_blocks.0.", "input_blocks.4.1.transformer_blocks.0."),
        ("label_emb.0.0.weight",),
        "input_blocks.8.1.transformer_blocks.{}.attn2.to_k.weight",
    ),
    _Style(
        "conv_in.weight",
        (
            "down_blocks.0.attentions.0.transformer_blocks.0.",
            "down_blocks.1.attentions.0.transformer_blocks.0.",
        ),
        ("add_embedding.linear_1.weight", "class_embedding.linear_1.weight"),
        "down_blocks.2.attentions.1.transformer_blocks.{}.attn2.to_k.weight",
    ),
)
_MOST_BLOCKS: Final = 16

_KANDINSKY: Final = "encoder_hid_proj.image_embeds.weight"
_OUTPUTS: Final = ("out.2.weight", "conv_out.weight")

_FAMILIES: Final = {
    # width, context, vector, depth: what the names of the variants begin with
    (320, 768, 0, 1): "sd-1",
    (320, 1024, 0, 1): "sd-2",
    (320, 1024, 1536, 1): "stable-unclip-l",
    (320, 1024, 2048, 1): "stable-unclip-h",
    (320, 2048, 2816, 10): "sdxl",
    (384, 1280, 2560, 4): "sdxl-refiner",
}
_CONTROLLED: Final = {(320, 768): "sd-1", (320, 1024): "sd-2", (320, 2048): "sdxl"}
_INPUTS: Final = {4: "", 9: "-inpaint", 8: "-edit"}
_VARIANTS: Final = frozenset(
    {
        *("sd-1", "sd-1-inpaint", "sd-1-edit", "sd-2", "sd-2-inpaint"),
        *("stable-unclip-l", "stable-unclip-h"),
        *("sdxl", "sdxl-inpaint", "sdxl-edit", "sdxl-refiner"),
    }
)


def unet_variant(tensors: Tensors) -> str:
    """The variant of a whole UNet, or empty where there is none; ``sd-2`` of both sizes.

    Raises:
        UnusableError: if it is a UNet of no known model.
    """
    shape = unet_shape(tensors)
    if shape is None or not any(name in tensors for name in _OUTPUTS):
        return ""
    if _KANDINSKY in tensors:
        return "kandinsky-2.2-inpaint" if shape.in_channels == 9 else "kandinsky-2.2"
    family = _FAMILIES.get((shape.width, shape.context, shape.vector, shape.depth), "")
    variant = family + _INPUTS.get(shape.in_channels, "?")
    if variant not in _VARIANTS:
        raise UnusableError(f"a UNet of no model that Sfumato knows ({_described(shape)})")
    return variant


def controlled_variant(shape: UNetShape) -> str:
    """What a copy of the first half of a UNet was made for; empty where that is unknown."""
    if shape.context == 0 and shape.vector == 2816:
        return "sdxl"  # the small ControlNets for XL have no attention
    return _CONTROLLED.get((shape.width, shape.context), "")


def unet_shape(tensors: Tensors) -> UNetShape | None:
    """The figures of a UNet, or of its first half; None where there is none."""
    for style in _STYLES:
        if len(tensors.shape(style.first)) == 4:
            return UNetShape(
                in_channels=tensors.width(style.first, 1),
                width=tensors.width(style.first, 0),
                context=max(tensors.width(f"{at}attn2.to_k.weight") for at in style.contexts),
                vector=max(tensors.width(name) for name in style.vectors),
                depth=sum(style.deepest.format(at) in tensors for at in range(_MOST_BLOCKS)),
            )
    return None


def _described(shape: UNetShape) -> str:
    return (
        f"{shape.in_channels} channels in, {shape.width} wide, context {shape.context}, "
        f"vector {shape.vector}, depth {shape.depth}"
    )
