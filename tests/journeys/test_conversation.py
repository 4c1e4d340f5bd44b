"""Talking about a picture to a model that follows instructions, with pointer and keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio import paths
from studio.app import open_gallery
from studio.files.pictures import write_picture
from studio.generation.catalog import MODELS_FILE
from studio.generation.request import InstructionEdit
from tests.helpers.pictures import smooth
from tests.helpers.probe import ProbedApp
from tests.helpers.screen import VirtualScreen
from tests.journeys.conftest import PICTURES

pytestmark = [pytest.mark.journey, pytest.mark.engine, pytest.mark.timeout(300)]

PAINTING_SECONDS = 120


@pytest.fixture
def talking(screen: VirtualScreen, home: Path, tmp_path: Path) -> Iterator[ProbedApp]:
    """The program with a picture open, and tiny models beside the starter."""
    from tests.helpers.tiny import save_models

    paths.config().mkdir(parents=True)
    save_models(tmp_path, ("stable_diffusion",)).rename(paths.config() / MODELS_FILE)
    picture = tmp_path / "sea.png"
    write_picture(picture, smooth(96, 64))
    program = ProbedApp(screen, home, str(picture))
    yield program
    program.kill()


def say(app: ProbedApp, words: str) -> None:
    """Writes what should change, and waits for the answer."""
    app.click("What should change")
    app.screen.type(words)
    app.screen.press("Return")
    app.wait_for(lambda: app.ask("widget", f"Go on from: {words}"), words, PAINTING_SECONDS)


def test_a_picture_is_changed_turn_by_turn_and_branched(talking: ProbedApp) -> None:
    app = talking
    app.wait_for(lambda: app.ask("document")["layers"], "the picture")
    app.screen.press("ctrl+shift+t")
    app.where("Go on from: It began with this.")
    app.screen.save(PICTURES / "talk-1-begun.png")
    say(app, "make the sky pink")
    say(app, "add a boat")
    app.screen.save(PICTURES / "talk-2-turns.png")
    app.click("Go on from: make the sky pink")
    say(app, "make it night")
    app.screen.save(PICTURES / "talk-3-branch.png")
    app.click("Lay on the canvas: make it night")
    app.wait_for(lambda: "make it night" in app.ask("document")["layers"], "the layer")
    gallery = open_gallery()
    try:
        made = {entry.prompt: entry for entry in gallery.entries()}
    finally:
        gallery.close()
    assert all(isinstance(entry.request, InstructionEdit) for entry in made.values())
    pink = made["make the sky pink"].id
    assert made["add a boat"].parents == made["make it night"].parents == (pink,)
