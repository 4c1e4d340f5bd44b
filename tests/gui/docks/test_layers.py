"""The layers panel lists the layers and changes them by undoable commands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QListView, QMenu, QToolButton
from pytestqt.qtbot import QtBot

from studio.core.blend import BlendMode
from studio.core.commands.generation import AddGenerated
from studio.core.commands.layer import AddLayer, SetLayerProperty
from studio.core.document import Document
from studio.core.geometry import Bounds, Point
from studio.core.layers import GeneratedLayer, Layer, RasterLayer
from studio.gui.background import Background
from studio.gui.docks.layers import LayersPanel
from studio.gui.models.layers import thumbnail
from studio.gui.widgets.layer_row import eye_rect, lock_rect
from studio.gui.workspace import Workspace
from tests.gui.canvas.pictures import picture

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

CANVAS = Bounds(0, 0, 200, 100)


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    """A document with the layers "lower" and "upper"; the upper one is active."""
    workspace = Workspace()
    workspace.replace_document(Document(CANVAS))
    for name in ("lower", "upper"):
        workspace.stack.push(AddLayer(RasterLayer.from_picture(name, picture(64))))
    return workspace


@pytest.fixture
def panel(workspace: Workspace, qtbot: QtBot) -> Iterator[LayersPanel]:
    background = Background(1)
    panel = LayersPanel(workspace, background)
    qtbot.addWidget(panel)
    panel.resize(280, 500)
    panel.show()
    yield panel
    background.close()


def the_list(panel: LayersPanel) -> QListView:
    found = panel.findChild(QListView)
    assert isinstance(found, QListView)
    return found


def shown_names(panel: LayersPanel) -> list[str]:
    model = the_list(panel).model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def names(workspace: Workspace) -> list[str]:
    """From the bottom to the top."""
    return [layer.name for layer in workspace.document.layers]


def row(panel: LayersPanel, name: str) -> QModelIndex:
    return the_list(panel).model().index(shown_names(panel).index(name), 0)


def layer(workspace: Workspace, name: str) -> Layer:
    return workspace.document.layers[names(workspace).index(name)]


def click(panel: LayersPanel, place: QPoint) -> None:
    QTest.mouseClick(
        the_list(panel).viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        place,
    )


def place_of(panel: LayersPanel, name: str) -> QRect:
    return the_list(panel).visualRect(row(panel, name))


def press_button(panel: LayersPanel, name: str) -> None:
    button = next(b for b in panel.findChildren(QToolButton) if b.text() == name)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_topmost_layer_is_the_first_row(panel: LayersPanel) -> None:
    assert shown_names(panel) == ["upper", "lower"]
    assert the_list(panel).currentIndex().data() == "upper"


def test_clicking_a_row_makes_its_layer_active(panel: LayersPanel, workspace: Workspace) -> None:
    click(panel, place_of(panel, "lower").center())
    assert workspace.document.active is layer(workspace, "lower")
    assert workspace.stack.undo_name == "Add layer"


def test_the_active_layer_is_marked_whoever_chose_it(
    panel: LayersPanel, workspace: Workspace
) -> None:
    workspace.document.active = layer(workspace, "lower")
    assert the_list(panel).currentIndex().data() == "lower"


def test_the_eye_hides_and_undo_shows_again(panel: LayersPanel, workspace: Workspace) -> None:
    click(panel, eye_rect(place_of(panel, "lower")).center())
    assert not layer(workspace, "lower").visible
    assert workspace.document.active is layer(workspace, "upper")
    workspace.stack.undo()
    assert layer(workspace, "lower").visible


def test_the_lock_locks(panel: LayersPanel, workspace: Workspace) -> None:
    click(panel, lock_rect(place_of(panel, "upper")).center())
    assert layer(workspace, "upper").locked
    assert workspace.stack.undo_name == "Lock layer"


def test_a_new_name_is_a_step_and_a_blank_one_is_not_taken(
    panel: LayersPanel, workspace: Workspace
) -> None:
    model = the_list(panel).model()
    assert model.setData(row(panel, "upper"), "sky")
    assert names(workspace) == ["lower", "sky"]
    assert workspace.stack.undo_name == "Rename layer"
    assert not model.setData(row(panel, "sky"), "   ")
    assert names(workspace) == ["lower", "sky"]


def test_dragging_the_opacity_is_one_step(panel: LayersPanel, workspace: Workspace) -> None:
    number = next(n for n in panel.findChildren(QDoubleSpinBox) if n.accessibleName() == "Opacity")
    for percent in (80, 60, 40):
        number.setValue(percent)
    assert layer(workspace, "upper").opacity == pytest.approx(0.4)
    workspace.stack.undo()
    assert layer(workspace, "upper").opacity == 1.0
    assert number.value() == 100


def test_a_second_drag_is_a_second_step(
    panel: LayersPanel, workspace: Workspace, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed: list[str] = []
    seal = workspace.stack.seal

    def watched() -> None:
        seal()
        sealed.append(workspace.stack.undo_name)

    monkeypatch.setattr(workspace.stack, "seal", watched)
    number = next(n for n in panel.findChildren(QDoubleSpinBox) if n.accessibleName() == "Opacity")
    number.setValue(80)
    qtbot.waitUntil(lambda: bool(sealed))
    number.setValue(50)
    workspace.stack.undo()
    assert layer(workspace, "upper").opacity == pytest.approx(0.8)


def test_choosing_a_mode_sets_it(panel: LayersPanel, workspace: Workspace) -> None:
    modes = panel.findChild(QComboBox)
    assert isinstance(modes, QComboBox)
    position = modes.findData(BlendMode.MULTIPLY)
    modes.setCurrentIndex(position)
    modes.activated.emit(position)
    assert layer(workspace, "upper").blend_mode is BlendMode.MULTIPLY
    workspace.stack.undo()
    assert modes.currentData() is BlendMode.NORMAL


def test_dragging_a_row_reorders(panel: LayersPanel, workspace: Workspace) -> None:
    workspace.stack.push(AddLayer(RasterLayer("top")))
    model, root = the_list(panel).model(), QModelIndex()
    assert model.moveRow(root, 0, root, 3)
    assert names(workspace) == ["top", "lower", "upper"]
    assert model.moveRow(root, 1, root, 0)
    assert names(workspace) == ["top", "upper", "lower"]
    assert not model.moveRow(root, 1, root, 2)
    workspace.stack.undo()
    workspace.stack.undo()
    assert names(workspace) == ["lower", "upper", "top"]


def test_the_buttons_add_duplicate_merge_and_remove(
    panel: LayersPanel, workspace: Workspace
) -> None:
    press_button(panel, "New layer")
    assert names(workspace) == ["lower", "upper", "Layer 3"]
    press_button(panel, "Remove layer")
    assert workspace.document.active is layer(workspace, "upper")
    press_button(panel, "Duplicate layer")
    assert names(workspace) == ["lower", "upper", "upper copy"]
    press_button(panel, "Merge down")
    assert names(workspace) == ["lower", "upper"]
    assert workspace.stack.undo_name == "Merge down"


def test_what_cannot_be_merged_is_said(panel: LayersPanel, workspace: Workspace) -> None:
    said: list[str] = []
    panel.refused.connect(said.append)
    workspace.stack.push(SetLayerProperty(layer(workspace, "lower"), "locked", True))
    press_button(panel, "Merge down")
    assert said and "locked" in said[0]
    assert names(workspace) == ["lower", "upper"]


def test_the_lowest_layer_offers_no_merge(panel: LayersPanel, workspace: Workspace) -> None:
    workspace.document.active = layer(workspace, "lower")
    button = next(b for b in panel.findChildren(QToolButton) if b.text() == "Merge down")
    assert not button.isEnabled()


def test_delete_removes_the_chosen_layer(panel: LayersPanel, workspace: Workspace) -> None:
    the_list(panel).setFocus()
    QTest.keyClick(the_list(panel), Qt.Key.Key_Delete)
    assert names(workspace) == ["lower"]


def test_a_generated_layer_is_told_and_shows_its_prompt(
    panel: LayersPanel, workspace: Workspace, qtbot: QtBot
) -> None:
    workspace.stack.push(AddGenerated(picture(32), Point(0, 0), b"{}", "a fox"))
    text = row(panel, "a fox").data(Qt.ItemDataRole.AccessibleTextRole)
    assert text == "a fox, generated"
    prompt = _menu_action(panel, "Show the prompt")
    with qtbot.waitSignal(panel.prompt_requested) as signal:
        prompt.trigger()
    assert signal.args is not None and isinstance(signal.args[0], GeneratedLayer)


def test_the_state_of_a_layer_is_there_in_words(panel: LayersPanel, workspace: Workspace) -> None:
    upper = layer(workspace, "upper")
    workspace.stack.push(SetLayerProperty(upper, "opacity", 0.5))
    workspace.stack.push(SetLayerProperty(upper, "visible", False))
    text = row(panel, "upper").data(Qt.ItemDataRole.AccessibleTextRole)
    assert text == "upper, 50%, hidden"


def test_thumbnails_come_by_themselves_and_follow_the_layer(
    panel: LayersPanel, workspace: Workspace, qtbot: QtBot
) -> None:
    def thumb() -> QImage | None:
        image = row(panel, "upper").data(Qt.ItemDataRole.DecorationRole)
        return image if isinstance(image, QImage) else None

    qtbot.waitUntil(lambda: thumb() is not None)
    first = thumb()
    upper = layer(workspace, "upper")
    assert isinstance(upper, RasterLayer)
    upper.surface.clear(CANVAS)
    upper.touch(CANVAS)
    qtbot.waitUntil(lambda: thumb() != first)


def test_a_thumbnail_shows_the_pixels_whatever_the_opacity() -> None:
    faint = RasterLayer.from_picture("faint", picture(64), opacity=0.1, visible=False)
    image = thumbnail(faint.snapshot(), Bounds(0, 0, 64, 64))
    assert image.pixelColor(10, 10).getRgb() == (200, 40, 40, 255)
    assert max(image.width(), image.height()) <= 80


def test_another_document_brings_its_own_layers(panel: LayersPanel, workspace: Workspace) -> None:
    workspace.replace_document(Document(CANVAS))
    assert shown_names(panel) == []
    press_button(panel, "New layer")
    assert shown_names(panel) == ["Layer 1"]


def test_arrow_keys_choose_layers(panel: LayersPanel, workspace: Workspace) -> None:
    layers = the_list(panel)
    layers.selectionModel().setCurrentIndex(
        row(panel, "upper"), QItemSelectionModel.SelectionFlag.ClearAndSelect
    )
    QTest.keyClick(layers, Qt.Key.Key_Down)
    assert workspace.document.active is layer(workspace, "lower")


def _menu_action(panel: LayersPanel, text: str) -> QAction:
    """Opens the context menu of the active layer's row."""
    layers = the_list(panel)
    layers.customContextMenuRequested.emit(layers.visualRect(layers.currentIndex()).center())
    return next(
        action
        for menu in panel.findChildren(QMenu)
        for action in menu.actions()
        if action.text() == text and action.isVisible()
    )
