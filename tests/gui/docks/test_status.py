from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from studio.core.colour import Colour
from studio.core.geometry import Extent, Point
from studio.engine.protocol import EngineStatus
from studio.gui.docks.status import StatusPanel


@pytest.fixture
def status(qtbot: QtBot) -> StatusPanel:
    status = StatusPanel()
    qtbot.addWidget(status)
    status.show()
    return status


def words(status: StatusPanel) -> str:
    return " | ".join(label.text().strip() for label in status.findChildren(QLabel))


def test_it_tells_of_the_view(status: StatusPanel) -> None:
    status.show_zoom(0.667)
    status.show_canvas(Extent(1024, 512))
    status.show_pointer(Point(3, 4), Colour(63, 162, 200))
    assert "67 %" in words(status)
    assert "1024 × 512" in words(status)
    assert "#3fa2c8  3, 4" in words(status)
    status.show_pointer(None, None)
    assert "#3fa2c8" not in words(status)


def test_it_tells_of_the_engine(status: StatusPanel) -> None:
    status.show_model("Starter")
    assert "Starter · engine starting" in words(status)
    status.show_engine(EngineStatus(device="CPU", model="starter", memory=5 * 2**28))
    status.show_queue(1, 2)
    assert "Starter · CPU · 1 running, 2 waiting · 1.2 GB" in words(status)
    status.show_queue(0, 0)
    assert "running" not in words(status)
