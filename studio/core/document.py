"""The picture that is being edited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from studio.core.channels import Channels
from studio.core.compositor import compose
from studio.core.errors import BugError
from studio.core.events import Signal, relay
from studio.core.geometry import Bounds
from studio.core.guides import Guide
from studio.core.layers import GroupLayer, Layer, LayerSnapshot, LayerStack
from studio.core.picture import Picture
from studio.core.projection import Projection
from studio.core.tiles import MaskSurface, Snapshot, straight

NO_SELECTION = MaskSurface().snapshot()


class DocumentSnapshot(msgspec.Struct, frozen=True):
    """A document as it was: immutable, cheap to take, and safe to use in any thread.

    Attributes:
        canvas, frame: as of `Document`.
        layers: the lowest first; groups hold theirs.
        mask_tiles: the painted mask.
        active_id: of the active layer.
        selection: what is selected; empty where nothing is.
        channels: kept selections by name.
        guides: as of `Document`.
    """

    canvas: Bounds
    frame: Bounds
    layers: tuple[LayerSnapshot, ...]
    mask_tiles: Snapshot
    active_id: str | None = None
    selection: Snapshot = NO_SELECTION
    channels: Mapping[str, Snapshot] = msgspec.field(default_factory=dict)
    guides: tuple[Guide, ...] = ()

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
    """Layers on a canvas, the painted mask, the selection and the generation frame.

    The canvas is a rectangle on an endless plane: extending it to the left gives it a negative
    origin and moves no pixel. Every change is a `Command`; the setters and the events here are
    what commands and tools use.

    Events (all in the thread of the change, after it):
        changed(Bounds): the picture looks different there (canvas coordinates).
        structure_changed(): layers came, went or changed places, also inside groups.
        layer_changed(Layer, str): a property of a layer was set, as `Layer.property_changed` names
            it; ``changed`` follows where it shows.
        mask_changed(Bounds): the painted mask is different there.
        selection_changed(Bounds): the selection is different there.
        channels_changed(): a kept selection came, went or was replaced.
        guides_changed(): there are other guides.
        editing_mask_changed(bool): tools now paint on the active layer's mask, or on its pixels.
        editing_selection_changed(bool): painting tools now paint what is selected, or the picture.
        frame_changed(Bounds): the generation frame is now this.
        canvas_changed(Bounds): the canvas is now this.
        projected(Projection): the whole picture was scaled, turned or mirrored, its canvas too:
            what was at a place is now where this takes it.
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
    selection_changed = Signal(Bounds)
    channels_changed = Signal()
    guides_changed = Signal()
    editing_mask_changed = Signal(bool)
    editing_selection_changed = Signal(bool)
    frame_changed = Signal(Bounds)
    canvas_changed = Signal(Bounds)
    projected = Signal(Projection)
    active_changed = Signal()

    def __init__(self, canvas: Bounds, frame: Bounds | None = None) -> None:
        self._canvas = _not_empty(canvas)
        self._frame = _not_empty(frame or canvas)
        self._active: Layer | None = None
        self._mask = MaskSurface()
        self._selection = MaskSurface()
        self._channels = Channels()
        self._guides: tuple[Guide, ...] = ()
        self._editing_mask = False
        self._editing_selection = False
        self._layers = LayerStack()
        relay(self._channels.changed, self.channels_changed)
        relay(self._layers.changed, self.changed)
        self._layers.structure_changed.connect(self._restructured)
        relay(self._layers.layer_changed, self.layer_changed)

    @property
    def layers(self) -> LayerStack:
        """The lowest first; groups hold theirs."""
        return self._layers

    def walk(self) -> Iterator[Layer]:
        """All layers, also those inside groups, from the bottom; a group comes after its own."""
        return self._layers.walk()

    def find(self, layer_id: str) -> Layer | None:
        """The layer of that id, wherever it is."""
        return next((layer for layer in self.walk() if layer.id == layer_id), None)

    def parent_of(self, layer: Layer) -> GroupLayer | None:
        """The group that holds a layer; None where it lies in no group."""
        groups = (group for group in self.walk() if isinstance(group, GroupLayer))
        return next((group for group in groups if layer in group.layers), None)

    def stack_of(self, layer: Layer) -> LayerStack:
        """The stack that holds a layer: a group's, or the document's own.

        Raises:
            BugError: if the layer is not in the document.
        """
        parent = self.parent_of(layer)
        stack = self._layers if parent is None else parent.layers
        if layer not in stack:
            raise BugError(f"Layer {layer.name!r} is not in the document.")
        return stack

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

    @property
    def editing_mask(self) -> bool:
        """Whether tools paint on the active layer's mask; not part of undo."""
        return self._editing_mask

    @editing_mask.setter
    def editing_mask(self, editing: bool) -> None:
        if editing != self._editing_mask:
            self._editing_mask = editing
            self.editing_mask_changed.emit(editing)

    @property
    def selection(self) -> MaskSurface:
        """What is selected, 255 = selected; after writing into it call `touch_selection`."""
        return self._selection

    @property
    def has_selection(self) -> bool:
        """Whether anything is selected; tools work everywhere where nothing is."""
        return not self._selection.is_empty

    def touch_selection(self, dirty: Bounds) -> None:
        """Says that the selection was written in ``dirty``."""
        if not dirty.is_empty:
            self.selection_changed.emit(dirty)

    @property
    def editing_selection(self) -> bool:
        """Whether brush and eraser paint the selection (a quick mask); not part of undo."""
        return self._editing_selection

    @editing_selection.setter
    def editing_selection(self, editing: bool) -> None:
        if editing != self._editing_selection:
            self._editing_selection = editing
            self.editing_selection_changed.emit(editing)

    @property
    def channels(self) -> Channels:
        """Kept selections by name."""
        return self._channels

    @property
    def guides(self) -> tuple[Guide, ...]:
        """Lines beside which things are laid."""
        return self._guides

    @guides.setter
    def guides(self, guides: tuple[Guide, ...]) -> None:
        if guides != self._guides:
            self._guides = guides
            self.guides_changed.emit()

    def snapshot(self) -> DocumentSnapshot:
        """The document as it is now, in time proportional to the number of tiles."""
        return DocumentSnapshot(
            canvas=self._canvas,
            frame=self._frame,
            layers=tuple(layer.snapshot() for layer in self._layers),
            mask_tiles=self._mask.snapshot(),
            active_id=self._active.id if self._active else None,
            selection=self._selection.snapshot(),
            channels=dict(self._channels),
            guides=self._guides,
        )

    def flatten(self, bounds: Bounds | None = None) -> Picture:
        """As `DocumentSnapshot.flatten`."""
        return Picture.from_array(straight(compose(self, bounds or self._canvas)))

    def _restructured(self) -> None:
        if all(layer is not self._active for layer in self.walk()):
            self.active = self._layers[-1] if self._layers else None
        self.structure_changed.emit()


def _not_empty(bounds: Bounds) -> Bounds:
    if bounds.is_empty:
        raise ValueError(f"A canvas or frame needs at least one pixel, not {bounds}.")
    return bounds
