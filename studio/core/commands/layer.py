"""Changes of the layer tree and of layers' properties."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from studio.core.commands.shelf import ShelvingCommand
from studio.core.commands.stack import Command
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.layers import GroupLayer, Layer, LayerStack

Property = Literal[
    "name",
    "visible",
    "opacity",
    "blend_mode",
    "locks",
    "locked",
    "clipped",
    "mask_enabled",
    "collapsed",
]

_PROPERTY_NAMES: dict[str, str] = {
    "name": "Rename layer",
    "opacity": "Layer opacity",
    "blend_mode": "Blend mode",
    "locks": "Layer locks",
}
_SWITCH_NAMES: dict[str, tuple[str, str]] = {
    "visible": ("Hide layer", "Show layer"),
    "locked": ("Unlock layer", "Lock layer"),
    "clipped": ("Release clipping", "Clip to layer below"),
    "mask_enabled": ("Disable layer mask", "Enable layer mask"),
    "collapsed": ("Unfold group", "Fold group"),
}


class AddLayer(ShelvingCommand):
    """Puts a layer into a stack and makes it the active one.

    Args:
        layer: in no stack yet.
        index: that it will have; directly above the active layer where it is left out, or on top
            of ``parent`` where that is given.
        parent: the group to put it into; the document's own stack where it is left out, or the
            active layer's where the index is left out too.
        name: as the person reads it.
    """

    def __init__(
        self,
        layer: Layer,
        index: int | None = None,
        parent: GroupLayer | None = None,
        name: str = "Add layer",
    ) -> None:
        super().__init__(layer)
        self._layer = layer
        self._index = index
        self._parent = parent
        self._name = name
        self._place: tuple[LayerStack, int] | None = None
        self._active_before: Layer | None = None

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    def do(self, document: Document) -> None:
        """Inserts the layer."""
        self._shelf.take()
        self._active_before = document.active
        self._place = self._place or self._chosen_place(document)
        stack, index = self._place
        stack.insert(index, self._layer)
        document.active = self._layer

    def undo(self, document: Document) -> None:
        """Takes the layer out again."""
        document.stack_of(self._layer).remove(self._layer)
        self._shelf.put(self._layer)
        document.active = self._active_before

    def _chosen_place(self, document: Document) -> tuple[LayerStack, int]:
        active = document.active
        if self._index is None and self._parent is None and active is not None:
            stack = document.stack_of(active)
            return stack, stack.index(active) + 1
        stack = document.layers if self._parent is None else self._parent.layers
        return stack, len(stack) if self._index is None else self._index


class DuplicateLayer(AddLayer):
    """Puts a copy of a layer directly above it."""

    def __init__(self, layer: Layer, document: Document) -> None:
        copy = layer.duplicate(f"{layer.name} copy")
        index = document.stack_of(layer).index(layer) + 1
        super().__init__(copy, index, document.parent_of(layer), "Duplicate layer")


class RemoveLayer(ShelvingCommand):
    """Takes a layer out of its stack; the one below it becomes active."""

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self._layer = layer
        self._place: tuple[LayerStack, int] | None = None
        self._active_before: Layer | None = None

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Remove layer"

    def do(self, document: Document) -> None:
        """Takes the layer out."""
        self._active_before = document.active
        parent, stack = document.parent_of(self._layer), document.stack_of(self._layer)
        index = stack.remove(self._layer)
        self._shelf.put(self._layer)
        self._place = stack, index
        if stack:
            neighbour: Layer | None = stack[max(0, index - 1)]
        else:
            neighbour = parent
        if neighbour is not None and not _holds(document, self._active_before):
            document.active = neighbour

    def undo(self, document: Document) -> None:
        """Puts the layer back."""
        if self._place is None:
            return
        self._shelf.take()
        stack, index = self._place
        self._place = None
        stack.insert(index, self._layer)
        document.active = self._active_before


class MoveLayer(Command):
    """Gives a layer another place.

    Args:
        layer: that moves, with all that it holds.
        parent: the group to move it into, or None for the document's own stack.
        index: that it has there afterwards.

    Raises:
        KnownError: when it is done, if a group would be moved into itself.
    """

    def __init__(self, layer: Layer, parent: GroupLayer | None, index: int) -> None:
        self._layer = layer
        self._parent = parent
        self._index = index
        self._before: tuple[GroupLayer | None, int] = (None, 0)

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Reorder layers"

    def do(self, document: Document) -> None:
        """Moves the layer to its new place."""
        if self._parent is not None and self._parent in [self._layer, *inside(self._layer)]:
            raise KnownError("A group cannot be moved into itself: choose another place.")
        stack = document.stack_of(self._layer)
        self._before = document.parent_of(self._layer), stack.index(self._layer)
        _move(document, self._layer, self._parent, self._index)

    def undo(self, document: Document) -> None:
        """Moves the layer back."""
        _move(document, self._layer, *self._before)


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
        if self._key in _SWITCH_NAMES:
            return _SWITCH_NAMES[self._key][bool(self._value)]
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
    """Moves what a layer shows, or several together; the steps of one drag merge.

    Args:
        layer: that is moved.
        dx, dy: by how many pixels.
        others: that go along; none of them lies inside another one.
    """

    def __init__(self, layer: Layer, dx: int, dy: int, *others: Layer) -> None:
        self._layers = (layer, *others)
        self._dx = dx
        self._dy = dy

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Move layer" if len(self._layers) == 1 else "Move layers"

    def do(self, document: Document) -> None:
        """Moves the layers there."""
        for layer in self._layers:
            layer.translate(self._dx, self._dy)

    def undo(self, document: Document) -> None:
        """Moves the layers back."""
        for layer in self._layers:
            layer.translate(-self._dx, -self._dy)

    def merge(self, later: Command) -> Command | None:
        """Both ways as one, for the same layers."""
        if not isinstance(later, TranslateLayer) or later._layers != self._layers:
            return None
        first, *others = self._layers
        return TranslateLayer(first, self._dx + later._dx, self._dy + later._dy, *others)


def inside(layer: Layer) -> Iterator[Layer]:
    """All layers that a group holds, also in groups of its own; none of any other layer."""
    for child in layer.children:
        yield child
        yield from inside(child)


def _move(document: Document, layer: Layer, parent: GroupLayer | None, index: int) -> None:
    before = document.stack_of(layer)
    after = document.layers if parent is None else parent.layers
    if before is after:
        before.move(layer, index)
        return
    active = document.active
    before.remove(layer)
    after.insert(index, layer)
    document.active = active


def _holds(document: Document, layer: Layer | None) -> bool:
    return any(other is layer for other in document.walk())
