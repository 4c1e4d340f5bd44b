"""Small pictures of the layers and of their masks, made on the side."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from studio.core.compositor import render
from studio.core.excerpt import plain
from studio.core.geometry import Bounds
from studio.core.layers import Layer, LayerSnapshot
from studio.core.picture import Picture
from studio.core.tiles import Snapshot
from studio.gui.background import Background
from studio.gui.images import to_mask_image
from studio.gui.workspace import Workspace

log = logging.getLogger(__name__)

THUMBNAIL_SIDE = 80
"""In pixels: sharp at 40 view units on a screen of twice the usual density."""
SETTLE_MILLISECONDS = 250


class _State(NamedTuple):
    """What a thumbnail was made of."""

    revision: int
    mask_revision: int
    canvas: Bounds


class _Pictures(NamedTuple):
    layer: QImage
    mask: QImage | None


class LayerThumbnails(QObject):
    """Follows the current document, and makes thumbnails once its layers have come to rest.

    Signals:
        changed(Layer): it has another thumbnail.
    """

    changed = Signal(object)

    def __init__(
        self, workspace: Workspace, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._background = background
        self._pictures: dict[str, _Pictures] = {}
        self._made: dict[str, _State] = {}
        self._release: Callable[[], None] = lambda: None
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MILLISECONDS)
        self._timer.timeout.connect(self._make_all)
        workspace.document_replaced.connect(self._follow)
        self._follow()

    def picture(self, layer: Layer) -> QImage | None:
        """What the layer holds on the canvas, without its opacity and mode; None at first."""
        pictures = self._pictures.get(layer.id)
        return pictures.layer if pictures is not None else None

    def mask(self, layer: Layer) -> QImage | None:
        """Its mask, white where it is shown; None where it has none, and at first."""
        pictures = self._pictures.get(layer.id)
        return pictures.mask if pictures is not None and layer.mask is not None else None

    def _follow(self) -> None:
        self._release()
        document = self._workspace.document
        document.structure_changed.connect(self._wait)
        document.layer_changed.connect(self._wait)
        document.changed.connect(self._wait)
        document.canvas_changed.connect(self._wait)

        def release() -> None:
            document.structure_changed.disconnect(self._wait)
            document.layer_changed.disconnect(self._wait)
            document.changed.disconnect(self._wait)
            document.canvas_changed.disconnect(self._wait)

        self._release = release
        self._pictures.clear()
        self._made.clear()
        self._wait()

    def _wait(self) -> None:
        self._timer.start()

    def _make_all(self) -> None:
        document = self._workspace.document
        for layer in document.walk():
            state = _State(layer.revision, layer.mask_revision, document.canvas)
            if self._made.get(layer.id) != state:
                self._made[layer.id] = state
                self._make(layer, document.canvas)

    def _make(self, layer: Layer, canvas: Bounds) -> None:
        snapshot = layer.snapshot()

        def done(pictures: _Pictures) -> None:
            self._pictures[snapshot.id] = pictures
            self.changed.emit(layer)

        def failed(error: Exception) -> None:
            log.warning("no thumbnail for layer %s: %s", snapshot.name, error)

        self._background.run(lambda: _pictures_of(snapshot, canvas), done, failed)


def _pictures_of(snapshot: LayerSnapshot, canvas: Bounds) -> _Pictures:
    mask = snapshot.mask
    return _Pictures(
        thumbnail(snapshot, canvas), None if mask is None else mask_thumbnail(mask, canvas)
    )


def thumbnail(snapshot: LayerSnapshot, canvas: Bounds) -> QImage:
    """What a layer holds on the canvas, at most `THUMBNAIL_SIDE` pixels a side; on any thread."""
    unmasked = replace(plain(snapshot), mask=None)
    return render(_Alone([unmasked]), canvas, _scale(canvas)).copy()


def mask_thumbnail(mask: Snapshot, canvas: Bounds) -> QImage:
    """A mask on the canvas, white where it shows, of the same size; on any thread.

    Only the rows that show in it are read.
    """
    scale = _scale(canvas)
    width, height = max(1, round(canvas.width * scale)), max(1, round(canvas.height * scale))
    columns = np.minimum(((np.arange(width) + 0.5) / scale).astype(int), canvas.width - 1)
    rows = np.minimum(((np.arange(height) + 0.5) / scale).astype(int), canvas.height - 1)
    lines = [mask.read(Bounds(canvas.x, canvas.y + row, canvas.width, 1))[0] for row in rows]
    return to_mask_image(Picture.from_array(np.stack(lines)[:, columns]))


def _scale(canvas: Bounds) -> float:
    return min(1.0, THUMBNAIL_SIDE / canvas.extent.longest)


class _Alone(NamedTuple):
    """One layer as something to be composed."""

    layers: list[LayerSnapshot]
