"""Candidates that wait for the person's choice, while others still arrive."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from studio.core.geometry import Bounds
from studio.core.projection import Projection
from studio.gui.canvas.staging import StagingModel
from tests.gui.canvas.pictures import image, run, stored


@pytest.fixture
def staging(qtbot: QtBot) -> StagingModel:
    return StagingModel()


def test_the_first_candidate_is_shown_at_once(staging: StagingModel, qtbot: QtBot) -> None:
    staging.begin(run("a", Bounds(10, 20, 64, 64), count=2))
    with qtbot.waitSignal(staging.changed):
        staging.add(stored("a", 0, seed=7))
    assert staging.current is not None
    assert (staging.current.seed, staging.area) == (7, Bounds(10, 20, 64, 64))


def test_later_arrivals_do_not_take_the_shown_one_away(staging: StagingModel) -> None:
    staging.begin(run("a", count=3))
    staging.add(stored("a", 0))
    shown = staging.current
    staging.add(stored("a", 1))
    assert staging.current is shown
    assert len(staging.candidates) == 2


def test_flicking_goes_round_at_both_ends(staging: StagingModel) -> None:
    staging.begin(run("a", count=3))
    for index in range(3):
        staging.add(stored("a", index))
    staging.step(-1)
    assert staging.index == 2
    staging.step(1)
    assert staging.index == 0


def test_jumping_to_one_that_has_not_arrived_does_nothing(staging: StagingModel) -> None:
    staging.begin(run("a", count=4))
    staging.add(stored("a", 0))
    staging.add(stored("a", 1))
    staging.jump(3)
    assert staging.index == 0
    staging.jump(1)
    assert staging.index == 1


def test_the_expected_number_counts_those_still_to_come(staging: StagingModel) -> None:
    staging.begin(run("a", count=4))
    staging.add(stored("a", 0))
    staging.show_progress("a", 0.3)
    assert staging.expected == 4
    staging.finish("a")
    assert staging.expected == 1


def test_a_preview_stays_until_its_candidate_is_there(staging: StagingModel) -> None:
    staging.begin(run("a", count=1))
    staging.show_progress("a", 0.2, image())
    staging.show_progress("a", 0.4)
    assert staging.preview is not None and isinstance(staging.preview.image, QImage)
    staging.add(stored("a", 0))
    assert staging.preview is not None and staging.preview.image is None
    staging.finish("a")
    assert staging.preview is None


def test_what_is_dismissed_does_not_come_back(staging: StagingModel) -> None:
    staging.begin(run("a", count=2))
    staging.add(stored("a", 0))
    staging.dismiss()
    staging.add(stored("a", 1))
    staging.show_progress("a", 0.9, image())
    assert not staging.is_active
    assert staging.area is None


def test_a_second_run_adds_to_the_first_and_shows_its_own_first_result(
    staging: StagingModel,
) -> None:
    staging.begin(run("a", Bounds(0, 0, 8, 8)))
    staging.add(stored("a", 0))
    staging.finish("a")
    staging.begin(run("b", Bounds(50, 0, 8, 8), count=2))
    assert staging.area == Bounds(0, 0, 8, 8)
    staging.add(stored("b", 0))
    assert staging.area == Bounds(50, 0, 8, 8)
    staging.step(-1)
    staging.add(stored("b", 1))
    assert staging.area == Bounds(0, 0, 8, 8)
    assert len(staging.candidates) == 3


def test_a_run_that_waited_does_not_take_away_what_was_chosen_meanwhile(
    staging: StagingModel,
) -> None:
    for job in "ab":
        staging.begin(run(job, count=2))
    staging.add(stored("a", 0))
    staging.add(stored("a", 1))
    staging.step(1)
    staging.add(stored("b", 0))
    assert staging.index == 1
    staging.begin(run("c"))
    staging.add(stored("c", 0))
    assert staging.index == 3


def test_results_of_unknown_runs_are_none_of_its_business(staging: StagingModel) -> None:
    staging.add(stored("elsewhere", 0))
    staging.show_progress("elsewhere", 0.5, image())
    assert not staging.is_active


def test_a_run_is_seen_as_soon_as_it_is_asked_for(staging: StagingModel) -> None:
    staging.begin(run("a", Bounds(5, 5, 8, 8), count=4))
    assert staging.is_active
    assert (staging.area, staging.expected) == (Bounds(5, 5, 8, 8), 4)


def test_the_next_run_takes_over_where_one_ends_without_a_result(staging: StagingModel) -> None:
    staging.begin(run("a", Bounds(0, 0, 8, 8)))
    staging.begin(run("b", Bounds(50, 0, 8, 8)))
    staging.show_progress("a", 0.7)
    staging.finish("a")
    assert staging.area == Bounds(50, 0, 8, 8)
    staging.finish("b")
    assert not staging.is_active


def test_candidates_and_those_to_come_move_with_a_picture_that_is_turned(
    staging: StagingModel,
) -> None:
    staging.begin(run("a", Bounds(10, 20, 64, 32), count=2))
    staging.add(stored("a", 0))
    turn = Projection.turning(90.0)
    staging.project("", turn)
    assert staging.area == Bounds(-52, 10, 32, 64)
    staging.add(stored("a", 1))
    assert [each.area for each in staging.candidates] == [Bounds(-52, 10, 32, 64)] * 2
    assert staging.expected == 2
    staging.project("", turn.inverse())
    assert staging.area == Bounds(10, 20, 64, 32)
