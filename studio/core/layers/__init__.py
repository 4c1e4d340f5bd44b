"""The kinds of layers, and the stack that holds them."""

from studio.core.layers.group import GroupLayer
from studio.core.layers.layer import LOCKED, UNLOCKED, Layer, LayerSnapshot, Locks, Preview
from studio.core.layers.raster import GeneratedLayer, RasterLayer, picture_bounds
from studio.core.layers.stack import LayerStack
from studio.core.layers.text import TextLayer

__all__ = [
    "LOCKED",
    "UNLOCKED",
    "GeneratedLayer",
    "GroupLayer",
    "Layer",
    "LayerSnapshot",
    "LayerStack",
    "Locks",
    "Preview",
    "RasterLayer",
    "TextLayer",
    "picture_bounds",
]
