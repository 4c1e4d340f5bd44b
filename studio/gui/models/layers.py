"""The open document's layers as a list, the topmost first, with thumbnails made on the side."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
)
from PySide6.QtGui import QImage

from studio.core.blend import BlendMode
from studio.core.commands.layer import MoveLayer, RenameLayer
from studio.core.compositor import render
from studio.core.geometry import Bounds
from studio.core.layers import GeneratedLayer, Layer, LayerSnapshot
from studio.gui.background import Background
from studio.gui.workspace import Workspace

log = logging.getLogger(__name__)

LAYER_ROLE = Qt.ItemDataRole.UserRole
THUMBNAIL_SIDE = 80
"""In pixels: sharp at 40 view units on a screen of twice the usual density."""
SETTLE_MILLISECONDS = 250
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class LayersModel(QAbstractListModel):
    """Follows the document that is open; renaming and reordering are commands on its stack.

    A thumbnail shows what the layer holds on the canvas, without its opacity and mode; it is made
    on another thread once the layer has come to rest.
    """

    def __init__(
        self, workspace: Workspace, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._background = background
        self._layers: list[Layer] = []
        self._thumbnails: dict[str, QImage] = {}
        self._shown: dict[str, tuple[int, Bounds]] = {}
        self._release: Callable[[], None] = lambda: None
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MILLISECONDS)
        self._timer.timeout.connect(self._make_thumbnails)
        workspace.document_replaced.connect(self._follow)
        self._follow()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """How many layers there are."""
        return 0 if parent.isValid() else len(self._layers)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name, thumbnail, the layer itself, and its state in words."""
        if not index.isValid():
            return None
        layer = self._layers[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return layer.name
            case Qt.ItemDataRole.DecorationRole:
                return self._thumbnails.get(layer.id)
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join([layer.name, *states_of(layer)])
            case Qt.ItemDataRole.ToolTipRole:
                return layer.name
            case _:
                return layer if role == LAYER_ROLE else None

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Renames a layer; a name of nothing but blanks is not taken."""
        name = str(value).strip()
        layer = self._layers[index.row()]
        if role != Qt.ItemDataRole.EditRole or not name:
            return False
        if name != layer.name:
            self._workspace.stack.push(RenameLayer(layer, name))
        return True

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Layers may be chosen, renamed and dragged between each other."""
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        usual = super().flags(index)
        return usual | Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        """Layers are moved, not copied."""
        return Qt.DropAction.MoveAction

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: _Index
    ) -> bool:
        """Takes nothing from elsewhere: reordering comes as `moveRows`."""
        return False

    def moveRows(
        self,
        sourceParent: _Index,
        sourceRow: int,
        count: int,
        destinationParent: _Index,
        destinationChild: int,
    ) -> bool:
        """Puts a layer before the row ``destinationChild``, as one undoable step."""
        lands_on = destinationChild - (destinationChild > sourceRow)
        if count != 1 or lands_on == sourceRow:
            return False
        layer = self._layers[sourceRow]
        self._workspace.stack.push(MoveLayer(layer, None, len(self._layers) - 1 - lands_on))
        return True

    def index_of(self, layer: Layer | None) -> QModelIndex:
        """The row of a layer; invalid where it has none."""
        return self.index(self._layers.index(layer)) if layer in self._layers else QModelIndex()

    def _follow(self) -> None:
        self._release()
        document = self._workspace.document
        document.structure_changed.connect(self._restructure)
        document.layer_changed.connect(self._on_layer)
        document.changed.connect(self._on_changed)
        document.canvas_changed.connect(self._on_changed)

        def release() -> None:
            document.structure_changed.disconnect(self._restructure)
            document.layer_changed.disconnect(self._on_layer)
            document.changed.disconnect(self._on_changed)
            document.canvas_changed.disconnect(self._on_changed)

        self._release = release
        self._thumbnails.clear()
        self._shown.clear()
        self._restructure()

    def _restructure(self) -> None:
        self.beginResetModel()
        self._layers = list(reversed(self._workspace.document.layers))
        self.endResetModel()
        self._timer.start()

    def _on_layer(self, layer: Layer, name: str) -> None:
        index = self.index_of(layer)
        if index.isValid():
            self.dataChanged.emit(index, index)

    def _on_changed(self, dirty: Bounds) -> None:
        self._timer.start()

    def _make_thumbnails(self) -> None:
        canvas = self._workspace.document.canvas
        for layer in self._layers:
            state = (layer.revision, canvas)
            if self._shown.get(layer.id) != state:
                self._shown[layer.id] = state
                self._make_thumbnail(layer.snapshot(), canvas)

    def _make_thumbnail(self, snapshot: LayerSnapshot, canvas: Bounds) -> None:
        def done(image: QImage) -> None:
            self._thumbnails[snapshot.id] = image
            index = self.index_of(self._workspace.document.layers.find(snapshot.id))
            if index.isValid():
                self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])

        def failed(error: Exception) -> None:
            log.warning("no thumbnail for layer %s: %s", snapshot.name, error)

        self._background.run(lambda: thumbnail(snapshot, canvas), done, failed)


def thumbnail(snapshot: LayerSnapshot, canvas: Bounds) -> QImage:
    """What a layer holds on the canvas, at most `THUMBNAIL_SIDE` pixels a side; on any thread."""
    plain = replace(
        snapshot, visible=True, opacity=1.0, blend_mode=BlendMode.NORMAL, clipped=False
    )
    scale = min(1.0, THUMBNAIL_SIDE / canvas.extent.longest)
    return render(_Alone([plain]), canvas, scale).copy()


def mixing_of(layer: Layer) -> list[str]:
    """How a layer is mixed with those below, in words; nothing where it is as usual."""
    mixing = [] if layer.blend_mode is BlendMode.NORMAL else [layer.blend_mode.title]
    return mixing if layer.opacity == 1.0 else [*mixing, f"{layer.opacity:.0%}"]


def states_of(layer: Layer) -> list[str]:
    """All that is particular about a layer, in words."""
    generated = ["generated"] if isinstance(layer, GeneratedLayer) else []
    hidden = [] if layer.visible else ["hidden"]
    locked = ["locked"] if layer.locked else []
    return [*generated, *mixing_of(layer), *hidden, *locked]


class _Alone(NamedTuple):
    """One layer as something to be composed."""

    layers: list[LayerSnapshot]
