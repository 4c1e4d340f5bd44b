"""The layers of a document, from the bottom to the top."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from typing import overload

from studio.core.errors import BugError
from studio.core.events import Signal, relay
from studio.core.geometry import Bounds
from studio.core.layers.layer import Layer


class LayerStack(Sequence[Layer]):
    """A sequence of layers; index 0 is the bottom. Commands change it, nobody else.

    Events:
        changed(Bounds): the picture looks different there; relayed from each layer, and emitted
            for layers that come, go or change places.
        structure_changed(): layers came, went or changed places; emitted after the change, and
            before the matching ``changed``.
        layer_changed(Layer, str): the property of that name of that layer was set.

    Of a group in the stack, what happens inside it is told too.
    """

    changed = Signal(Bounds)
    structure_changed = Signal()
    layer_changed = Signal(Layer, str)

    def __init__(self) -> None:
        self._layers: list[Layer] = []

    @overload
    def __getitem__(self, index: int) -> Layer: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Layer]: ...
    def __getitem__(self, index: int | slice) -> Layer | Sequence[Layer]:
        return self._layers[index]

    def __len__(self) -> int:
        return len(self._layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self._layers)

    def walk(self) -> Iterator[Layer]:
        """All layers, also those inside groups, from the bottom; a group comes after its own."""
        for layer in self._layers:
            if isinstance(layer.children, LayerStack):
                yield from layer.children.walk()
            yield layer

    def find(self, layer_id: str) -> Layer | None:
        """The layer of that id; not inside groups."""
        return next((layer for layer in self._layers if layer.id == layer_id), None)

    def below(self, layer: Layer) -> Layer | None:
        """The layer directly below; None for the lowest."""
        index = self.index(layer)
        return self._layers[index - 1] if index else None

    def insert(self, index: int, layer: Layer) -> None:
        """Puts a layer in so that it has that index afterwards.

        Raises:
            BugError: if it is in the stack already.
        """
        if layer in self._layers:
            raise BugError(f"Layer {layer.name!r} is in the stack already.")
        self._layers.insert(index, layer)
        relay(layer.changed, self.changed)
        relay(layer.structure_changed, self.structure_changed)
        layer.property_changed.connect(self._on_property)
        self._rearranged(layer.bounds.union(self._clipped_above(index)))

    def remove(self, layer: Layer) -> int:
        """Takes a layer out; the index that it had."""
        index = self.index(layer)
        dirty = layer.bounds.union(self._clipped_above(index))
        del self._layers[index]
        layer.changed.disconnect(self.changed.emit)
        layer.structure_changed.disconnect(self.structure_changed.emit)
        layer.property_changed.disconnect(self._on_property)
        self._rearranged(dirty)
        return index

    def move(self, layer: Layer, index: int) -> None:
        """Gives a layer another index, as it is afterwards."""
        before = self.index(layer)
        dirty = layer.bounds.union(self._clipped_above(before))
        del self._layers[before]
        self._layers.insert(index, layer)
        self._rearranged(dirty.union(self._clipped_above(index)))

    def _clipped_above(self, index: int) -> Bounds:
        """What is clipped by the layer there, or to the same one as it is."""
        above = itertools.takewhile(lambda layer: layer.clipped, self._layers[index + 1 :])
        return functools.reduce(Bounds.union, (layer.bounds for layer in above), Bounds(0, 0, 0, 0))

    def _on_property(self, layer: Layer, name: str) -> None:
        self.layer_changed.emit(layer, name)
        if name == "clipped" and layer in self._layers:
            dirty = self._clipped_above(self.index(layer))
            if not dirty.is_empty:
                self.changed.emit(dirty)

    def _rearranged(self, dirty: Bounds) -> None:
        self.structure_changed.emit()
        if not dirty.is_empty:
            self.changed.emit(dirty)
