"""What every kind of layer has in common."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from studio.core.blend import BlendMode
from studio.core.events import Signal
from studio.core.geometry import Bounds, Point
from studio.core.text import TextContent
from studio.core.tiles import MaskSurface, Snapshot, TileReader


class Locks(msgspec.Struct, frozen=True):
    """What tools refuse to change.

    Attributes:
        pixels: what the layer shows.
        position: where it lies.
        alpha: where it is transparent; its colours may be painted over.
    """

    pixels: bool = False
    position: bool = False
    alpha: bool = False

    @property
    def whole(self) -> bool:
        """Whether neither pixels nor place may be changed."""
        return self.pixels and self.position


UNLOCKED = Locks()
LOCKED = Locks(pixels=True, position=True)
"""What "locked" means where a layer is locked as a whole."""


class LayerSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A layer as it was: immutable, and safe to read in any thread.

    Attributes:
        id, name, visible, opacity, blend_mode, locks, clipped, mask_enabled: as of `Layer`.
        pixels: what it shows, without its mask; of a group composed when it is asked for.
        mask: its mask, or None.
        recipe, area, request_mask: of a generated layer, else None.
        text, origin: of a text layer, else None.
        children: of a group, the lowest first; None of every other layer.
        collapsed: of a group.
    """

    id: str
    name: str
    pixels: Snapshot
    visible: bool = True
    opacity: float = 1.0
    blend_mode: BlendMode = BlendMode.NORMAL
    locks: Locks = UNLOCKED
    clipped: bool = False
    mask: Snapshot | None = None
    mask_enabled: bool = True
    recipe: bytes | None = None
    area: Bounds | None = None
    request_mask: Snapshot | None = None
    text: TextContent | None = None
    origin: Point | None = None
    children: tuple[LayerSnapshot, ...] | None = None
    collapsed: bool = False

    @property
    def locked(self) -> bool:
        """As `Layer.locked`."""
        return self.locks.whole

    @property
    def shown(self) -> Snapshot:
        """As ``pixels``: previews are no part of a snapshot."""
        return self.pixels

    @property
    def shown_mask(self) -> Snapshot | None:
        """As ``mask``."""
        return self.mask


class Preview(NamedTuple):
    """What is drawn in the place of a layer while a tool has it in hand.

    Attributes:
        pixels: colour tiles.
        mask: what of them is drawn; None for all.
    """

    pixels: TileReader
    mask: TileReader | None


