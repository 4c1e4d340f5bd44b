"""The layers panel lists the layers and changes them by undoable commands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit, QMenu, QToolButton
from pytestqt.qtbot import QtBot

from studio.core.blend import BlendMode
from studio.core.commands.generation import AddGenerated
from studio.core.commands.grouping import GroupLayers
from studio.core.commands.layer import AddLayer, SetLayerProperty
from studio.core.commands.masking import AddMask
from studio.core.document import Document
from studio.core.geometry import Bounds, Point
from studio.core.layers import GroupLayer, Layer, RasterLayer
from studio.core.selection import rectangle
from studio.gui.actions.layer_bindings import bind_layers
from studio.gui.actions.layer_specs import LAYER
from studio.gui.actions.layering import Layering
from studio.gui.actions.registry import ActionRegistry
from studio.gui.background import Background
from studio.gui.docks.layers import LayersPanel
from studio.gui.models.layer_thumbnails import thumbnail
from studio.gui.models.layers import LayerRole, LayersModel
from studio.gui.widgets.layer_row import RowGeometry
from studio.gui.widgets.layer_tree import LayerTree
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
def layering(workspace: Workspace) -> Iterator[Layering]:
    background = Background(1)
    yield Layering(workspace, background)
    background.close()


@pytest.fixture
def panel(workspace: Workspace, layering: Layering, qtbot: QtBot) -> Iterator[LayersPanel]:
    background = Background(1)
    panel = LayersPanel(workspace, layering, background)
    qtbot.addWidget(panel)
    registry = ActionRegistry(LAYER, panel, panel)
    bind_layers(registry, layering, panel.edit_name)
    for action_id in registry.unbound:
        registry.bind(action_id, lambda: None)
    panel.adopt(registry)
    registry.refresh()
    panel.resize(280, 600)
    panel.show()
    yield panel
    background.close()


def the_list(panel: LayersPanel) -> LayerTree:
    found = panel.findChild(LayerTree)
    assert isinstance(found, LayerTree)
    return found


def shown_names(panel: LayersPanel) -> list[str]:
    """From the top to the bottom, folded ones left out."""
    tree, names = the_list(panel), []
    index = tree.model().index(0, 0)
    while index.isValid():
        names.append(index.data())
        index = tree.indexBelow(index)
    return names


def names(workspace: Workspace) -> list[str]:
    """From the bottom to the top."""
    return [layer.name for layer in workspace.document.layers]


def row(panel: LayersPanel, name: str) -> QModelIndex:
    model = the_list(panel).model()
    assert isinstance(model, LayersModel)
    return model.index_of(next(layer for layer in model.layers() if layer.name == name))


def layer(workspace: Workspace, name: str) -> Layer:
    return next(layer for layer in workspace.document.walk() if layer.name == name)


def click(
    panel: LayersPanel,
    place: QPoint,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    QTest.mouseClick(the_list(panel).viewport(), Qt.MouseButton.LeftButton, modifiers, place)


def parts(panel: LayersPanel, name: str) -> RowGeometry:
    return RowGeometry(place_of(panel, name), row(panel, name))


def place_of(panel: LayersPanel, name: str) -> QRect:
    return the_list(panel).visualRect(row(panel, name))


def press_button(panel: LayersPanel, name: str) -> None:
    button = next(b for b in panel.findChildren(QToolButton) if b.accessibleName() == name)
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
    click(panel, parts(panel, "lower").eye.center())
    assert not layer(workspace, "lower").visible
    assert workspace.document.active is layer(workspace, "upper")
    workspace.stack.undo()
    assert layer(workspace, "lower").visible


def test_the_lock_locks(panel: LayersPanel, workspace: Workspace) -> None:
    click(panel, parts(panel, "upper").lock.center())
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


def drop(panel: LayersPanel, name: str, place: QPoint) -> bool:
    """Drops a dragged layer there, as far as the model allows it; Qt's own drag needs a screen."""
    tree = the_list(panel)
    goal, model = tree.goal(place), tree.model()
    data, action = model.mimeData([row(panel, name)]), Qt.DropAction.MoveAction
    if not model.canDropMimeData(data, action, goal.row, 0, goal.parent):
        return False
    model.dropMimeData(data, action, goal.row, 0, goal.parent)
    return True


