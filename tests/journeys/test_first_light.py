"""The whole main job, with pointer and keys, on the real engine and the starter model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.app import open_gallery
from studio.gallery.entry import Entry
from tests.helpers.probe import ProbedApp
from tests.helpers.screen import VirtualScreen
from tests.journeys.conftest import PICTURES

pytestmark = [pytest.mark.journey, pytest.mark.engine, pytest.mark.timeout(600)]

SAMPLE = "a red boat on the sea"
HANDLE_DISTANCE = 12
PAINTING_SECONDS = 240


def stored(task: str) -> list[Entry]:
    """What the gallery holds of a task, newest first."""
    gallery = open_gallery()
    try:
        found = gallery.entries(limit=50)
    finally:
        gallery.close()
    return [entry for entry in found if entry.request.__struct_config__.tag == task]


def document(app: ProbedApp) -> dict[str, Any]:
    state: dict[str, Any] = app.ask("document")
    return state


def wait_for_candidates(app: ProbedApp, what: str) -> None:
    """Until as many candidates are staged as were asked for, and nothing runs any more."""
    app.wait_for(
        lambda: document(app)["candidates"] > 0 and app.ask("widget", "Generate"),
        f"candidates of {what}",
        PAINTING_SECONDS,
    )


def keep(app: ProbedApp, key: str = "") -> None:
    """Keeps the candidate shown, by a key over the canvas or else by the button."""
    before = len(document(app)["layers"])
    if key:
        app.screen.press(key)
    else:
        app.click("Keep")
    app.wait_for(lambda: len(document(app)["layers"]) == before + 1, "the new layer")


def write_prompt(app: ProbedApp, text: str) -> None:
    """Replaces what stands in the prompt."""
    app.screen.press("ctrl+p")
    app.screen.press("ctrl+a")
    app.screen.type(text)


def make_a_picture(app: ProbedApp) -> None:
    app.click(SAMPLE)
    wait_for_candidates(app, "the sample prompt")
    app.screen.save(PICTURES / "1-candidates.png")
    made = stored("text_to_image")
    assert {entry.request.prompt for entry in made} == {SAMPLE}
    assert len(made) == document(app)["candidates"]
    app.screen.press("Right")
    keep(app, "Return")


def repaint_what_is_masked(app: ProbedApp) -> None:
    app.click("Mask Brush")
    app.screen.drag(app.on_canvas(60, 50), app.on_canvas(120, 60), app.on_canvas(90, 90))
    app.wait_for(lambda: document(app)["is_masked"], "the mask")
    app.where("Fill the masked area")
    write_prompt(app, "a yellow sun over the sea")
    app.screen.save(PICTURES / "2-masked.png")
    app.screen.press("ctrl+Return")
    wait_for_candidates(app, "the masked area")
    app.screen.save(PICTURES / "3-inpainted.png")
    assert stored("inpaint")
    keep(app)


def undo_and_redo_it(app: ProbedApp) -> None:
    after = document(app)
    app.screen.press("ctrl+z")
    app.wait_for(lambda: document(app)["digest"] != after["digest"], "the picture before")
    app.screen.press("ctrl+shift+z")
    app.wait_for(lambda: document(app)["digest"] == after["digest"], "the picture after")


def extend_to_the_right(app: ProbedApp) -> None:
    inpaints = len(stored("inpaint"))
    x, y = app.on_canvas(256, 128)
    app.screen.move(x - 4, y)
    app.screen.drag((x + HANDLE_DISTANCE, y), app.on_canvas(384, 128))
    app.wait_for(lambda: document(app)["canvas"][2] > 256, "the wider canvas")
    app.screen.save(PICTURES / "4-extending.png")
    before = document(app)
    write_prompt(app, SAMPLE)
    app.screen.press("ctrl+Return")
    wait_for_candidates(app, "the extension")
    app.screen.save(PICTURES / "5-extended.png")
    assert len(stored("inpaint")) > inpaints
    keep(app)
    assert document(app)["canvas"] == before["canvas"]


def make_variations(app: ProbedApp) -> None:
    app.screen.press("ctrl+shift+v")
    app.wait_for(lambda: stored("variation"), "variations", PAINTING_SECONDS)
    app.wait_for(lambda: app.ask("widget", "Generate"), "the last variation", PAINTING_SECONDS)
    app.screen.save(PICTURES / "6-variations.png")


def close(app: ProbedApp) -> None:
    """Closes the window and throws the drawing away."""
    app.screen.press("ctrl+q")
    app.click("Discard")
    assert app.close() == 0


def test_prompt_paint_extend_vary_and_find_it_all_tomorrow(
    app: ProbedApp, screen: VirtualScreen, home: Path
) -> None:
    make_a_picture(app)
    repaint_what_is_masked(app)
    undo_and_redo_it(app)
    extend_to_the_right(app)
    make_variations(app)
    assert not {"torch", "diffusers", "transformers"} & set(app.ask("modules"))
    count = len([*stored("text_to_image"), *stored("inpaint"), *stored("variation")])
    close(app)

    tomorrow = ProbedApp(screen, home)
    try:
        tomorrow.where("Gallery")
        tomorrow.wait_for(lambda: tomorrow.ask("gallery") == count, "all pictures in the strip")
        screen.save(PICTURES / "7-tomorrow.png")
    finally:
        tomorrow.kill()
