"""The view menu moves the view and shows aids, and leaves the picture as it is."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from studio.core.commands.canvas import SetFrame, SetGuides
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.guides import Guide, Orientation
from studio.core.snapping import SnapSettings
from studio.gui.actions.registry import ActionRegistry
from studio.gui.actions.viewing import VIEW_SPECS, bind_viewing
from studio.gui.canvas.aids import AidSettings
from studio.gui.canvas.view import CanvasView
from studio.gui.workspace import Workspace
from tests.gui.canvas.looks import grey


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    workspace = Workspace()
    workspace.replace_document(Document(Bounds(0, 0, 400, 300)))
    return workspace


@pytest.fixture
def view(workspace: Workspace, qtbot: QtBot) -> CanvasView:
    view = CanvasView(workspace)
    qtbot.addWidget(view)
    view.resize(600, 500)
    view.show()
    return view


@pytest.fixture
def registry(workspace: Workspace, view: CanvasView) -> ActionRegistry:
    registry = ActionRegistry(VIEW_SPECS, view, view)
    bind_viewing(registry, view, workspace)
    registry.refresh()
    return registry


def test_the_view_is_turned_in_steps_and_set_upright(
    registry: ActionRegistry, view: CanvasView
) -> None:
    registry.run("view.turn_right")
    registry.run("view.turn_right")
    registry.run("view.turn_left")
    assert view.viewport.rotation == 15.0
    registry.run("view.upright")
    assert view.viewport.rotation == 0.0


def test_the_mirror_is_a_state_of_the_view(registry: ActionRegistry, view: CanvasView) -> None:
    registry.run("view.mirror")
    assert view.viewport.mirrored and registry["view.mirror"].isChecked()
    registry.run("view.mirror")
    assert not view.viewport.mirrored


def test_frame_and_selection_are_fitted(
    registry: ActionRegistry, view: CanvasView, workspace: Workspace
) -> None:
    workspace.stack.push(SetFrame(Bounds(20, 30, 100, 80)))
    registry.run("view.fit_frame")
    assert view.viewport.rect_to_widget(Bounds(20, 30, 100, 80)).center().x() == pytest.approx(300)
    assert view.zoom > 4.0
    assert not registry["view.fit_selection"].isEnabled()
    workspace.document.selection.write(Bounds(200, 100, 1, 1), grey(255))
    workspace.document.touch_selection(Bounds(200, 100, 1, 1))
    registry.refresh()
    registry.run("view.fit_selection")
    assert view.zoom == 64.0


@pytest.mark.parametrize(
    ("action", "kind", "name"),
    [
        ("view.rulers", AidSettings, "rulers"),
        ("view.guides", AidSettings, "guides"),
        ("view.lock_guides", AidSettings, "guides_locked"),
        ("view.grid", AidSettings, "grid"),
        ("view.snap", SnapSettings, "enabled"),
    ],
)
def test_aids_are_switched(
    registry: ActionRegistry, workspace: Workspace, action: str, kind: type, name: str
) -> None:
    before = getattr(workspace.tool_settings[kind], name)
    assert registry[action].isChecked() is before
    registry.run(action)
    assert getattr(workspace.tool_settings[kind], name) is not before
    assert registry[action].isChecked() is not before


def test_all_guides_go_as_one_step(registry: ActionRegistry, workspace: Workspace) -> None:
    guides = tuple(Guide(Orientation.VERTICAL, place) for place in (10, 20, 30))
    workspace.stack.push(SetGuides(guides))
    registry.refresh()
    registry.run("view.clear_guides")
    assert workspace.document.guides == ()
    workspace.stack.undo()
    assert workspace.document.guides == guides


@pytest.mark.parametrize(("accepted", "spacing"), [(True, 17), (False, 64)])
def test_the_spacing_of_the_grid_is_asked_for_and_shown_meanwhile(
    registry: ActionRegistry,
    workspace: Workspace,
    view: CanvasView,
    accepted: bool,
    spacing: int,
) -> None:
    registry.run("view.spacing")
    dialog = view.findChild(QInputDialog)
    assert isinstance(dialog, QInputDialog)
    dialog.setIntValue(17)
    assert workspace.tool_settings[AidSettings].spacing == 17
    dialog.accept() if accepted else dialog.reject()
    assert workspace.tool_settings[AidSettings].spacing == spacing
