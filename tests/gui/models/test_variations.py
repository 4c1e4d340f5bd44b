from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester

from studio.engine.protocol import Candidate
from studio.gui.engine_thread import StoredCandidate
from studio.gui.images import to_image
from studio.gui.models.variations import VariationsModel
from tests.helpers.pictures import noise


def stored(job: str, index: int, score: float | None = None) -> StoredCandidate:
    picture = noise(8, 8, seed=index)
    candidate = Candidate(job_id=job, index=index, seed=100 + index, picture=picture, score=score)
    return StoredCandidate(job, candidate, None, to_image(picture))


@pytest.fixture
def model() -> VariationsModel:
    return VariationsModel()


def test_it_keeps_the_promises_of_a_model(
    model: VariationsModel, qtmodeltester: ModelTester
) -> None:
    model.begin("a", 3)
    model.add(stored("a", 1))
    qtmodeltester.check(model)


def test_results_take_the_places_that_were_kept_for_them(model: VariationsModel) -> None:
    model.begin("a", 2)
    model.show_preview("a", 0, to_image(noise(4, 4)))
    model.add(stored("a", 1))
    first, second = model.cells
    assert first.stored is None
    assert first.image is not None
    assert second.stored is not None


def test_a_new_generation_replaces_all_but_the_pinned(model: VariationsModel) -> None:
    model.begin("a", 2)
    model.add(stored("a", 0))
    model.add(stored("a", 1))
    model.toggle_pin(1)
    model.begin("b", 2)
    assert [(cell.job_id, cell.index) for cell in model.cells] == [("a", 1), ("b", 0), ("b", 1)]
    model.toggle_pin(0)
    model.begin("c", 1)
    assert [cell.job_id for cell in model.cells] == ["c"]


def test_what_is_not_finished_cannot_be_pinned(model: VariationsModel) -> None:
    model.begin("a", 1)
    model.toggle_pin(0)
    assert not model.cells[0].pinned


def test_a_generation_that_ends_early_leaves_empty_places(model: VariationsModel) -> None:
    model.begin("a", 2)
    model.add(stored("a", 0))
    model.finish("a")
    assert [cell.failed for cell in model.cells] == [False, True]


@pytest.mark.parametrize(
    ("score", "words"),
    [(None, "Variation 1, seed 100"), (0.314, "Variation 1, seed 100, score 0.31")],
)
def test_screen_readers_hear_what_it_is(
    model: VariationsModel, score: float | None, words: str
) -> None:
    model.begin("a", 1)
    place = model.index(0)
    assert place.data(Qt.ItemDataRole.AccessibleTextRole) == "Variation 1: under way"
    model.add(stored("a", 0, score))
    assert place.data(Qt.ItemDataRole.AccessibleTextRole) == words


def test_results_that_lie_nowhere_cannot_be_dragged_out(model: VariationsModel) -> None:
    model.begin("a", 1)
    model.add(stored("a", 0))
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsDragEnabled
    assert model.mimeData([model.index(0)]).urls() == []
