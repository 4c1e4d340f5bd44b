from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from studio.core.errors import EngineError, GalleryError
from studio.engine.protocol import Candidate
from studio.gallery.entry import Entry
from studio.gallery.store import Gallery
from studio.generation.jobs import ErrorReport, Job, JobState
from studio.generation.request import TextToImage
from studio.gui.engine_thread import EngineThread, Order, ProgressUpdate, StoredCandidate
from studio.gui.keeping import GalleryKeeper
from tests.helpers.scripted_engine import DEATH, MODEL_DIGEST, Script, ScriptedEngine


def a_job(prompt: str = "a red ball", count: int = 1) -> Job:
    request = TextToImage(model="starter", prompt=prompt, seed=7, count=count, width=32, height=32)
    return Job(request, {})


@pytest.fixture
def thread(qtbot: QtBot, engine: ScriptedEngine, gallery: Gallery) -> Iterator[EngineThread]:
    thread = EngineThread(lambda: engine, GalleryKeeper(gallery))
    yield thread
    thread.close()


def ended(thread: EngineThread) -> bool:
    return len(thread.queue) == 0


def test_a_job_runs_and_its_candidates_lie_in_the_gallery_before_anybody_hears_of_them(
    qtbot: QtBot, thread: EngineThread, gallery: Gallery
) -> None:
    seen: list[tuple[StoredCandidate, list[str]]] = []
    thread.candidate_stored.connect(
        lambda stored: seen.append((stored, [entry.id for entry in gallery.entries()]))
    )
    thread.submit(a_job(count=2))
    qtbot.waitUntil(lambda: len(seen) == 2)
    for stored, ids in seen:
        assert stored.entry is not None
        assert stored.entry.id in ids
        assert stored.image.width() == 32
    assert [stored.candidate.seed for stored, _ in seen] == [7, 8]


def test_the_gallery_learns_which_weights_made_a_picture_once_the_job_has_finished(
    qtbot: QtBot, thread: EngineThread, gallery: Gallery
) -> None:
    thread.submit(a_job(count=2))
    qtbot.waitUntil(lambda: ended(thread))
    assert [entry.model_digest for entry in gallery.entries()] == [MODEL_DIGEST, MODEL_DIGEST]


def test_jobs_run_one_after_another(
    qtbot: QtBot, thread: EngineThread, engine: ScriptedEngine
) -> None:
    engine.hold()
    jobs = [a_job("one"), a_job("two")]
    for job in jobs:
        thread.submit(job)
    assert [job.state for job in jobs] == [JobState.RUNNING, JobState.QUEUED]
    engine.release()
    qtbot.waitUntil(lambda: ended(thread))
    assert [job.state for job in jobs] == [JobState.FINISHED, JobState.FINISHED]


def test_a_running_job_can_be_cancelled_and_the_next_one_runs(
    qtbot: QtBot, thread: EngineThread, engine: ScriptedEngine
) -> None:
    engine.hold()
    first, second = a_job("one"), a_job("two")
    thread.submit(first)
    thread.submit(second)
    qtbot.waitUntil(lambda: len(engine.requests) == 1)
    with qtbot.waitSignal(thread.stopping) as told:
        thread.cancel(first.id)
    assert told.args == [first.id]
    qtbot.waitUntil(lambda: first.state is JobState.CANCELLED)
    engine.release()
    qtbot.waitUntil(lambda: second.state is JobState.FINISHED)


def test_a_waiting_job_is_cancelled_at_once_and_never_reaches_the_engine(
    qtbot: QtBot, thread: EngineThread, engine: ScriptedEngine
) -> None:
    engine.hold()
    first, second = a_job("one"), a_job("two")
    thread.submit(first)
    thread.submit(second)
    thread.cancel(second.id)
    assert second.state is JobState.CANCELLED
    engine.release()
    qtbot.waitUntil(lambda: ended(thread))
    assert [request.prompt for request in engine.requests if hasattr(request, "prompt")] == ["one"]


def test_a_job_cancelled_before_the_engine_exists_does_not_run(
    qtbot: QtBot, thread: EngineThread, engine: ScriptedEngine
) -> None:
    job = a_job()
    engine.hold()
    thread.submit(job)
    thread.cancel(job.id)
    qtbot.waitUntil(lambda: job.state is JobState.CANCELLED)


def test_a_worker_that_dies_fails_its_job_and_the_next_one_succeeds(
    qtbot: QtBot, thread: EngineThread, engine: ScriptedEngine
) -> None:
    engine.script(Script(dies=True))
    failures: list[Job] = []
    thread.failed.connect(failures.append)
    first, second = a_job("one"), a_job("two")
    thread.submit(first)
    thread.submit(second)
    qtbot.waitUntil(lambda: second.state is JobState.FINISHED)
    assert first.state is JobState.FAILED
    assert first.error == DEATH
    assert failures == [first]


def test_an_engine_that_cannot_be_made_fails_the_jobs_and_is_tried_again(
    qtbot: QtBot, engine: ScriptedEngine, gallery: Gallery
) -> None:
    attempts: list[int] = []

    def make() -> ScriptedEngine:
        attempts.append(1)
        if len(attempts) == 1:
            raise EngineError("The engine cannot start: install Sfumato again.")
        return engine

    thread = EngineThread(make, GalleryKeeper(gallery))
    first, second = a_job("one"), a_job("two")
    thread.submit(first)
    qtbot.waitUntil(lambda: first.state is JobState.FAILED)
    assert first.error == ErrorReport(message="The engine cannot start: install Sfumato again.")
    thread.submit(second)
    qtbot.waitUntil(lambda: second.state is JobState.FINISHED)
    thread.close()


