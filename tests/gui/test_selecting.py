from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.core.commands.layer import AddLayer
from studio.core.commands.selection import SetMask, SetSelection, Target
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.core.selection import Operation, rectangle
from studio.core.tiles import MaskSurface
from studio.gui.background import Background
from studio.gui.errands import Errands
from studio.gui.selecting import REFINEMENTS, Selecting
from studio.gui.workspace import ToolId, Workspace
from studio.tools import MagicWandTool, SelectSettings
from tests.helpers.documents import BLUE, RED, drag, records, solid

CANVAS, BOX = Bounds(0, 0, 200, 100), Bounds(20, 10, 60, 40)


class Desk:
    """A document with a red square on a layer, and what selects in it."""

    def __init__(self, background: Background) -> None:
        self.workspace = Workspace()
        self.workspace.replace_document(Document(CANVAS))
        self.selecting = Selecting(self.workspace, Errands(background))
        layer = RasterLayer.from_picture("square", solid(30, 30, RED))
        self.workspace.stack.push(AddLayer(layer))

    @property
    def document(self) -> Document:
        return self.workspace.document

    @property
    def selected(self) -> Bounds:
        return self.document.selection.used_bounds()

    @property
    def masked(self) -> Bounds:
        return self.document.mask.used_bounds()

    @property
    def last_step(self) -> str:
        return self.workspace.stack.undo_name

    def select(self, box: Bounds = BOX) -> None:
        self.workspace.stack.push(SetSelection(rectangle(box)))


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    background = Background()
    yield Desk(background)
    background.close()


def test_all_none_again_and_the_others(desk: Desk) -> None:
    selecting = desk.selecting
    assert selecting.is_empty and not selecting.can_reselect
    selecting.select_all()
    assert desk.selected == CANVAS
    selecting.deselect()
    assert selecting.is_empty
    selecting.reselect()
    assert desk.selected == CANVAS
    assert desk.last_step == "Reselect"
    selecting.invert()
    assert selecting.is_empty


def test_the_mask_is_changed_while_it_is_in_hand(desk: Desk) -> None:
    desk.document.frame = BOX
    desk.workspace.set_tool(ToolId.MASK)
    desk.selecting.select_all()
    assert desk.masked == BOX
    assert desk.last_step == "Mask everything"
    desk.selecting.invert()
    desk.workspace.set_tool(ToolId.BRUSH)
    assert desk.selecting.is_empty
    assert not desk.document.mask.is_empty


def test_or_while_it_was_chosen_for_it(desk: Desk) -> None:
    heard, targets = records(desk.selecting.changed), []
    for _ in range(2):
        desk.selecting.toggle_target()
        targets.append(desk.selecting.target)
    assert targets == [Target.MASK, Target.SELECTION]
    assert len(heard) == 2


@pytest.mark.parametrize("name", REFINEMENTS)
def test_amounts_are_tried_out_on_another_thread(desk: Desk, qtbot: QtBot, name: str) -> None:
    desk.select()
    before = desk.document.selection.read(CANVAS)
    trial = desk.selecting.trial(REFINEMENTS[name])
    trial.show(6)
    qtbot.waitUntil(lambda: bool((desk.document.selection.read(CANVAS) != before).any()))
    trial.accept()
    assert desk.last_step == f"{REFINEMENTS[name].title} selection"
    desk.workspace.stack.undo()
    assert (desk.document.selection.read(CANVAS) == before).all()


def test_the_active_layer_is_selected_by_shape_lights_and_mask(desk: Desk, qtbot: QtBot) -> None:
    selecting = desk.selecting
    selecting.from_alpha()
    qtbot.waitUntil(lambda: desk.selected == Bounds(0, 0, 30, 30))
    assert not selecting.has_layer_mask
    selecting.from_luminosity()
    qtbot.waitUntil(lambda: desk.last_step == "Select layer's lights")
    assert 0 < desk.document.selection.read(Bounds(5, 5, 1, 1)).item() < 128
    mask = MaskSurface(fill=255)
    mask.write(Bounds(0, 0, 100, 100), np.zeros((100, 100), np.uint8))
    assert desk.document.active is not None
    desk.document.active.mask = mask
    selecting.from_layer_mask()
    qtbot.waitUntil(lambda: desk.selected == Bounds(100, 0, 100, 100))


def test_the_selection_becomes_the_mask_and_the_other_way_round(desk: Desk) -> None:
    desk.select()
    desk.selecting.to_mask()
    assert desk.masked == BOX
    desk.workspace.stack.push(SetMask.from_bounds(Bounds(0, 0, 9, 9)))
    desk.selecting.from_painted_mask()
    assert desk.selected == Bounds(0, 0, 9, 9)


