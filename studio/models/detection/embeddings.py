"""Textual inversions: new words for a text encoder, and which family's encoder knows them."""

from __future__ import annotations

from typing import Final

from studio.models.tensors import Tensors

ANONYMOUS: Final = "emb_params"
"""The name of an embedding whose file does not tell the word that it teaches."""

_MAX_VECTORS: Final = 256
_PAIR: Final = frozenset({"clip_l", "clip_g"})
"""Names of the two embeddings for Stable Diffusion XL, one for each text encoder."""
_VARIANTS: Final = {768: "sd-1", 1024: "sd-2"}


def inverted_variant(tensors: Tensors) -> str:
    """What a textual inversion is for: ``sd-1``, ``sd-2`` or ``sdxl``; empty where it is none.

    A file of one embedding holds one tensor, named by the word or `ANONYMOUS`; each of its
    vectors is as wide as the text encoder.
    """
    if set(tensors) >= _PAIR:
        widths = {name: tensors.width(name) for name in _PAIR}
        return "sdxl" if widths == {"clip_l": 768, "clip_g": 1280} else ""
    if len(tensors) != 1:
        return ""
    shape = next(iter(tensors.values())).shape
    if not 1 <= len(shape) <= 2 or (len(shape) == 2 and not 0 < shape[0] <= _MAX_VECTORS):
        return ""
    return _VARIANTS.get(shape[-1], "")
