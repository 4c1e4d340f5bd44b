"""The kinds of layers, and the stack that holds them."""

from studio.core.layers.layer import Layer, LayerSnapshot
from studio.core.layers.raster import GeneratedLayer, RasterLayer, picture_bounds
from studio.core.layers.stack import LayerStack

__all__ = [
    "GeneratedLayer",
    "Layer",
    "LayerSnapshot",
    "LayerStack",
    "RasterLayer",
    "picture_bounds",
]
