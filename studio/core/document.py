"""The picture that is being edited."""

from __future__ import annotations

from dataclasses import dataclass

from studio.core.compositor import compose
from studio.core.events import Signal, relay
from studio.core.geometry import Bounds
from studio.core.layers import Layer, LayerSnapshot, LayerStack
from studio.core.picture import Picture
from studio.core.tiles import MaskSurface, Snapshot, straight


@dataclass(frozen=True)
class DocumentSnapshot:
    """A document as it was: immutable, cheap to take, and safe to use in any thread.

    Attributes:
        canvas, frame: as of `Document`.
        layers: the lowest first.
        mask_tiles: the painted mask.
        active_id: of the active layer.
    """

    canvas: Bounds
    frame: Bounds
    layers: tuple[LayerSnapshot, ...]
    mask_tiles: Snapshot
    active_id: str | None = None

    def flatten(self, bounds: Bounds | None = None) -> Picture:
        """All visible layers in ``bounds`` (the canvas by default) as RGBA.

        Transparent where nothing lies; what layers hold beyond the canvas is included where
        ``bounds`` reach there.
        """
        return Picture.from_array(straight(compose(self, bounds or self.canvas)))

    def mask(self, bounds: Bounds | None = None) -> Picture:
        """The painted mask in ``bounds`` (the canvas by default) as ``L``, 255 = repaint."""
        return Picture.from_array(self.mask_tiles.read(bounds or self.canvas))


class Document:
    """Layers on a canvas, the painted mask and the generation frame.

    The canvas is a rectangle on an endless plane: extending it to the left gives it a negative
    origin and moves no pixel. Every change is a `Command`; the setters and the events here are
    what commands and tools use.

    Events (all in the thread of the change, after it):
        changed(Bounds): the picture looks different there (canvas coordinates).
        structure_changed(): layers came, went or changed places.
        layer_changed(Layer, str): a property of a layer was set: ``name``, ``visible``,
            ``opacity``, ``locked`` or ``blend_mode``; ``changed`` follows where it shows.
        mask_changed(Bounds): the painted mask is different there.
        frame_changed(Bounds): the generation frame is now this.
        canvas_changed(Bounds): the canvas is now this.
        active_changed(): another layer, or none, is the active one.

    Args:
        canvas: not empty.
        frame: the generation frame; the canvas where it is left out.

    Raises:
        ValueError: if the canvas or the frame is empty.
    """

    changed = Signal(Bounds)
    structure_changed = Signal()
    layer_changed = Signal(Layer, str)
    mask_changed = Signal(Bounds)
    frame_changed = Signal(Bounds)
    canvas_changed = Signal(Bounds)
    active_changed = Signal()

    def __init__(self, canvas: Bounds, frame: Bounds | None = None) -> None:
        self._canvas = _not_empty(canvas)
        self._frame = _not_empty(frame or canvas)
        self._active: Layer | None = None
        self._mask = MaskSurface()
        self._layers = LayerStack()
        relay(self._layers.changed, self.changed)
        self._layers.structure_changed.connect(self._restructured)
        relay(self._layers.layer_changed, self.layer_changed)

    @property
    def layers(self) -> LayerStack:
        """The lowest first."""
        return self._layers

    @property
    def canvas(self) -> Bounds:
        """What is exported."""
        return self._canvas

    @canvas.setter
    def canvas(self, canvas: Bounds) -> None:
        if canvas != self._canvas:
            self._canvas = _not_empty(canvas)
            self.canvas_changed.emit(canvas)

    @property
    def frame(self) -> Bounds:
        """What the next generation is about."""
        return self._frame

    @frame.setter
    def frame(self, frame: Bounds) -> None:
        if frame != self._frame:
            self._frame = _not_empty(frame)
            self.frame_changed.emit(frame)

    @property
    def active(self) -> Layer | None:
        """The layer that tools work on; not part of undo."""
        return self._active

    @active.setter
    def active(self, layer: Layer | None) -> None:
        if layer is not self._active:
            self._active = layer
            self.active_changed.emit()

    @property
    def mask(self) -> MaskSurface:
        """The painted mask, 255 = repaint; after writing into it call `touch_mask`."""
        return self._mask

    def touch_mask(self, dirty: Bounds) -> None:
        """Says that the mask was written in ``dirty``."""
        if not dirty.is_empty:
            self.mask_changed.emit(dirty)

    def snapshot(self) -> DocumentSnapshot:
        """The document as it is now, in time proportional to the number of tiles."""
        return DocumentSnapshot(
            canvas=self._canvas,
            frame=self._frame,
            layers=tuple(layer.snapshot() for layer in self._layers),
            mask_tiles=self._mask.snapshot(),
            active_id=self._active.id if self._active else None,
        )

    def flatten(self, bounds: Bounds | None = None) -> Picture:
        """As `DocumentSnapshot.flatten`."""
        return Picture.from_array(straight(compose(self, bounds or self._canvas)))

    def _restructured(self) -> None:
        if self._active not in self._layers:
            self.active = self._layers[-1] if self._layers else None
        self.structure_changed.emit()


def _not_empty(bounds: Bounds) -> Bounds:
    if bounds.is_empty:
        raise ValueError(f"A canvas or frame needs at least one pixel, not {bounds}.")
    return bounds
