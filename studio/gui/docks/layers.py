"""The layers panel: which layers there are, in what order, and how each is mixed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from studio.core.blend import BlendMode
from studio.core.layers import GeneratedLayer, GroupLayer, Layer
from studio.gui.actions.layer_specs import CONTEXT, GENERATED_CONTEXT
from studio.gui.actions.layering import Layering
from studio.gui.actions.registry import ActionRegistry
from studio.gui.background import Background
from studio.gui.models.layers import LayersModel
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import SliderField, field_row
from studio.gui.widgets.layer_row import RowPart
from studio.gui.widgets.layer_tree import LayerTree
from studio.gui.workspace import Workspace

SEAL_MILLISECONDS = 600
"""After so long without another change of the opacity, the next one is a step of its own."""
_LOCKS = ("layer.lock_alpha", "layer.lock_pixels", "layer.lock_position", "layer.clip")
_BUTTONS = ("layer.new", "layer.group", "layer.add_mask", "layer.duplicate", "layer.merge")


class LayersPanel(QWidget):
    """Lists the current document's layers; every change is a command on its stack.

    Its buttons and its menu are the layer menu's actions: `adopt` brings them.
    """

    def __init__(
        self,
        workspace: Workspace,
        layering: Layering,
        background: Background,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._layering = layering
        self.setAccessibleName("Layers")
        self._model = LayersModel(workspace, background, self)
        self._tree = LayerTree(self._model)
        self._mode = QComboBox()
        for mode in BlendMode:
            self._mode.addItem(mode.title, mode)
        self._opacity = SliderField("Opacity", 0, 100)
        self._locks, self._buttons = QHBoxLayout(), QHBoxLayout()
        self._registry: ActionRegistry | None = None
        self._seal = QTimer(self, singleShot=True, interval=SEAL_MILLISECONDS)
        self._release: Callable[[], None] = lambda: None
        self._lay_out()
        self._connect()
        self._follow()

    def adopt(self, registry: ActionRegistry) -> None:
        """Shows the layer menu's actions as buttons, and in the menu of a row."""
        self._registry = registry
        for action_id in _LOCKS:
            self._locks.addWidget(_button(registry[action_id]))
        self._locks.addStretch(1)
        for action_id in _BUTTONS:
            self._buttons.addWidget(_button(registry[action_id]))
        self._buttons.addStretch(1)
        self._buttons.addWidget(_button(registry["layer.remove"]))

    def edit_name(self) -> None:
        """Lets the person write another name for the active layer."""
        index = self._tree.currentIndex()
        if index.isValid() and self._tree.state() is not LayerTree.State.EditingState:
            self._tree.scrollTo(index)
            self._tree.edit(index)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        layout.setSpacing(UNIT)
        layout.addWidget(field_row("Mode", self._mode))
        layout.addWidget(field_row("Opacity", self._opacity))
        for row in (self._locks, self._buttons):
            row.setSpacing(2)
        layout.addLayout(self._locks)
        layout.addWidget(self._tree, 1)
        layout.addLayout(self._buttons)

    def _connect(self) -> None:
        remove = QAction("Remove the chosen layers", self._tree)
        remove.setShortcut(QKeySequence(Qt.Key.Key_Delete))
        remove.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        remove.triggered.connect(lambda: self._layering.remove())
        self._tree.addAction(remove)
        self._tree.customContextMenuRequested.connect(self._show_menu)
        self._tree.row.clicked.connect(self._on_part)
        self._tree.chosen.connect(self._on_chosen)
        self._model.modelReset.connect(self._show_chosen)
        self._mode.activated.connect(self._on_mode)
        self._opacity.changed.connect(self._on_opacity)
        self._seal.timeout.connect(lambda: self._workspace.stack.seal())
        self._workspace.document_replaced.connect(self._follow)

    # What the person does ------------------------------------------------------------------------

    def _on_chosen(self, layers: list[Layer], active: Layer) -> None:
        self._workspace.current.choose(layers, active)

    def _on_part(self, layer: Layer, part: RowPart, modifiers: Qt.KeyboardModifier) -> None:
        """Does what a click on that part of a row means."""
        layering = self._layering
        match part:
            case RowPart.EYE:
                layering.turn_over("visible", layer)
            case RowPart.LOCK:
                layering.turn_over("locked", layer)
            case RowPart.FOLD if isinstance(layer, GroupLayer):
                layer.collapsed = not layer.collapsed
                self._tree.unfold()
            case RowPart.PICTURE if modifiers & Qt.KeyboardModifier.ControlModifier:
                layering.select(layer)
            case RowPart.PICTURE:
                layering.edit_mask(False)
            case RowPart.MASK if modifiers & Qt.KeyboardModifier.ShiftModifier:
                layering.turn_over("mask_enabled", layer)
            case RowPart.MASK:
                layering.edit_mask(True)

    def _on_mode(self, row: int) -> None:
        self._layering.set("blend_mode", self._mode.itemData(row))

    def _on_opacity(self, percent: float) -> None:
        self._layering.set("opacity", percent / 100)
        self._seal.start()

    # What the document says ----------------------------------------------------------------------

    def _follow(self) -> None:
        self._release()
        tab = self._workspace.current
        tab.chosen_changed.connect(self._show_chosen)
        tab.document.layer_changed.connect(self._on_layer)

        def release() -> None:
            tab.chosen_changed.disconnect(self._show_chosen)
            tab.document.layer_changed.disconnect(self._on_layer)

        self._release = release
        self._show_chosen()

    def _on_layer(self, layer: Layer, name: str) -> None:
        if layer is self._layering.active:
            self._show_looks()

    def _show_chosen(self) -> None:
        self._tree.show_chosen(self._layering.chosen, self._layering.active)
        self._show_looks()

    def _show_looks(self) -> None:
        """Shows how the active layer is mixed."""
        layer = self._layering.active
        for part in (self._mode, self._opacity):
            part.setEnabled(layer is not None)
        mode = BlendMode.NORMAL if layer is None else layer.blend_mode
        self._mode.setCurrentIndex(self._mode.findData(mode))
        self._opacity.set_value(100 if layer is None else round(layer.opacity * 100))

    def _show_menu(self, place: QPoint) -> None:
        index = self._tree.indexAt(place)
        if not index.isValid() or self._registry is None:
            return
        ids = CONTEXT
        if isinstance(self._layering.active, GeneratedLayer):
            ids = (*GENERATED_CONTEXT, *CONTEXT)
        self._registry.refresh()
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action_id in ids:
            if not action_id:
                menu.addSeparator()
            elif self._registry[action_id].isEnabled():
                menu.addAction(self._registry[action_id])
        menu.popup(self._tree.viewport().mapToGlobal(place))


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setAccessibleName(action.text())
    button.setAutoRaise(True)
    return button
