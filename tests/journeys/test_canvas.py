"""A picture is painted, cut to size, saved and opened again with pointer and keys alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.helpers.probe import ProbedApp
from tests.journeys.conftest import PICTURES

pytestmark = [pytest.mark.journey, pytest.mark.timeout(180)]


def document(app: ProbedApp) -> dict[str, Any]:
    state: dict[str, Any] = app.ask("document")
    return state


def wait_for_step(app: ProbedApp, name: str) -> None:
    """Until the last step is called that."""
    app.wait_for(lambda: document(app)["steps"][-1:] == [name], f"the step {name!r}", 20, 0.05)


def press(app: ProbedApp, key: str, step: str) -> None:
    """Presses a key, and waits for the step that it makes."""
    app.screen.press(key)
    wait_for_step(app, step)


def drag(app: ProbedApp, *points: tuple[int, int]) -> None:
    """Drags over these points of the canvas."""
    app.screen.drag(*(app.on_canvas(*point) for point in points))


def click(app: ProbedApp, x: int, y: int) -> None:
    """Clicks on a point of the canvas."""
    app.screen.click(*app.on_canvas(x, y))


def name_file(app: ProbedApp, path: Path) -> None:
    """Answers the dialog that asks for a file."""
    app.where("fileNameEdit")
    app.screen.type(str(path))
    app.screen.press("Return")


def paint_a_ring(app: ProbedApp) -> None:
    press(app, "ctrl+shift+n", "Add layer")
    app.screen.press("b")
    drag(app, (60, 60), (190, 60), (190, 190), (60, 190), (60, 60))
    wait_for_step(app, "Paint stroke")


def fill_what_the_wand_selects(app: ProbedApp) -> None:
    app.screen.press("w")
    click(app, 125, 125)
    selected = app.wait_for(lambda: any(document(app)["selected"]) and document(app), "selection")
    x, y, width, height = selected["selected"]
    assert 60 < x < 100 < x + width < 190 and 60 < y < 100 < y + height < 190
    app.screen.press("g")
    click(app, 125, 125)
    wait_for_step(app, "Fill")
    app.screen.press("ctrl+d")
    app.wait_for(lambda: not any(document(app)["selected"]), "nothing selected")


def lay_a_gradient_and_transform_it(app: ProbedApp) -> None:
    press(app, "ctrl+shift+n", "Add layer")
    app.screen.press("shift+g")
    drag(app, (20, 128), (128, 100), (230, 128))
    wait_for_step(app, "Gradient")
    app.screen.press("shift+t")
    drag(app, (256, 256), (200, 200), (160, 170))
    app.screen.save(PICTURES / "canvas-1-transforming.png")
    press(app, "Return", "Transform")


def write(app: ProbedApp) -> None:
    app.screen.press("t")
    click(app, 30, 200)
    app.where("Text on the canvas")
    app.screen.type("lake")
    press(app, "ctrl+Return", "Add text")


def crop(app: ProbedApp) -> None:
    app.screen.press("shift+c")
    drag(app, (0, 0), (20, 20), (40, 30))
    app.screen.save(PICTURES / "canvas-2-cropping.png")
    app.screen.press("Return")
    app.wait_for(lambda: document(app)["canvas"][2] < 256, "the smaller canvas")


def undo_and_redo_all(app: ProbedApp, first: dict[str, Any]) -> None:
    last = document(app)
    for _ in last["steps"]:
        app.screen.press("ctrl+z")
    app.wait_for(lambda: not document(app)["steps"], "the first step undone")
    begun = document(app)
    assert (begun["digest"], begun["canvas"]) == (first["digest"], first["canvas"])
    for _ in last["steps"]:
        app.screen.press("ctrl+shift+z")
    app.wait_for(lambda: document(app)["steps"] == last["steps"], "the last step redone")
    done = document(app)
    assert (done["digest"], done["canvas"]) == (last["digest"], last["canvas"])


def test_everything_on_the_canvas_is_undone_saved_and_opened_again(
    app: ProbedApp, tmp_path: Path
) -> None:
    path = tmp_path / "lake.ora"
    first = document(app)
    paint_a_ring(app)
    fill_what_the_wand_selects(app)
    lay_a_gradient_and_transform_it(app)
    write(app)
    crop(app)
    undo_and_redo_all(app, first)
    last = document(app)
    app.screen.save(PICTURES / "canvas-3-done.png")
    app.screen.press("ctrl+s")
    name_file(app, path)
    app.wait_for(lambda: app.ask("tabs") == ["lake.ora"], "the saved document")
    app.screen.press("ctrl+w")
    app.wait_for(lambda: app.ask("tabs") == ["untitled"], "the closed document")
    app.screen.press("ctrl+o")
    name_file(app, path)
    app.wait_for(lambda: app.ask("tabs") == ["lake.ora"], "the opened document")
    opened = document(app)
    for what in ("digest", "canvas", "layers"):
        assert opened[what] == last[what]


def test_two_documents_keep_their_own_pictures_and_steps(app: ProbedApp) -> None:
    paint_a_ring(app)
    ring = document(app)
    app.screen.press("ctrl+n")
    app.wait_for(lambda: len(app.ask("tabs")) == 2, "the second tab")
    press(app, "ctrl+shift+n", "Add layer")
    app.screen.press("b")
    drag(app, (40, 128), (128, 60), (220, 128))
    wait_for_step(app, "Paint stroke")
    arc = document(app)
    assert arc["digest"] != ring["digest"]
    app.screen.save(PICTURES / "canvas-4-tabs.png")
    app.screen.press("ctrl+Tab")
    app.wait_for(lambda: document(app)["digest"] == ring["digest"], "the first document")
    app.screen.press("ctrl+z")
    app.wait_for(lambda: document(app)["steps"] == ["Add layer"], "its stroke undone")
    app.screen.press("ctrl+Tab")
    app.wait_for(lambda: document(app)["digest"] == arc["digest"], "the second document, whole")
    assert app.ask("tabs") == ["untitled*", "untitled 2*"]
