"""Layers are taken together, and apart again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2

from studio.core.blend import BlendMode
from studio.core.commands.group import CommandGroup
from studio.core.commands.layer import SetLayerProperty, inside
from studio.core.commands.masking import AddMask
from studio.core.commands.stack import Command
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.layers import GroupLayer, Layer, LayerStack
from studio.core.tiles import MaskSurface, Snapshot


class GroupLayers(Command):
    """Puts layers into a new group at the place of the topmost one.

    Where all of them are clipped, the group is clipped in their stead.

    Args:
        layers: in any order and from any stacks; those inside another of them stay there.
        name: of the group.

    Raises:
        KnownError: when it is done, if there are no layers.
    """

    def __init__(self, layers: Sequence[Layer], name: str = "Group") -> None:
        self._wanted = tuple(layers)
        self._group = GroupLayer(name)
        self._before: list[tuple[LayerStack, int, Layer]] = []
        self._unclipped: Sequence[Layer] = ()
        self._active_before: Layer | None = None

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Group layers"

    @property
    def group(self) -> GroupLayer:
        """The group that it makes."""
        return self._group

    def do(self, document: Document) -> None:
        """Moves the layers into the group."""
        held = {child for layer in self._wanted for child in inside(layer)}
        layers = [layer for layer in document.walk() if layer in self._wanted and layer not in held]
        if not layers:
            raise KnownError("There is no layer to group: choose one or more.")
        self._active_before = document.active
        stack = document.stack_of(layers[-1])
        above = stack.index(layers[-1]) + 1
        self._before = []
        for layer in reversed(layers):
            its_stack = document.stack_of(layer)
            self._before.append((its_stack, its_stack.remove(layer), layer))
        above -= sum(its_stack is stack for its_stack, _, _ in self._before)
        self._group.clipped = all(layer.clipped for layer in layers)
        self._unclipped = layers if self._group.clipped else ()
        for layer in self._unclipped:
            layer.clipped = False
        for layer in layers:
            self._group.layers.insert(len(self._group.layers), layer)
        stack.insert(above, self._group)
        document.active = self._group

    def undo(self, document: Document) -> None:
        """Puts the layers back where they were."""
        document.stack_of(self._group).remove(self._group)
        for layer in self._unclipped:
            layer.clipped = True
        for stack, index, layer in reversed(self._before):
            self._group.layers.remove(layer)
            stack.insert(index, layer)
        document.active = self._active_before


class Ungroup(Command):
    """Puts the layers of a group in its place.

    Each takes over what the group did to all of them: that it was hidden or clipped, its opacity
    and its mask. Its blend mode is lost, but for a single layer.
    """

    def __init__(self, group: GroupLayer) -> None:
        self._group = group
        self._handed_down: CommandGroup | None = None
        self._layers: tuple[Layer, ...] = ()
        self._place: tuple[LayerStack, int] | None = None
        self._active_before: Layer | None = None

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Ungroup layers"

    def do(self, document: Document) -> None:
        """Takes the group away and leaves its layers."""
        self._active_before = document.active
        stack = document.stack_of(self._group)
        index = stack.remove(self._group)
        self._place = stack, index
        self._layers = tuple(self._group.layers)
        for number, layer in enumerate(self._layers):
            self._group.layers.remove(layer)
            stack.insert(index + number, layer)
        self._handed_down = self._handed_down or CommandGroup(self.name, self._taken_over())
        self._handed_down.do(document)
        if self._layers and self._active_before in (self._group, *self._layers):
            document.active = self._layers[-1]

    def undo(self, document: Document) -> None:
        """Puts the group back, with its layers in it."""
        if self._place is None or self._handed_down is None:
            return
        self._handed_down.undo(document)
        stack, index = self._place
        for layer in self._layers:
            stack.remove(layer)
            self._group.layers.insert(len(self._group.layers), layer)
        stack.insert(index, self._group)
        document.active = self._active_before

    def _taken_over(self) -> list[Command]:
        return [command for layer in self._layers for command in self._taken_over_by(layer)]

    def _taken_over_by(self, layer: Layer) -> Iterator[Command]:
        group = self._group
        if not group.visible:
            yield SetLayerProperty(layer, "visible", False)
        if group.clipped:
            yield SetLayerProperty(layer, "clipped", True)
        if group.opacity < 1:
            yield SetLayerProperty(layer, "opacity", layer.opacity * group.opacity)
        if len(self._layers) == 1 and layer.blend_mode is BlendMode.NORMAL:
            yield SetLayerProperty(layer, "blend_mode", group.blend_mode)
        if group.mask is not None and group.mask_enabled:
            yield AddMask(layer, _product(group.mask, layer.mask if layer.mask_enabled else None))


def _product(first: MaskSurface, second: MaskSurface | None) -> Snapshot:
    """A mask that shows what both show."""
    if second is None:
        return first.snapshot()
    both = MaskSurface(fill=min(first.fill, second.fill))
    for place in (*first.places_in(first.bounds), *second.places_in(second.bounds)):
        both.write(place, cv2.multiply(first.read(place), second.read(place), scale=1 / 255))
    return both.snapshot()
