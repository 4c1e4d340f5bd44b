"""Strokes: what dabs do to layers and masks."""

from studio.core.stroke.layers import CloneStroke, ErasingStroke, LayerStroke, ReadPixels
from studio.core.stroke.masks import LayerMaskStroke, MaskStroke
from studio.core.stroke.stencil import Stencil
from studio.core.stroke.stroke import Stroke

__all__ = [
    "CloneStroke",
    "ErasingStroke",
    "LayerMaskStroke",
    "LayerStroke",
    "MaskStroke",
    "ReadPixels",
    "Stencil",
    "Stroke",
]