def test_a_gallery_that_refuses_is_told_and_the_picture_is_still_shown(
    qtbot: QtBot, engine: ScriptedEngine
) -> None:
    class FullDisk:
        def store(self, order: Order, candidate: Candidate) -> Entry:
            raise GalleryError("The disk is full: make room and try again.")

        def complete(self, order: Order, model_digest: str) -> None:
            raise GalleryError("The disk is still full.")

    thread = EngineThread(lambda: engine, FullDisk())
    stored: list[StoredCandidate] = []
    reasons: list[str] = []
    thread.candidate_stored.connect(stored.append)
    thread.not_stored.connect(reasons.append)
    thread.submit(a_job())
    qtbot.waitUntil(lambda: ended(thread))
    assert stored[0].entry is None
    assert reasons == ["The disk is full: make room and try again."]
    thread.close()


def test_closing_mid_job_keeps_what_is_finished_and_ends_the_engine(
    qtbot: QtBot, engine: ScriptedEngine, gallery: Gallery
) -> None:
    engine.script(Script(steps=1))
    thread = EngineThread(lambda: engine, GalleryKeeper(gallery))
    arrived: list[StoredCandidate] = []

    def hold_after_the_first(stored: StoredCandidate) -> None:
        arrived.append(stored)

    thread.candidate_stored.connect(hold_after_the_first)
    engine.hold()
    thread.submit(a_job(count=3))
    qtbot.waitUntil(lambda: len(engine.requests) == 1)
    engine.release()
    qtbot.waitUntil(lambda: len(arrived) >= 1)
    thread.close()
    assert not thread.isRunning()
    assert engine.closed
    assert {stored.entry.id for stored in arrived if stored.entry} <= {
        entry.id for entry in gallery.entries()
    }


def test_closing_without_ever_starting_is_quick(engine: ScriptedEngine, gallery: Gallery) -> None:
    EngineThread(lambda: engine, GalleryKeeper(gallery)).close()


def test_progress_comes_with_previews_as_images(qtbot: QtBot, thread: EngineThread) -> None:
    updates: list[ProgressUpdate] = []
    thread.progress.connect(updates.append)
    thread.submit(a_job())
    qtbot.waitUntil(lambda: ended(thread))
    assert any(update.image is not None for update in updates)
    assert all(update.event.preview is None for update in updates)
    fractions = [update.event.fraction for update in updates]
    assert fractions == sorted(fractions)


def test_previews_that_come_too_fast_are_left_out(
    qtbot: QtBot, thread: EngineThread, engine: ScriptedEngine
) -> None:
    engine.script(Script(steps=200))
    updates: list[ProgressUpdate] = []
    thread.progress.connect(updates.append)
    thread.submit(a_job())
    qtbot.waitUntil(lambda: ended(thread))
    assert len(updates) < 100


def test_notes_reach_the_window(qtbot: QtBot, thread: EngineThread, engine: ScriptedEngine) -> None:
    engine.script(Script(notes=("The prompt is long.",)))
    notes: list[str] = []
    thread.note.connect(lambda _, words: notes.append(words))
    thread.submit(a_job())
    qtbot.waitUntil(lambda: ended(thread))
    assert notes == ["The prompt is long."]


def test_the_engine_says_what_it_runs_on(qtbot: QtBot, thread: EngineThread) -> None:
    with qtbot.waitSignal(thread.status_changed) as told:
        thread.submit(a_job())
    assert told.args is not None
    assert told.args[0].device == "CPU"


def test_a_paused_queue_lets_the_running_job_end_and_starts_no_other(
    qtbot: QtBot, thread: EngineThread, engine: ScriptedEngine
) -> None:
    engine.hold()
    first, second = a_job("one"), a_job("two")
    thread.submit(first)
    thread.submit(second)
    thread.pause(True)
    engine.release()
    qtbot.waitUntil(lambda: first.state is JobState.FINISHED)
    third = a_job("three")
    thread.submit(third)
    assert [second.state, third.state] == [JobState.QUEUED, JobState.QUEUED]
    thread.pause(False)
    qtbot.waitUntil(lambda: ended(thread))
    assert second.state is third.state is JobState.FINISHED


def test_what_waits_can_be_cancelled_while_the_queue_is_paused(
    qtbot: QtBot, thread: EngineThread
) -> None:
    thread.pause(True)
    job = a_job()
    thread.submit(job)
    thread.cancel(job.id)
    assert job.state is JobState.CANCELLED


def test_a_job_put_first_runs_next(
    qtbot: QtBot, thread: EngineThread, engine: ScriptedEngine
) -> None:
    engine.hold()
    jobs = [a_job("one"), a_job("two"), a_job("three")]
    for job in jobs:
        thread.submit(job)
    thread.queue.put_first(jobs[2].id)
    engine.release()
    qtbot.waitUntil(lambda: ended(thread))
    prompts = [request.prompt for request in engine.requests if hasattr(request, "prompt")]
    assert prompts == ["one", "three", "two"]


def test_memory_is_freed_between_two_jobs(
    qtbot: QtBot, thread: EngineThread, engine: ScriptedEngine
) -> None:
    engine.hold()
    job = a_job()
    thread.submit(job)
    qtbot.waitUntil(lambda: len(engine.requests) == 1)
    thread.free_memory()
    qtbot.wait(50)
    assert engine.unloads == 0
    engine.release()
    qtbot.waitUntil(lambda: engine.unloads == 1)
    assert job.state is JobState.FINISHED
    qtbot.waitUntil(lambda: thread.status.model == "")
