"""The current document's layers as a tree, the topmost first."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import (
    QAbstractItemModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from studio.core.blend import BlendMode
from studio.core.commands.arranging import MoveLayers
from studio.core.commands.layer import RenameLayer
from studio.core.errors import KnownError
from studio.core.layers import GeneratedLayer, GroupLayer, Layer, TextLayer
from studio.gui.background import Background
from studio.gui.models.layer_thumbnails import LayerThumbnails
from studio.gui.workspace import Workspace

MIME = "application/x-sfumato-layers"
"""What is dragged: the ids of layers as JSON."""
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_ROOT = ""
"""Stands for the document's own stack among the ids of groups."""


class LayerRole(enum.IntEnum):
    """What the model tells of a layer besides Qt's own roles."""

    LAYER = Qt.ItemDataRole.UserRole
    """The `Layer` itself."""
    DEPTH = Qt.ItemDataRole.UserRole + 1
    """How many groups it lies in."""
    MASK = Qt.ItemDataRole.UserRole + 2
    """The thumbnail of its mask: a `QImage`, or None."""
    EDITED_MASK = Qt.ItemDataRole.UserRole + 3
    """Whether tools paint on its mask now."""


class LayersModel(QAbstractItemModel):
    """Follows the current document; renaming and dragging are commands on its stack.

    Signals:
        refused(str): something cannot be dropped there; the sentence says why.
    """

    refused = Signal(str)

    def __init__(
        self, workspace: Workspace, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._thumbnails = LayerThumbnails(workspace, background, self)
        self._rows: dict[str, list[Layer]] = {}
        self._parents: dict[Layer, GroupLayer | None] = {}
        self._numbers: list[str] = []
        self._release: Callable[[], None] = lambda: None
        self._thumbnails.changed.connect(self._tell)
        workspace.document_replaced.connect(self._follow)
        self._follow()

    # What Qt asks ---------------------------------------------------------------------------------

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """How many layers lie in a group, or in the document itself."""
        return len(self._rows.get(self._key(parent), ()))

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """One."""
        return 1

    def index(self, row: int, column: int, parent: _Index = _NOWHERE) -> QModelIndex:
        """The place of a layer; the topmost of each stack has row 0."""
        key = self._key(parent)
        if column != 0 or not 0 <= row < len(self._rows.get(key, ())):
            return QModelIndex()
        return self.createIndex(row, 0, self._numbers.index(key))

    def parent(self, index: _Index = _NOWHERE) -> QModelIndex:  # type: ignore[override]
        """The group that a layer lies in."""
        if not index.isValid():
            return QModelIndex()
        return self.index_of(self._parents[self._layer(index)])

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name, thumbnails, the layer itself, and its state in words."""
        if not index.isValid():
            return None
        layer = self._layer(index)
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return layer.name
            case Qt.ItemDataRole.DecorationRole:
                return self._thumbnails.picture(layer)
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join([layer.name, *states_of(layer)])
            case Qt.ItemDataRole.ToolTipRole:
                return layer.name
            case LayerRole.LAYER:
                return layer
            case LayerRole.DEPTH:
                return self._depth(layer)
            case LayerRole.MASK:
                return self._thumbnails.mask(layer)
            case LayerRole.EDITED_MASK:
                document = self._workspace.document
                return document.editing_mask and document.active is layer
            case _:
                return None

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Renames a layer; a name of nothing but blanks is not taken."""
        name = str(value).strip()
        layer = self._layer(index)
        if role != Qt.ItemDataRole.EditRole or not name:
            return False
        if name != layer.name:
            self._workspace.stack.push(RenameLayer(layer, name))
        return True

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Layers may be chosen, renamed and dragged, between each other and into groups."""
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        flags = super().flags(index)
        flags |= Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDragEnabled
        if isinstance(self._layer(index), GroupLayer):
            flags |= Qt.ItemFlag.ItemIsDropEnabled
        return flags

    def supportedDropActions(self) -> Qt.DropAction:
        """Layers are moved, not copied."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """Layers of this very document."""
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The ids of the layers that are dragged."""
        data = QMimeData()
        ids = [self._layer(index).id for index in indexes]
        data.setData(MIME, QByteArray(msgspec.json.encode(ids)))
        return data

    def canDropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: _Index
    ) -> bool:
        """Anywhere but into a group that is itself dragged."""
        return self._move(data, row, parent) is not None

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: _Index
    ) -> bool:
        """Moves the dragged layers between two rows, or on top of a group's, as one step."""
        move = self._move(data, row, parent)
        if move is not None:
            self._workspace.stack.push(move)
        # Qt would now remove what was dragged, which has found its new place already.
        return False

    # What the panel asks --------------------------------------------------------------------------

    def index_of(self, layer: Layer | None) -> QModelIndex:
        """The place of a layer; invalid where it has none."""
        if layer is None or layer not in self._parents:
            return QModelIndex()
        group = self._parents[layer]
        key = _ROOT if group is None else group.id
        return self.createIndex(self._rows[key].index(layer), 0, self._numbers.index(key))

    def layers(self) -> Iterable[Layer]:
        """All of them, wherever they lie."""
        return tuple(self._parents)

    # What the document says -----------------------------------------------------------------------

    def _follow(self) -> None:
        self._release()
        document = self._workspace.document
        document.structure_changed.connect(self._restructure)
        document.layer_changed.connect(self._on_layer)
        document.editing_mask_changed.connect(self._on_editing)
        document.active_changed.connect(self._on_editing)

        def release() -> None:
            document.structure_changed.disconnect(self._restructure)
            document.layer_changed.disconnect(self._on_layer)
            document.editing_mask_changed.disconnect(self._on_editing)
            document.active_changed.disconnect(self._on_editing)

        self._release = release
        self._restructure()

    def _restructure(self) -> None:
        self.beginResetModel()
        self._rows.clear()
        self._parents.clear()
        self._read(_ROOT, None, self._workspace.document.layers)
        self._numbers = list(self._rows)
        self.endResetModel()

    def _read(self, key: str, group: GroupLayer | None, layers: Sequence[Layer]) -> None:
        self._rows[key] = list(reversed(layers))
        for layer in layers:
            self._parents[layer] = group
            if isinstance(layer, GroupLayer):
                self._read(layer.id, layer, layer.layers)

    def _on_layer(self, layer: Layer, name: str) -> None:
        self._tell(layer)

    def _on_editing(self) -> None:
        self._tell(self._workspace.document.active)

    def _tell(self, layer: Layer | None) -> None:
        index = self.index_of(layer)
        if index.isValid():
            self.dataChanged.emit(index, index)

    def _key(self, parent: _Index) -> str:
        return self._layer(parent).id if parent.isValid() else _ROOT

    def _layer(self, index: _Index) -> Layer:
        return self._rows[self._numbers[index.internalId()]][index.row()]

    def _depth(self, layer: Layer) -> int:
        depth, group = 0, self._parents[layer]
        while group is not None:
            depth, group = depth + 1, self._parents[group]
        return depth

    def _move(self, data: QMimeData, row: int, parent: _Index) -> MoveLayers | None:
        """The command that a drop there asks for; None where there is none."""
        document = self._workspace.document
        ids = _ids_in(data)
        layers = [layer for layer in self._parents if layer.id in ids]
        target = self._layer(parent) if parent.isValid() else None
        if not layers or not isinstance(target, GroupLayer | None):
            return None
        stack = document.layers if target is None else target.layers
        # Without a row the drop is on the group itself, or below the last row.
        on_top = target is not None
        gap = len(stack) - row if row >= 0 else len(stack) if on_top else 0
        try:
            return MoveLayers(document, layers, target, gap)
        except KnownError:
            return None


