"""Strokes: what dabs do to layers and masks."""

from studio.core.stroke.layers import (
    CloneStroke,
    ErasingStroke,
    LayerStroke,
    ReadPixels,
    ink_table,
    inked,
)
from studio.core.stroke.masks import CloneMaskStroke, LayerMaskStroke, MaskStroke
from studio.core.stroke.sample import sample_stroke
from studio.core.stroke.smudge import SmudgeMaskStroke, SmudgeStroke
from studio.core.stroke.stencil import Stencil, thinned
from studio.core.stroke.stroke import Stroke

__all__ = [
    "CloneMaskStroke",
    "CloneStroke",
    "ErasingStroke",
    "LayerMaskStroke",
    "LayerStroke",
    "MaskStroke",
    "ReadPixels",
    "SmudgeMaskStroke",
    "SmudgeStroke",
    "Stencil",
    "Stroke",
    "ink_table",
    "inked",
    "sample_stroke",
    "thinned",
]