class Layer(ABC):
    """One sheet of the picture.

    Setting a property to the value that it has emits nothing.

    Events:
        changed(Bounds): it looks different there (canvas coordinates): its pixels or its mask were
            changed or moved, or a property that shows was set.
        property_changed(Layer, str): the property of that name of this layer was set, or of one
            inside it: ``name``, ``visible``, ``opacity``, ``blend_mode``, ``locks``, ``clipped``,
            ``mask`` or ``mask_enabled``; of a group also ``collapsed``, of a text ``content``.
        structure_changed(): inside a group, layers came, went or changed places.

    Args:
        name: what the person calls it.
        visible: whether it is shown at all.
        opacity: 0 (transparent) to 1.
        blend_mode: how it is mixed with what lies below.
        locks: what tools refuse to change.
        clipped: whether it is shown only where the layer below it in the same stack is.
        mask: what of it is shown, or None for all.
        mask_enabled: whether the mask counts.
        layer_id: unique among all layers; made up where it is left out.

    Raises:
        ValueError: if the opacity lies outside its range.
    """

    changed = Signal(Bounds)
    property_changed = Signal(object, str)
    structure_changed = Signal()

    def __init__(
        self,
        name: str,
        *,
        visible: bool = True,
        opacity: float = 1.0,
        blend_mode: BlendMode = BlendMode.NORMAL,
        locks: Locks = UNLOCKED,
        clipped: bool = False,
        mask: MaskSurface | None = None,
        mask_enabled: bool = True,
        layer_id: str | None = None,
    ) -> None:
        self._id = layer_id or uuid.uuid4().hex
        self._name = name
        self._visible = visible
        self._opacity = _checked_opacity(opacity)
        self._blend_mode = blend_mode
        self._locks = locks
        self._clipped = clipped
        self._mask = mask
        self._mask_enabled = mask_enabled
        self._preview: Preview | None = None
        self._revision = 0
        self._mask_revision = 0

    @property
    def id(self) -> str:
        """Unique among all layers, and kept in the file."""
        return self._id

    @property
    def revision(self) -> int:
        """Grows with every change of its pixels: tells whether a thumbnail is out of date."""
        return self._revision

    @property
    def mask_revision(self) -> int:
        """Grows with every change of its mask."""
        return self._mask_revision

    @property
    def name(self) -> str:
        """What the person calls it."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._set("name", name)

    @property
    def visible(self) -> bool:
        """Whether it is shown at all."""
        return self._visible

    @visible.setter
    def visible(self, visible: bool) -> None:
        self._set("visible", visible, shows=True)

    @property
    def opacity(self) -> float:
        """0 (transparent) to 1.

        Raises:
            ValueError: on setting it to something else.
        """
        return self._opacity

    @opacity.setter
    def opacity(self, opacity: float) -> None:
        self._set("opacity", _checked_opacity(opacity), shows=True)

    @property
    def blend_mode(self) -> BlendMode:
        """How it is mixed with what lies below."""
        return self._blend_mode

    @blend_mode.setter
    def blend_mode(self, blend_mode: BlendMode) -> None:
        self._set("blend_mode", blend_mode, shows=True)

    @property
    def locks(self) -> Locks:
        """What tools refuse to change."""
        return self._locks

    @locks.setter
    def locks(self, locks: Locks) -> None:
        self._set("locks", locks)

    @property
    def locked(self) -> bool:
        """Whether tools refuse to change its pixels and its place; setting it sets both locks."""
        return self._locks.whole

    @locked.setter
    def locked(self, locked: bool) -> None:
        self.locks = Locks(pixels=locked, position=locked, alpha=self._locks.alpha)

    @property
    def clipped(self) -> bool:
        """Whether it is shown only where the layer below it in the same stack is.

        Of several clipped layers in a row, the one that counts is the first below them that is
        not clipped. The lowest layer of a stack is shown as if it were not clipped.
        """
        return self._clipped

    @clipped.setter
    def clipped(self, clipped: bool) -> None:
        self._set("clipped", clipped, shows=True)

    @property
    def mask(self) -> MaskSurface | None:
        """What of it is shown, 255 = shown, or None for all; after writing call `touch_mask`."""
        return self._mask

    @mask.setter
    def mask(self, mask: MaskSurface | None) -> None:
        self._mask_revision += 1
        self._set("mask", mask, shows=True)

    @property
    def mask_enabled(self) -> bool:
        """Whether the mask counts."""
        return self._mask_enabled

    @mask_enabled.setter
    def mask_enabled(self, enabled: bool) -> None:
        self._set("mask_enabled", enabled, shows=True)

    @property
    def shown(self) -> TileReader:
        """What is composed of it: its pixels, or a preview in their place."""
        return self.pixels if self._preview is None else self._preview.pixels

    @property
    def shown_mask(self) -> TileReader | None:
        """The mask that goes with `shown`."""
        return self._mask if self._preview is None else self._preview.mask

    def show_preview(self, preview: Preview | None) -> None:
        """Draws something else in its place, or no longer; neither pixels nor snapshots change."""
        if preview is None and self._preview is None:
            return
        before = self.shown.bounds
        self._preview = preview
        dirty = before.union(self.shown.bounds)
        if not dirty.is_empty:
            self.changed.emit(dirty)

    @property
    def children(self) -> Sequence[Layer]:
        """The layers inside a group, the lowest first; none in any other layer."""
        return ()

    @property
    @abstractmethod
    def pixels(self) -> TileReader:
        """What it shows without its mask, as colour tiles; to be read only."""

    @property
    @abstractmethod
    def bounds(self) -> Bounds:
        """A rectangle on the canvas outside of which it shows nothing."""

    @abstractmethod
    def snapshot(self) -> LayerSnapshot:
        """The layer as it is now."""

    @abstractmethod
    def duplicate(self, name: str) -> Layer:
        """Another layer with an id of its own that looks the same."""

    def translate(self, dx: int, dy: int) -> None:
        """Moves everything that it shows, and its mask."""
        before = self.bounds
        self._move(dx, dy)
        if self._mask is not None:
            self._mask.translate(dx, dy)
        self.touch(before.union(self.bounds))

    def touch(self, dirty: Bounds) -> None:
        """Says that pixels were written in ``dirty``; whoever writes them calls it."""
        if not dirty.is_empty:
            self._revision += 1
            self.changed.emit(dirty)

    def touch_mask(self, dirty: Bounds) -> None:
        """Says that the mask was written in ``dirty``; whoever writes it calls it."""
        if not dirty.is_empty:
            self._mask_revision += 1
            self.changed.emit(dirty)

    def look(self) -> dict[str, Any]:
        """The properties that a copy has in common with it, as its constructor takes them.

        The mask is a copy that shares its pixels until one of both is written.
        """
        mask = None if self._mask is None else MaskSurface.of(self._mask.snapshot())
        return {**self._plain_look(), "mask": mask}

    @abstractmethod
    def _move(self, dx: int, dy: int) -> None:
        """Moves its pixels, and says nothing."""

    def _set(self, key: str, value: object, *, shows: bool = False) -> None:
        attribute = f"_{key}"
        if value == getattr(self, attribute):
            return
        setattr(self, attribute, value)
        self.property_changed.emit(self, key)
        if shows and not self.bounds.is_empty:
            self.changed.emit(self.bounds)

    def _snapshot_of(self, pixels: Snapshot, **more: Any) -> LayerSnapshot:
        mask = None if self._mask is None else self._mask.snapshot()
        look = self._plain_look()
        return LayerSnapshot(id=self._id, name=self._name, pixels=pixels, mask=mask, **look, **more)

    def _plain_look(self) -> dict[str, Any]:
        return {
            "visible": self._visible,
            "opacity": self._opacity,
            "blend_mode": self._blend_mode,
            "locks": self._locks,
            "clipped": self._clipped,
            "mask_enabled": self._mask_enabled,
        }


def _checked_opacity(opacity: float) -> float:
    if not 0.0 <= opacity <= 1.0:
        raise ValueError(f"An opacity lies between 0 and 1, not at {opacity}.")
    return opacity