def mixing_of(layer: Layer) -> list[str]:
    """How a layer is mixed with those below, in words; nothing where it is as usual."""
    mixing = [] if layer.blend_mode is BlendMode.NORMAL else [layer.blend_mode.title]
    return mixing if layer.opacity == 1.0 else [*mixing, f"{layer.opacity:.0%}"]


def states_of(layer: Layer) -> list[str]:
    """All that is particular about a layer, in words."""
    kinds = {GeneratedLayer: "generated", GroupLayer: "group", TextLayer: "text"}
    words = [word for kind, word in kinds.items() if isinstance(layer, kind)]
    words += mixing_of(layer)
    words += [] if layer.visible else ["hidden"]
    words += ["clipped"] if layer.clipped else []
    words += ["masked"] if layer.mask is not None else []
    return [*words, *_locks_of(layer)]


def _locks_of(layer: Layer) -> list[str]:
    if layer.locked:
        return ["locked"]
    locks = layer.locks
    named = {"pixels": locks.pixels, "position": locks.position, "transparency": locks.alpha}
    return [f"{name} locked" for name, is_locked in named.items() if is_locked]


def _ids_in(data: QMimeData) -> list[str]:
    if not data.hasFormat(MIME):
        return []
    return msgspec.json.decode(data.data(MIME).data(), type=list[str])
