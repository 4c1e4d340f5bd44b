"""The program is killed while somebody paints, and the next start offers the drawing."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.probe import ProbedApp
from tests.helpers.screen import VirtualScreen
from tests.journeys.conftest import PICTURES

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]


def document(app: ProbedApp) -> dict[str, Any]:
    state: dict[str, Any] = app.ask("document")
    return state


def test_a_drawing_comes_back_after_a_crash(
    app: ProbedApp, screen: VirtualScreen, home: Path
) -> None:
    app.where("History")
    screen.press("ctrl+shift+n")
    app.wait_for(lambda: document(app)["layers"], "the layer")
    screen.drag(app.on_canvas(40, 40), app.on_canvas(200, 90), app.on_canvas(90, 200))
    painted = document(app)
    app.wait_for(lambda: app.ask("is_kept"), "the journal")
    app.process.send_signal(signal.SIGKILL)
    app.process.wait(30)

    again = ProbedApp(screen, home)
    again.where("Open untitled")
    screen.save(PICTURES / "9-not-saved.png")
    assert not document(again)["layers"]
    again.click("Open untitled")
    again.wait_for(lambda: document(again)["layers"], "the drawing")
    screen.save(PICTURES / "10-recovered.png")
    assert document(again)["digest"] == painted["digest"]
    assert again.ask("title").startswith("untitled*")
    again.kill()
