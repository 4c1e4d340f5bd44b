"""What every kind of layer has in common."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from dataclasses import dataclass

from studio.core.blend import BlendMode
from studio.core.events import Signal
from studio.core.geometry import Bounds
from studio.core.tiles import Snapshot, TileReader


@dataclass(frozen=True, kw_only=True)
class LayerSnapshot:
    """A layer as it was: immutable, and safe to read in any thread.

    Attributes:
        id, name, visible, opacity, locked, blend_mode: as of `Layer`.
        pixels: what it shows.
        recipe, area: of a generated layer, else None.
    """

    id: str
    name: str
    visible: bool
    opacity: float
    locked: bool
    blend_mode: BlendMode
    pixels: Snapshot
    recipe: bytes | None = None
    area: Bounds | None = None


class Layer(ABC):
    """One sheet of the picture.

    Setting a property to the value that it has emits nothing.

    Events:
        changed(Bounds): it looks different there (canvas coordinates): its pixels were changed or
            moved, or one of visible, opacity and blend_mode was set.
        property_changed(Layer, str): this layer's property of that name was set: ``name``,
            ``visible``, ``opacity``, ``locked`` or ``blend_mode``.
    """

    changed = Signal(Bounds)
    property_changed = Signal(object, str)

    def __init__(
        self,
        name: str,
        *,
        visible: bool = True,
        opacity: float = 1.0,
        locked: bool = False,
        blend_mode: BlendMode = BlendMode.NORMAL,
        layer_id: str | None = None,
    ) -> None:
        self._id = layer_id or uuid.uuid4().hex
        self._name = name
        self._visible = visible
        self._opacity = _checked_opacity(opacity)
        self._locked = locked
        self._blend_mode = blend_mode
        self._revision = 0

    @property
    def id(self) -> str:
        """Unique among all layers, and kept in the file."""
        return self._id

    @property
    def revision(self) -> int:
        """Grows with every change of its pixels: tells whether a thumbnail is out of date."""
        return self._revision

    @property
    def name(self) -> str:
        """What the person calls it."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        if name != self._name:
            self._name = name
            self.property_changed.emit(self, "name")

    @property
    def visible(self) -> bool:
        """Whether it is shown at all."""
        return self._visible

    @visible.setter
    def visible(self, visible: bool) -> None:
        if visible != self._visible:
            self._visible = visible
            self._look_changed("visible")

    @property
    def opacity(self) -> float:
        """0 (transparent) to 1.

        Raises:
            ValueError: on setting it to something else.
        """
        return self._opacity

    @opacity.setter
    def opacity(self, opacity: float) -> None:
        if _checked_opacity(opacity) != self._opacity:
            self._opacity = opacity
            self._look_changed("opacity")

    @property
    def locked(self) -> bool:
        """Whether tools refuse to change its pixels or its place."""
        return self._locked

    @locked.setter
    def locked(self, locked: bool) -> None:
        if locked != self._locked:
            self._locked = locked
            self.property_changed.emit(self, "locked")

    @property
    def blend_mode(self) -> BlendMode:
        """How it is mixed with what lies below."""
        return self._blend_mode

    @blend_mode.setter
    def blend_mode(self, blend_mode: BlendMode) -> None:
        if blend_mode is not self._blend_mode:
            self._blend_mode = blend_mode
            self._look_changed("blend_mode")

    @property
    @abstractmethod
    def pixels(self) -> TileReader:
        """What it shows, as colour tiles; to be read only."""

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

    @abstractmethod
    def translate(self, dx: int, dy: int) -> None:
        """Moves everything that it shows."""

    def touch(self, dirty: Bounds) -> None:
        """Says that pixels were written in ``dirty``; whoever writes them calls it."""
        if not dirty.is_empty:
            self._revision += 1
            self.changed.emit(dirty)

    def _look_changed(self, property_name: str) -> None:
        self.property_changed.emit(self, property_name)
        if not self.bounds.is_empty:
            self.changed.emit(self.bounds)


def _checked_opacity(opacity: float) -> float:
    if not 0.0 <= opacity <= 1.0:
        raise ValueError(f"An opacity lies between 0 and 1, not at {opacity}.")
    return opacity
