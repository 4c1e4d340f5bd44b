"""The layers panel: which layers there are, in what order, and how each is mixed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QListView,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from studio.core.blend import BlendMode
from studio.core.commands.layer import AddLayer, DuplicateLayer, RemoveLayer, SetLayerProperty
from studio.core.commands.merging import MergeDown
from studio.core.commands.stack import Command
from studio.core.errors import KnownError
from studio.core.layers import GeneratedLayer, Layer, RasterLayer
from studio.gui.background import Background
from studio.gui.icons import icon
from studio.gui.models.layers import LAYER_ROLE, LayersModel
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import SliderField, field_row, tool_button
from studio.gui.widgets.layer_row import LayerRow
from studio.gui.workspace import Workspace

SEAL_MILLISECONDS = 600
"""After so long without another change of the opacity, the next one is a step of its own."""


class LayersPanel(QWidget):
    """Lists the open document's layers; every change is a command on its stack.

    Signals:
        prompt_requested(GeneratedLayer): the person wants to see how it was made.
        refused(str): something cannot be done; the sentence says why and what to do.
    """

    prompt_requested = Signal(object)
    refused = Signal(str)

    def __init__(
        self, workspace: Workspace, background: Background, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.setAccessibleName("Layers")
        self._model = LayersModel(workspace, background, self)
        self._list = _LayerList(self._model)
        self._mode = QComboBox()
        for mode in BlendMode:
            self._mode.addItem(mode.title, mode)
        self._opacity = SliderField("Opacity", 0, 100)
        self._seal = QTimer(self, singleShot=True, interval=SEAL_MILLISECONDS)
        self._release: Callable[[], None] = lambda: None
        self._make_actions()
        self._lay_out()
        self._connect()
        self._follow()

    def _make_actions(self) -> None:
        self._add = _action("plus", "New layer", self.add_layer)
        self._duplicate = _action("copy", "Duplicate layer", self.duplicate_layer)
        self._merge = _action("merge", "Merge down", self.merge_layer)
        self._remove = _action("trash-2", "Remove layer", self.remove_layer)
        self._rename = _action("pencil", "Rename", self._edit_name)
        self._prompt = _action("sparkles", "Show the prompt", self._ask_for_prompt)
        self._remove.setShortcut(QKeySequence(Qt.Key.Key_Delete))
        self._remove.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._list.addAction(self._remove)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        layout.setSpacing(UNIT)
        layout.addWidget(field_row("Mode", self._mode))
        layout.addWidget(field_row("Opacity", self._opacity))
        layout.addWidget(self._list, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for action in (self._add, self._duplicate, self._merge):
            buttons.addWidget(self._button(action))
        buttons.addStretch(1)
        buttons.addWidget(self._button(self._remove))
        layout.addLayout(buttons)

    def _button(self, action: QAction) -> QWidget:
        button = tool_button("plus", action.text())
        button.setDefaultAction(action)
        button.setToolTip(action.text())
        return button

    def _connect(self) -> None:
        self._list.customContextMenuRequested.connect(self._show_menu)
        self._list.row.eye_clicked.connect(lambda layer: self._turn_over(layer, "visible"))
        self._list.row.lock_clicked.connect(lambda layer: self._turn_over(layer, "locked"))
        self._list.selectionModel().currentChanged.connect(self._on_chosen)
        self._model.modelReset.connect(self._show_active)
        self._mode.activated.connect(self._on_mode)
        self._opacity.changed.connect(self._on_opacity)
        self._seal.timeout.connect(lambda: self._workspace.stack.seal())
        self._workspace.document_replaced.connect(self._follow)

    # What the person does ------------------------------------------------------------------------

    def add_layer(self) -> None:
        """Adds an empty layer above the active one."""
        self._push(AddLayer(RasterLayer(f"Layer {len(self._workspace.document.layers) + 1}")))

    def duplicate_layer(self) -> None:
        """Puts a copy above the active layer."""
        if self._active is not None:
            self._push(DuplicateLayer(self._active, self._workspace.document))

    def merge_layer(self) -> None:
        """Merges the active layer into the one below."""
        if self._active is not None:
            self._push(MergeDown(self._active))

    def remove_layer(self) -> None:
        """Removes the active layer."""
        if self._active is not None:
            self._push(RemoveLayer(self._active))

    @property
    def _active(self) -> Layer | None:
        return self._workspace.document.active

    def _push(self, command: Command) -> None:
        self._workspace.tool_cancel()
        try:
            self._workspace.stack.push(command)
        except KnownError as error:
            self.refused.emit(error.message)

    def _turn_over(self, layer: Layer, key: str) -> None:
        if key == "visible":
            self._push(SetLayerProperty(layer, "visible", not layer.visible))
        else:
            self._push(SetLayerProperty(layer, "locked", not layer.locked))

    def _edit_name(self) -> None:
        self._list.edit(self._list.currentIndex())

    def _ask_for_prompt(self) -> None:
        if isinstance(self._active, GeneratedLayer):
            self.prompt_requested.emit(self._active)

    def _on_chosen(self) -> None:
        layer = self._list.currentIndex().data(LAYER_ROLE)
        if layer is not None:
            self._workspace.document.active = layer

    def _on_mode(self, row: int) -> None:
        if self._active is not None and self._active.blend_mode is not self._mode.itemData(row):
            self._push(SetLayerProperty(self._active, "blend_mode", self._mode.itemData(row)))

    def _on_opacity(self, percent: float) -> None:
        if self._active is not None:
            self._push(SetLayerProperty(self._active, "opacity", percent / 100))
            self._seal.start()

    # What the document says ----------------------------------------------------------------------

    def _follow(self) -> None:
        self._release()
        document = self._workspace.document
        document.active_changed.connect(self._show_active)
        document.layer_changed.connect(self._on_layer)

        def release() -> None:
            document.active_changed.disconnect(self._show_active)
            document.layer_changed.disconnect(self._on_layer)

        self._release = release
        self._show_active()

    def _on_layer(self, layer: Layer, name: str) -> None:
        if layer is self._active:
            self._show_active()

    def _show_active(self) -> None:
        layer = self._active
        index = self._model.index_of(layer)
        self._list.setCurrentIndex(index)
        has_layer = layer is not None
        for part in (self._mode, self._opacity):
            part.setEnabled(has_layer)
        for action in (self._duplicate, self._remove, self._rename):
            action.setEnabled(has_layer)
        self._merge.setEnabled(has_layer and index.row() < self._model.rowCount() - 1)
        self._prompt.setVisible(isinstance(layer, GeneratedLayer))
        mode = BlendMode.NORMAL if layer is None else layer.blend_mode
        self._mode.setCurrentIndex(self._mode.findData(mode))
        self._opacity.set_value(100 if layer is None else round(layer.opacity * 100))

    def _show_menu(self, place: QPoint) -> None:
        index = self._list.indexAt(place)
        if not index.isValid():
            return
        self._list.setCurrentIndex(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([self._prompt, self._rename, self._duplicate, self._merge])
        menu.addSeparator()
        menu.addAction(self._remove)
        menu.popup(self._list.viewport().mapToGlobal(place))


class _LayerList(QListView):
    """The list itself."""

    def __init__(self, model: LayersModel) -> None:
        super().__init__()
        self.row = LayerRow(self)
        self.setModel(model)
        self.setItemDelegate(self.row)
        self.setAccessibleName("Layers, the topmost first")
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
        )


def _action(icon_name: str, text: str, call: Callable[[], None]) -> QAction:
    action = QAction(icon(icon_name), text)
    action.triggered.connect(lambda: call())
    return action
