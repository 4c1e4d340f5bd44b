from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QToolButton
from pytestqt.qtbot import QtBot

from studio.core.colour import Colour
from studio.core.geometry import Extent, Point
from studio.engine.protocol import EngineStatus, Loading
from studio.generation.memory import GIB, MemoryPlan, Rung
from studio.gui.docks.status import StatusPanel
from studio.gui.theme import DARK, style_sheet


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
    assert "Starter · CPU · 1.2 GB" in words(status)
    status.show_engine(EngineStatus(device="CPU", memory=2**28))
    assert "Starter · CPU · not loaded · 256 MB" in words(status)


def test_it_tells_how_the_model_is_fitted_into_memory(status: StatusPanel) -> None:
    plan = MemoryPlan(rung=Rung.MODULES, needed=4 * GIB, total=6 * GIB, is_shared=False)
    status.show_engine(EngineStatus(device="GPU", model="m", plan=plan))
    [label] = [each for each in status.findChildren(QLabel) if each.toolTip() == plan.line]
    assert "GPU" in label.text()
    status.show_engine(EngineStatus(device="GPU"))
    assert not label.toolTip()


@pytest.mark.parametrize(
    ("loading", "said"),
    [
        (Loading(), "CPU · loading"),
        (Loading(done=2**30, total=2**32), "CPU · loading 1.0 GB of 4.0 GB"),
    ],
)
def test_it_tells_how_far_a_model_is_loaded_that_nothing_waits_for(
    status: StatusPanel, loading: Loading, said: str
) -> None:
    status.show_engine(EngineStatus(device="CPU", loading=loading))
    assert words(status).endswith(said)


def test_its_button_tells_of_the_queue_and_unfolds_it(qtbot: QtBot, status: StatusPanel) -> None:
    status.show_queue(1, 2, paused=False)
    [button] = [each for each in status.findChildren(QToolButton) if each.text()]
    assert button.text() == "1 running, 2 waiting"
    with qtbot.waitSignal(status.queue_requested):
        button.click()
    status.show_queue(0, 2, paused=True)
    assert button.text() == "queue paused, 2 waiting"
    status.show_queue(0, 0, paused=False)
    assert button.isHidden()


def test_it_stays_as_high_whether_a_job_runs_or_not(status: StatusPanel) -> None:
    status.setStyleSheet(style_sheet(DARK))
    [button] = (b for b in status.findChildren(QToolButton) if b.accessibleName() == "Queue")
    without = button.sizeHint().height()
    status.show_queue(1, 0, paused=False)
    assert button.sizeHint().height() == without