def test_a_row_dropped_on_the_edge_of_another_goes_beside_it(
    panel: LayersPanel, workspace: Workspace
) -> None:
    workspace.stack.push(AddLayer(RasterLayer("top")))
    lower = place_of(panel, "lower")
    assert drop(panel, "top", lower.topLeft() + QPoint(60, lower.height() - 3))
    assert names(workspace) == ["top", "lower", "upper"]
    upper = place_of(panel, "upper")
    assert drop(panel, "top", upper.topLeft() + QPoint(60, 2))
    assert names(workspace) == ["lower", "upper", "top"]
    workspace.stack.undo()
    workspace.stack.undo()
    assert names(workspace) == ["lower", "upper", "top"]


def test_a_row_dropped_below_all_rows_goes_to_the_bottom(
    panel: LayersPanel, workspace: Workspace
) -> None:
    assert drop(panel, "upper", the_list(panel).viewport().rect().bottomLeft())
    assert names(workspace) == ["upper", "lower"]


def test_a_row_dropped_on_a_group_goes_into_it_and_comes_out_again(
    panel: LayersPanel, workspace: Workspace
) -> None:
    group = GroupLayer("group")
    workspace.stack.push(AddLayer(group))
    assert drop(panel, "lower", place_of(panel, "group").center())
    assert [layer.name for layer in group.layers] == ["lower"]
    assert shown_names(panel) == ["group", "lower", "upper"]
    assert not drop(panel, "group", place_of(panel, "group").center())
    upper = place_of(panel, "upper")
    assert drop(panel, "lower", upper.bottomLeft() + QPoint(60, -2))
    assert names(workspace) == ["lower", "upper", "group"]


def test_groups_fold_and_unfold(panel: LayersPanel, workspace: Workspace) -> None:
    workspace.stack.push(GroupLayers([layer(workspace, "lower")], "group"))
    assert shown_names(panel) == ["upper", "group", "lower"]
    click(panel, parts(panel, "group").fold.center())
    assert shown_names(panel) == ["upper", "group"]
    workspace.stack.push(AddLayer(RasterLayer("top")))
    assert "lower" not in shown_names(panel)
    click(panel, parts(panel, "group").fold.center())
    assert "lower" in shown_names(panel)


def test_several_layers_are_chosen_and_changed_together(
    panel: LayersPanel, workspace: Workspace
) -> None:
    click(panel, parts(panel, "upper").words.center())
    click(panel, parts(panel, "lower").words.center(), Qt.KeyboardModifier.ControlModifier)
    assert [layer.name for layer in workspace.current.chosen] == ["lower", "upper"]
    assert workspace.document.active is layer(workspace, "lower")
    number = next(n for n in panel.findChildren(QDoubleSpinBox) if n.accessibleName() == "Opacity")
    number.setValue(30)
    assert [each.opacity for each in workspace.document.layers] == [0.3, 0.3]
    click(panel, parts(panel, "upper").eye.center())
    assert [each.visible for each in workspace.document.layers] == [False, False]
    workspace.stack.undo()
    workspace.stack.undo()
    assert [each.opacity for each in workspace.document.layers] == [1.0, 1.0]


def test_a_click_on_a_thumbnail_chooses_between_layer_and_mask(
    panel: LayersPanel, workspace: Workspace
) -> None:
    document = workspace.document
    workspace.stack.push(AddMask(layer(workspace, "upper")))
    click(panel, parts(panel, "upper").mask.center())
    assert document.editing_mask
    click(panel, parts(panel, "upper").picture.center())
    assert not document.editing_mask
    click(panel, parts(panel, "upper").mask.center(), Qt.KeyboardModifier.ShiftModifier)
    assert not layer(workspace, "upper").mask_enabled
    workspace.document.editing_mask = True
    click(panel, parts(panel, "lower").words.center())
    assert not document.editing_mask


def test_ctrl_on_a_thumbnail_selects_what_the_layer_shows(
    panel: LayersPanel, workspace: Workspace, qtbot: QtBot
) -> None:
    click(panel, parts(panel, "upper").picture.center(), Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: workspace.document.has_selection)
    assert workspace.document.selection.used_bounds() == Bounds(0, 0, 64, 64)