def test_channels_are_saved_loaded_and_removed(desk: Desk) -> None:
    desk.select()
    desk.selecting.save_channel("box")
    desk.select(Bounds(0, 0, 30, 20))
    desk.selecting.load_channel("box", Operation.INTERSECT)
    assert desk.selected == Bounds(20, 10, 10, 10)
    assert desk.last_step == "Load channel box"
    desk.selecting.remove_channel("box")
    assert not desk.document.channels


def clear(desk: Desk, qtbot: QtBot) -> None:
    """Clears, and waits until it is done."""
    done = desk.workspace.stack.index
    desk.selecting.clear_layer()
    qtbot.waitUntil(lambda: desk.workspace.stack.index > done)


def test_clearing_takes_what_is_selected_off_the_layer(desk: Desk, qtbot: QtBot) -> None:
    desk.select(Bounds(0, 0, 10, 100))
    clear(desk, qtbot)
    alpha = desk.document.flatten().array()[..., 3]
    assert not alpha[:, :10].any()
    assert (alpha[:30, 10:30] == 255).all()
    assert desk.last_step == "Clear"
    desk.selecting.deselect()
    clear(desk, qtbot)
    assert not desk.document.flatten().array().any()


def test_what_must_not_be_cleared_is_said(desk: Desk) -> None:
    said = records(desk.selecting.message)
    assert desk.document.active is not None
    desk.document.active.locked = True
    desk.selecting.clear_layer()
    assert "locked" in said[0][0]
    assert desk.last_step == "Add layer"


def test_filling_lays_the_colour_on_what_is_selected(desk: Desk, qtbot: QtBot) -> None:
    desk.workspace.set_colour(BLUE)
    desk.select()
    desk.selecting.fill_layer()
    qtbot.waitUntil(lambda: desk.last_step == "Fill")
    picture = desk.document.flatten().array()
    assert (picture[10:50, 20:80] == (*BLUE, 255)).all()
    assert (picture[..., 2] == 255).sum() == BOX.area


def test_what_must_not_be_filled_is_said(desk: Desk) -> None:
    said = records(desk.selecting.message)
    assert desk.document.active is not None
    desk.document.active.visible = False
    desk.selecting.fill_layer()
    assert "hidden" in said[0][0]


def test_the_frame_comes_to_what_is_selected(desk: Desk) -> None:
    desk.select()
    desk.selecting.frame_selection()
    assert desk.document.frame == BOX


def test_a_quick_mask_is_switched_on_and_off(desk: Desk) -> None:
    said = records(desk.selecting.message)
    desk.selecting.toggle_quick_mask()
    assert desk.selecting.is_quick_mask and desk.document.editing_selection
    assert "paint the selection" in said[0][0]
    desk.selecting.toggle_quick_mask()
    assert not desk.selecting.is_quick_mask


def test_tools_of_every_document_work_on_another_thread(desk: Desk, qtbot: QtBot) -> None:
    tab = desk.workspace.new_document(Document(CANVAS))
    tab.context.settings.change(SelectSettings, antialias=False)
    drag(MagicWandTool(tab.context), (5, 5))
    qtbot.waitUntil(lambda: desk.selected == CANVAS)


def test_delete_hides_by_the_mask_while_tools_paint_on_it(desk: Desk, qtbot: QtBot) -> None:
    layer = desk.document.layers[0]
    layer.mask = MaskSurface(255)
    desk.document.editing_mask = True
    desk.select(Bounds(0, 0, 10, 10))
    clear(desk, qtbot)
    assert layer.mask.used_bounds() == Bounds(0, 0, 10, 10)
    assert desk.last_step == "Clear layer mask"
    assert layer.bounds.contains(Bounds(0, 0, 30, 30))
    desk.workspace.stack.undo()
    desk.selecting.deselect()
    clear(desk, qtbot)
    assert not layer.mask.read(CANVAS).any()


def test_work_that_fails_is_told_after_tidying_up(desk: Desk, qtbot: QtBot) -> None:
    told: list[str] = []
    desk.selecting.message.connect(lambda words, *_: told.append(words))

    def work() -> None:
        raise KnownError("There is no memory left.")

    desk.workspace.current.context.run(
        work, lambda _: told.append("done"), lambda: told.append("tidied")
    )
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told == ["tidied", "There is no memory left."]
