"""A layer that holds layers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from studio.core.composing import CachedComposed, ComposedSnapshot
from studio.core.events import relay
from studio.core.geometry import Bounds
from studio.core.layers.layer import Layer, LayerSnapshot
from studio.core.layers.stack import LayerStack
from studio.core.tiles import TileReader


class GroupLayer(Layer):
    """Layers that are composed by themselves, and then drawn as one.

    Args:
        layers: what it holds at first, the lowest first; in no stack yet.
        collapsed: whether the person folded it in the list of layers.
    """

    def __init__(
        self,
        name: str,
        layers: Iterable[Layer] = (),
        *,
        collapsed: bool = False,
        **properties: Any,
    ) -> None:
        super().__init__(name, **properties)
        self._collapsed = collapsed
        self._layers = LayerStack()
        self._pixels = CachedComposed(self._layers)
        self._layers.changed.connect(self._on_changed)
        relay(self._layers.structure_changed, self.structure_changed)
        relay(self._layers.layer_changed, self.property_changed)
        for layer in layers:
            self._layers.insert(len(self._layers), layer)

    @property
    def layers(self) -> LayerStack:
        """What it holds, the lowest first."""
        return self._layers

    @property
    def children(self) -> LayerStack:
        """As `layers`."""
        return self._layers

    @property
    def collapsed(self) -> bool:
        """Whether the person folded it in the list of layers; kept in the file."""
        return self._collapsed

    @collapsed.setter
    def collapsed(self, collapsed: bool) -> None:
        self._set("collapsed", collapsed)

    @property
    def pixels(self) -> TileReader:
        """What its layers show together."""
        return self._pixels

    @property
    def bounds(self) -> Bounds:
        """The rectangle around its layers."""
        return self._pixels.bounds

    def snapshot(self) -> LayerSnapshot:
        """The group as it is now, with its layers."""
        children = tuple(layer.snapshot() for layer in self._layers)
        return self._snapshot_of(
            ComposedSnapshot(children), children=children, collapsed=self._collapsed
        )

    def duplicate(self, name: str) -> GroupLayer:
        """A copy with copies of its layers, all with ids of their own."""
        layers = [layer.duplicate(layer.name) for layer in self._layers]
        return GroupLayer(name, layers, collapsed=self._collapsed, **self.look())

    def _move(self, dx: int, dy: int) -> None:
        for layer in self._layers:
            layer.translate(dx, dy)

    def _on_changed(self, dirty: Bounds) -> None:
        self._pixels.invalidate(dirty)
        self.touch(dirty)
