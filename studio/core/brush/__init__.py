"""Brushes: how they paint, and the dabs that their strokes are made of."""

from studio.core.brush.dabs import Cover, Dab, DabMasks, reach_of
from studio.core.brush.dynamics import LINEAR, PRESSURE_TO_SIZE, Curve, Dynamic, Source, Target
from studio.core.brush.path import LONGEST_LEASH, Pen, StrokePath
from studio.core.brush.settings import MAX_SIZE, MIN_SIZE, BrushSettings
from studio.core.brush.texture import Texture, hollows

__all__ = [
    "LINEAR",
    "LONGEST_LEASH",
    "MAX_SIZE",
    "MIN_SIZE",
    "PRESSURE_TO_SIZE",
    "BrushSettings",
    "Cover",
    "Curve",
    "Dab",
    "DabMasks",
    "Dynamic",
    "Pen",
    "Source",
    "StrokePath",
    "Target",
    "Texture",
    "hollows",
    "reach_of",
]