def test_thumbnails_of_masks_come_by_themselves(
    panel: LayersPanel, workspace: Workspace, qtbot: QtBot
) -> None:
    workspace.stack.push(AddMask(layer(workspace, "upper"), rectangle(Bounds(0, 0, 100, 100))))
    qtbot.waitUntil(lambda: row(panel, "upper").data(LayerRole.MASK) is not None)
    image = row(panel, "upper").data(LayerRole.MASK)
    assert image.size() == row(panel, "upper").data(Qt.ItemDataRole.DecorationRole).size()
    assert image.pixelColor(10, 10).lightness() == 255
    assert image.pixelColor(image.width() - 10, 10).lightness() == 0


def test_the_buttons_add_duplicate_merge_and_remove(
    panel: LayersPanel, workspace: Workspace
) -> None:
    press_button(panel, "New Layer")
    assert names(workspace) == ["lower", "upper", "Layer 3"]
    press_button(panel, "Remove Layer")
    assert workspace.document.active is layer(workspace, "upper")
    press_button(panel, "Duplicate")
    assert names(workspace) == ["lower", "upper", "upper copy"]
    press_button(panel, "Merge Down")
    assert names(workspace) == ["lower", "upper"]
    assert workspace.stack.undo_name == "Merge down"


def test_what_cannot_be_merged_is_said(
    panel: LayersPanel, layering: Layering, workspace: Workspace
) -> None:
    said: list[str] = []
    layering.refused.connect(said.append)
    workspace.stack.push(SetLayerProperty(layer(workspace, "lower"), "locked", True))
    press_button(panel, "Merge Down")
    assert said and "locked" in said[0]
    assert names(workspace) == ["lower", "upper"]


def test_delete_removes_the_chosen_layer(panel: LayersPanel, workspace: Workspace) -> None:
    the_list(panel).setFocus()
    QTest.keyClick(the_list(panel), Qt.Key.Key_Delete)
    assert names(workspace) == ["lower"]


def test_the_menu_offers_what_the_layer_can(panel: LayersPanel, workspace: Workspace) -> None:
    assert "Edit Prompt" not in menu_texts(panel)
    workspace.stack.push(AddGenerated(picture(32), Point(0, 0), b"{}", "a fox"))
    text = row(panel, "a fox").data(Qt.ItemDataRole.AccessibleTextRole)
    assert text == "a fox, generated"
    assert {"Re-roll", "Edit Prompt", "Rasterise"} <= set(menu_texts(panel))
    assert "Ungroup Layers" not in menu_texts(panel)
    workspace.stack.push(GroupLayers([layer(workspace, "a fox")]))
    assert {"Ungroup Layers", "Flatten Group"} <= set(menu_texts(panel))


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
    press_button(panel, "New Layer")
    assert shown_names(panel) == ["Layer 1"]


def test_arrow_keys_choose_layers(panel: LayersPanel, workspace: Workspace) -> None:
    layers = the_list(panel)
    layers.selectionModel().setCurrentIndex(
        row(panel, "upper"), QItemSelectionModel.SelectionFlag.ClearAndSelect
    )
    QTest.keyClick(layers, Qt.Key.Key_Down)
    assert workspace.document.active is layer(workspace, "lower")


def menu_texts(panel: LayersPanel) -> list[str]:
    """Opens the context menu of the active layer's row, and reads it."""
    layers = the_list(panel)
    layers.customContextMenuRequested.emit(layers.visualRect(layers.currentIndex()).center())
    menu = panel.findChildren(QMenu)[-1]
    texts = [action.text() for action in menu.actions()]
    menu.close()
    return texts


def test_asking_twice_for_another_name_goes_on_with_the_first(
    panel: LayersPanel, workspace: Workspace, qtbot: QtBot
) -> None:
    panel.edit_name()
    (field,) = the_list(panel).findChildren(QLineEdit)
    field.setText("boat")
    panel.edit_name()
    assert the_list(panel).findChildren(QLineEdit) == [field]
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "boat" in names(workspace))
