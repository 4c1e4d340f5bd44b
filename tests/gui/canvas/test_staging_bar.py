"""The bar says where one is among the candidates and asks for what is to become of them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from studio.gui.canvas.staging import StagingModel
from studio.gui.canvas.staging_bar import StagingBar
from tests.gui.canvas.pictures import run, stored


@pytest.fixture
def staging(qtbot: QtBot) -> StagingModel:
    return StagingModel()


@pytest.fixture
def bar(qtbot: QtBot, staging: StagingModel) -> StagingBar:
    bar = StagingBar(staging)
    qtbot.addWidget(bar)
    return bar


def button(bar: StagingBar, name: str) -> QAbstractButton:
    return next(b for b in bar.findChildren(QAbstractButton) if b.accessibleName() == name)


def text(bar: StagingBar, name: str) -> str:
    return next(x for x in bar.findChildren(QLabel) if x.accessibleName() == name).text()


def test_it_counts_those_still_to_come(bar: StagingBar, staging: StagingModel) -> None:
    staging.begin(run("a", count=4))
    staging.show_progress("a", 0.1)
    assert text(bar, "Shown candidate") == "– / 4"
    staging.add(stored("a", 0))
    assert text(bar, "Shown candidate") == "1 / 4"


def test_it_names_seed_and_score(bar: StagingBar, staging: StagingModel) -> None:
    staging.begin(run("a"))
    staging.add(stored("a", 0, seed=421, score=0.314))
    assert text(bar, "Seed and score") == "seed 421   score 0.31"


def test_nothing_can_be_kept_before_a_candidate_is_there(
    bar: StagingBar, staging: StagingModel
) -> None:
    staging.begin(run("a"))
    staging.show_progress("a", 0.5)
    assert not button(bar, "Keep").isEnabled()
    assert button(bar, "Discard").isEnabled()
    staging.add(stored("a", 0))
    assert button(bar, "Keep").isEnabled()


def test_the_arrows_flick(bar: StagingBar, staging: StagingModel) -> None:
    staging.begin(run("a", count=2))
    staging.add(stored("a", 0))
    staging.add(stored("a", 1))
    QTest.mouseClick(button(bar, "Next candidate"), Qt.MouseButton.LeftButton)
    assert staging.index == 1
    QTest.mouseClick(button(bar, "Previous candidate"), Qt.MouseButton.LeftButton)
    assert staging.index == 0


@pytest.mark.parametrize("name", ["Keep", "Vary", "Discard"])
def test_each_button_asks_for_its_own(
    bar: StagingBar, staging: StagingModel, qtbot: QtBot, name: str
) -> None:
    staging.begin(run("a"))
    staging.add(stored("a", 0))
    signal = getattr(bar, f"{name.lower()}_requested")
    with qtbot.waitSignal(signal):
        QTest.mouseClick(button(bar, name), Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(
    "area",
    [
        QRect(200, 100, 300, 300),
        QRect(-900, 300, 400, 900),
        QRect(300, -400, 1200, 300),
        QRect(-500, -500, 2000, 2000),
    ],
)
def test_it_stays_inside_the_view(bar: StagingBar, area: QRect) -> None:
    view = QSize(900, 700)
    bar.place_under(area, view)
    assert QRect(0, 0, 900, 700).contains(bar.geometry())


def test_it_lies_under_the_area_where_there_is_room(bar: StagingBar) -> None:
    bar.place_under(QRect(200, 100, 300, 300), QSize(900, 700))
    assert bar.geometry().top() > 400
    assert abs(bar.geometry().center().x() - 350) <= 2


def test_in_a_narrow_view_its_buttons_have_a_row_of_their_own(
    staging: StagingModel, qtbot: QtBot
) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    bar = StagingBar(staging, host)
    staging.begin(run("a", count=10))
    staging.add(stored("a", 0, seed=4_294_967_295, score=0.314))
    area = QRect(40, 40, 220, 220)
    bar.place_under(area, QSize(900, 600))
    wide = bar.size()
    bar.place_under(area, QSize(300, 400))
    assert QRect(0, 0, 300, 400).contains(bar.geometry())
    assert bar.height() > wide.height()
    bar.place_under(area, QSize(900, 600))
    assert bar.size() == wide
