"""Changes of the layer stack and of layers' properties."""

from __future__ import annotations

from typing import Any, Literal

from studio.core.commands.stack import Command
from studio.core.document import Document
from studio.core.layers import Layer

Property = Literal["name", "visible", "opacity", "locked", "blend_mode"]

_PROPERTY_NAMES: dict[str, str] = {
    "name": "Rename layer",
    "opacity": "Layer opacity",
    "blend_mode": "Blend mode",
}


class AddLayer(Command):
    """Puts a layer into the stack and makes it the active one.

    Args:
        layer: not in the stack yet.
        index: that it will have; directly above the active layer where it is left out.
        name: as the person reads it.
    """

    def __init__(self, layer: Layer, index: int | None = None, name: str = "Add layer") -> None:
        self._layer = layer
        self._index = index
        self._name = name
        self._active_before: Layer | None = None
        self._done = False

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    @property
    def cost(self) -> int:
        """Bytes of the layer while it is undone; else the document holds it, not the command."""
        return 0 if self._done else self._layer.pixels.size

    def do(self, document: Document) -> None:
        """Inserts the layer."""
        self._done = True
        self._active_before = document.active
        if self._index is None:
            self._index = _index_above(document, document.active)
        document.layers.insert(self._index, self._layer)
        document.active = self._layer

    def undo(self, document: Document) -> None:
        """Takes the layer out again."""
        self._done = False
        document.layers.remove(self._layer)
        document.active = self._active_before


class DuplicateLayer(AddLayer):
    """Puts a copy of a layer directly above it."""

    def __init__(self, layer: Layer, document: Document) -> None:
        copy = layer.duplicate(f"{layer.name} copy")
        super().__init__(copy, document.layers.index(layer) + 1, "Duplicate layer")


class RemoveLayer(Command):
    """Takes a layer out of the stack; the one below it becomes active."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self._index = 0
        self._active_before: Layer | None = None
        self._done = False

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Remove layer"

    @property
    def cost(self) -> int:
        """Bytes of the layer once it is out; before that the document holds it."""
        return self._layer.pixels.size if self._done else 0

    def do(self, document: Document) -> None:
        """Takes the layer out."""
        self._done = True
        self._active_before = document.active
        self._index = document.layers.remove(self._layer)
        if self._active_before is self._layer and document.layers:
            document.active = document.layers[max(0, self._index - 1)]

    def undo(self, document: Document) -> None:
        """Puts the layer back."""
        self._done = False
        document.layers.insert(self._index, self._layer)
        document.active = self._active_before


class MoveLayer(Command):
    """Gives a layer another place in the stack: ``index`` is the one it has afterwards."""

    def __init__(self, layer: Layer, index: int) -> None:
        self._layer = layer
        self._index = index
        self._index_before = 0

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Reorder layers"

    def do(self, document: Document) -> None:
        """Moves the layer to its new index."""
        self._index_before = document.layers.index(self._layer)
        document.layers.move(self._layer, self._index)

    def undo(self, document: Document) -> None:
        """Moves the layer back."""
        document.layers.move(self._layer, self._index_before)


class SetLayerProperty(Command):
    """Sets a property of a layer; the steps of one slider drag merge.

    Args:
        layer: whose property is set.
        key: its name.
        value: of the property's type.
    """

    def __init__(self, layer: Layer, key: Property, value: Any, *, before: Any = None) -> None:
        self._layer = layer
        self._key = key
        self._value = value
        self._before = getattr(layer, key) if before is None else before

    @property
    def name(self) -> str:
        """What the person reads."""
        if self._key == "visible":
            return "Show layer" if self._value else "Hide layer"
        if self._key == "locked":
            return "Lock layer" if self._value else "Unlock layer"
        return _PROPERTY_NAMES[self._key]

    def do(self, document: Document) -> None:
        """Sets the new value."""
        setattr(self._layer, self._key, self._value)

    def undo(self, document: Document) -> None:
        """Sets the old value."""
        setattr(self._layer, self._key, self._before)

    def merge(self, later: Command) -> Command | None:
        """From the first value to the last one, for the same opacity."""
        if (
            isinstance(later, SetLayerProperty)
            and later._layer is self._layer
            and later._key == self._key == "opacity"
        ):
            return SetLayerProperty(self._layer, self._key, later._value, before=self._before)
        return None


class RenameLayer(SetLayerProperty):
    """Gives a layer another name."""

    def __init__(self, layer: Layer, name: str) -> None:
        super().__init__(layer, "name", name)


class TranslateLayer(Command):
    """Moves what a layer shows; the steps of one drag merge."""

    def __init__(self, layer: Layer, dx: int, dy: int) -> None:
        self._layer = layer
        self._dx = dx
        self._dy = dy

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Move layer"

    def do(self, document: Document) -> None:
        """Moves the layer there."""
        self._layer.translate(self._dx, self._dy)

    def undo(self, document: Document) -> None:
        """Moves the layer back."""
        self._layer.translate(-self._dx, -self._dy)

    def merge(self, later: Command) -> Command | None:
        """Both ways as one, for the same layer."""
        if isinstance(later, TranslateLayer) and later._layer is self._layer:
            return TranslateLayer(self._layer, self._dx + later._dx, self._dy + later._dy)
        return None


def _index_above(document: Document, layer: Layer | None) -> int:
    return len(document.layers) if layer is None else document.layers.index(layer) + 1
