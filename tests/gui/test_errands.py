"""Slow work tells how far it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from studio.gui.background import Background
from studio.gui.docks.status import ErrandLine
from studio.gui.errands import Errand, Errands, Report


@pytest.fixture
def errands(qtbot: QtBot) -> Iterator[Errands]:
    background = Background(2)
    yield Errands(background)
    background.close()


def refused(error: Exception) -> None:
    raise error


def unexpected(result: None) -> None:
    pytest.fail("it should not have come to a result")


def test_an_errand_is_under_way_until_its_result_is_there(qtbot: QtBot, errands: Errands) -> None:
    go_on = threading.Event()
    results: list[int] = []

    def work(report: Report) -> int:
        report(0.5)
        go_on.wait(5)
        return 7

    errands.run("Opening lake.ora", work, results.append, refused)
    assert list(errands.under_way) == [Errand("Opening lake.ora")]
    qtbot.waitUntil(lambda: errands.under_way[0].fraction == 0.5)
    assert not results
    go_on.set()
    qtbot.waitUntil(lambda: results == [7])
    assert not errands.under_way


def test_an_errand_that_fails_is_over_before_anybody_hears_of_it(
    qtbot: QtBot, errands: Errands
) -> None:
    heard: list[tuple[str, int]] = []

    def work(report: Report) -> None:
        raise OSError("no")

    errands.run(
        "Saving",
        work,
        unexpected,
        lambda error: heard.append((str(error), len(errands.under_way))),
    )
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == [("no", 0)]


def test_only_work_that_takes_a_while_is_shown(qtbot: QtBot) -> None:
    line = ErrandLine()
    qtbot.addWidget(line)
    line.show_errands((Errand("Opening lake.ora", 0.25), Errand("Saving boat.ora")))
    assert line.isHidden()
    qtbot.waitUntil(lambda: not line.isHidden())
    words = [label.text() for label in line.findChildren(QLabel)]
    assert words == ["Opening lake.ora and 1 more…"]
    line.show_errands(())
    assert line.isHidden()


def test_a_cancelled_errand_ends_at_its_next_report_without_a_word(
    qtbot: QtBot, errands: Errands
) -> None:
    cancelled = threading.Event()
    reports: list[str] = []

    def work(report: Report) -> None:
        report(0.1)
        cancelled.wait(5)
        report(0.2)
        reports.append("went on")

    errands.run("Opening lake.ora", work, unexpected, refused)
    errands.cancel()
    cancelled.set()
    qtbot.waitUntil(lambda: not errands.under_way)
    assert not reports
