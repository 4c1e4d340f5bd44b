from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import BugError
from studio.core.picture import Picture
from studio.generation.jobs import ErrorReport, Job, JobQueue, JobState
from studio.generation.request import TextToImage, Variation, attach

ERROR = ErrorReport(message="The engine stopped.")


def job(name: str = "") -> Job:
    request = TextToImage(model="starter", prompt="a boat", seed=1, width=64, height=64)
    return Job(request, {}, name)


def test_a_job_refuses_to_start_without_its_pictures() -> None:
    picture = Picture(width=1, height=1, mode="L", data=b"x")
    request = Variation(model="starter", seed=1, width=64, height=64, source=picture.digest)
    with pytest.raises(BugError, match="not attached"):
        Job(request, {})
    assert Job(request, attach([picture])).state is JobState.QUEUED


@pytest.mark.parametrize("final", [state for state in JobState if state.is_final])
def test_a_final_state_is_final(final: JobState) -> None:
    ended = job()
    ended.transition(JobState.RUNNING)
    ended.transition(final, ERROR if final is JobState.FAILED else None)
    for state in JobState:
        with pytest.raises(BugError):
            ended.transition(state, ERROR if state is JobState.FAILED else None)


def test_a_failure_carries_its_error_and_nothing_else_does() -> None:
    running = job()
    running.transition(JobState.RUNNING)
    with pytest.raises(BugError, match="carries an error"):
        running.transition(JobState.FAILED)
    with pytest.raises(BugError, match="carries an error"):
        running.transition(JobState.FINISHED, ERROR)
    running.transition(JobState.FAILED, ERROR)
    assert running.error == ERROR


def test_the_queue_runs_one_job_at_a_time_in_order() -> None:
    queue = JobQueue()
    for name in "abc":
        queue.add(job(name))
    first = queue.start_next()
    assert first is not None and first.id == "a" and queue.running is first
    assert queue.start_next() is None
    queue.transition("a", JobState.FINISHED)
    second = queue.start_next()
    assert second is not None and second.id == "b"
    assert [waiting.id for waiting in queue.waiting] == ["c"]


def test_a_waiting_job_can_be_cancelled_before_its_turn() -> None:
    queue = JobQueue()
    queue.add(job("a"))
    queue.transition("a", JobState.CANCELLED)
    assert len(queue) == 0 and queue.start_next() is None


def test_it_tells_of_every_change_and_after_the_last_the_job_is_gone() -> None:
    queue = JobQueue()
    seen: list[tuple[str, JobState, int]] = []
    queue.changed.connect(lambda job: seen.append((job.id, job.state, len(queue))))
    queue.add(job("a"))
    queue.start_next()
    queue.transition("a", JobState.FAILED, ERROR)
    assert seen == [
        ("a", JobState.QUEUED, 1),
        ("a", JobState.RUNNING, 1),
        ("a", JobState.FAILED, 0),
    ]


@given(st.lists(st.sampled_from(["add", "start", "finish", "fail", "cancel"]), max_size=40))
def test_whatever_happens_at_most_one_job_runs(steps: list[str]) -> None:
    queue = JobQueue()
    ends = {"finish": JobState.FINISHED, "fail": JobState.FAILED, "cancel": JobState.CANCELLED}
    for step in steps:
        if step == "add":
            queue.add(job())
        elif step == "start":
            queue.start_next()
        elif queue.running is not None:
            queue.transition(queue.running.id, ends[step], ERROR if step == "fail" else None)
        assert sum(j.state is JobState.RUNNING for j in queue) <= 1
