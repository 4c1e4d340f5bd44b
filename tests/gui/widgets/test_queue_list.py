from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from studio.gallery.store import Gallery
from studio.generation.jobs import Job, JobState
from studio.generation.request import TextToImage
from studio.gui.engine_thread import EngineThread
from studio.gui.keeping import GalleryKeeper
from studio.gui.queueing import Queueing
from studio.gui.widgets.queue_list import QueueList
from studio.gui.widgets.toasts import Tone
from tests.helpers.scripted_engine import ScriptedEngine

CORNER = QPoint(900, 700)


def a_job(prompt: str) -> Job:
    return Job(TextToImage(model="starter", prompt=prompt, seed=7, width=32, height=32), {})


@pytest.fixture
def thread(qtbot: QtBot, engine: ScriptedEngine, gallery: Gallery) -> Iterator[EngineThread]:
    """An engine that is held at the first of three jobs."""
    engine.hold()
    thread = EngineThread(lambda: engine, GalleryKeeper(gallery))
    for prompt in ("one", "two", "three"):
        thread.submit(a_job(prompt))
    qtbot.waitUntil(lambda: len(engine.requests) == 1)
    yield thread
    thread.close()


@pytest.fixture
def queueing(thread: EngineThread) -> Queueing:
    return Queueing(thread)


@pytest.fixture
def shown(qtbot: QtBot, queueing: Queueing) -> QueueList:
    shown = QueueList(queueing)
    qtbot.addWidget(shown)
    shown.open_above(CORNER)
    return shown


def lines(shown: QueueList) -> list[tuple[str, str]]:
    """Each row's name and what is said of it."""
    return [(row.name.text(), row.state.text().split(" · ")[0]) for row in shown.rows]


def test_it_lists_what_runs_and_what_waits_next_one_first(shown: QueueList) -> None:
    assert lines(shown) == [("one", "running"), ("two", "next"), ("three", "waiting")]


def test_what_waits_can_be_put_first(shown: QueueList) -> None:
    shown.rows[2].first.click()
    assert lines(shown) == [("one", "running"), ("three", "next"), ("two", "waiting")]
    assert [row.first.isEnabled() for row in shown.rows] == [False, False, True]


def test_each_job_can_be_cancelled_in_it(
    qtbot: QtBot, shown: QueueList, queueing: Queueing
) -> None:
    running, waiting = queueing.running, queueing.waiting[0]
    shown.rows[1].drop.click()
    assert waiting.state is JobState.CANCELLED
    assert [name for name, _ in lines(shown)] == ["one", "three"]
    shown.rows[0].drop.click()
    qtbot.waitUntil(lambda: running is not None and running.state is JobState.CANCELLED)
    assert [name for name, _ in lines(shown)] == ["three"]


def test_it_pauses_the_queue_and_lets_it_go_on(shown: QueueList, queueing: Queueing) -> None:
    shown._pause.click()
    assert queueing.is_paused and shown._pause.text() == "Go on"
    assert any(
        "Paused" in label.text() for label in shown.findChildren(QLabel) if label.isVisible()
    )
    shown._pause.click()
    assert not queueing.is_paused and shown._pause.text() == "Pause"


def test_it_keeps_its_lower_corner_while_it_shrinks(shown: QueueList, queueing: Queueing) -> None:
    for job in queueing.waiting:
        queueing.drop(job.id)
    assert shown.pos() + QPoint(shown.width(), shown.height()) == CORNER


def test_an_empty_queue_says_so(
    qtbot: QtBot, shown: QueueList, queueing: Queueing, thread: EngineThread
) -> None:
    thread.cancel_all()
    qtbot.waitUntil(lambda: queueing.is_empty)
    assert lines(shown) == []
    assert shown._empty.isVisible()


def test_escape_closes_it(qtbot: QtBot, shown: QueueList) -> None:
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert not shown.isVisible()


def test_memory_that_is_freed_is_told_once(
    qtbot: QtBot, queueing: Queueing, engine: ScriptedEngine, thread: EngineThread
) -> None:
    told: list[tuple[str, Tone]] = []
    queueing.message.connect(lambda words, tone, _: told.append((words, tone)))
    qtbot.waitUntil(lambda: queueing.can_free_memory)
    queueing.free_memory()
    assert told[0][1] is Tone.NOTE
    thread.cancel_all()
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told[1] == ("The models are unloaded. 60 MB of memory are free again.", Tone.DONE)
    assert not queueing.can_free_memory


def test_queueing_while_all_is_paused_is_explained(queueing: Queueing) -> None:
    told: list[str] = []
    queueing.message.connect(lambda words, *_: told.append(words))
    queueing.explain_pause()
    queueing.toggle_pause()
    queueing.explain_pause()
    assert told == ["The queue is paused: this waits until you let it go on."]
