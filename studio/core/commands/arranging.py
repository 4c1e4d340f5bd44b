"""Several layers at once: moved to another place, or given the same property."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from studio.core.commands.group import CommandGroup
from studio.core.commands.layer import MoveLayer, Property, SetLayerProperty, inside
from studio.core.commands.stack import Command
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.layers import GroupLayer, Layer


def outermost(document: Document, layers: Iterable[Layer]) -> list[Layer]:
    """These layers from the bottom up, without those that lie in groups among them."""
    wanted = set(layers)
    held = {child for layer in wanted for child in inside(layer)}
    return [layer for layer in document.walk() if layer in wanted and layer not in held]


class MoveLayers(CommandGroup):
    """Moves layers between two others, in the order that they had.

    Args:
        document: whose layers they are.
        layers: those inside another of them move with it.
        parent: the group to move them into, or None for the document's own stack.
        gap: how many layers of that stack, as it is now, shall lie below them.

    Raises:
        KnownError: if there are none, or a group would be moved into itself.
    """

    def __init__(
        self, document: Document, layers: Iterable[Layer], parent: GroupLayer | None, gap: int
    ) -> None:
        moved = outermost(document, layers)
        if not moved:
            raise KnownError("There is no layer to move: choose one or more.")
        if parent is not None and any(parent in (layer, *inside(layer)) for layer in moved):
            raise KnownError("A group cannot be moved into itself: choose another place.")
        order = list(document.layers if parent is None else parent.layers)
        above = next((layer for layer in order[gap:] if layer not in moved), None)
        commands = []
        for layer in moved:
            if layer in order:
                order.remove(layer)
            index = len(order) if above is None else order.index(above)
            order.insert(index, layer)
            commands.append(MoveLayer(layer, parent, index))
        super().__init__("Reorder layers", commands)


class SetProperties(Command):
    """Sets the same property of several layers; the steps of one slider drag merge.

    Args:
        layers: at least one.
        key, value: as of `SetLayerProperty`.
    """

    def __init__(self, layers: Sequence[Layer], key: Property, value: Any) -> None:
        self._commands: list[Command] = [SetLayerProperty(layer, key, value) for layer in layers]

    @property
    def name(self) -> str:
        """What the person reads."""
        return self._commands[0].name

    def do(self, document: Document) -> None:
        """Sets the new value everywhere."""
        for command in self._commands:
            command.do(document)

    def undo(self, document: Document) -> None:
        """Sets the old values."""
        for command in self._commands:
            command.undo(document)

    def merge(self, later: Command) -> Command | None:
        """Both as one, where they do so for each layer."""
        if not isinstance(later, SetProperties) or len(later._commands) != len(self._commands):
            return None
        pairs = zip(self._commands, later._commands, strict=True)
        merged = [command for first, then in pairs if (command := first.merge(then)) is not None]
        if len(merged) < len(self._commands):
            return None
        self._commands = merged
        return self
