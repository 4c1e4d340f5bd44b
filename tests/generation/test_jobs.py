from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import BugError
from studio.core.picture import Picture
from studio.generation.jobs import MANY, ErrorReport, Job, JobQueue, JobState
from studio.generation.request import TextToImage, Variation, attach

ERROR = ErrorReport(message="The engine stopped.")


def job(name: str = "", count: int = 1) -> Job:
    request = TextToImage(
        model="starter", prompt="a boat", seed=1, count=count, width=64, height=64
    )
    return Job(request, {}, name)


def names(queue: JobQueue) -> str:
    """The ids of the waiting jobs, next one first."""
    return "".join(waiting.id for waiting in queue.waiting)


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


def test_a_few_pictures_do_not_wait_for_many() -> None:
    queue = JobQueue()
    queue.add(job("x", MANY))
    queue.start_next()
    for name, count in (("a", MANY + 1), ("b", MANY), ("c", 1), ("d", MANY), ("e", MANY - 1)):
        queue.add(job(name, count))
    assert names(queue) == "ceabd"
    assert queue.running is not None and queue.running.id == "x"


def test_a_waiting_job_can_be_put_first_and_stays_there() -> None:
    queue = JobQueue()
    for name in "ab":
        queue.add(job(name))
    queue.add(job("z", MANY))
    queue.put_first("z")
    queue.add(job("c"))
    assert names(queue) == "zabc"


def test_the_next_part_of_what_has_begun_goes_before_what_waits() -> None:
    queue = JobQueue()
    queue.add(job("a"))
    queue.add(job("b"), first=True)
    assert names(queue) == "ba"


def test_putting_first_what_does_not_wait_changes_nothing() -> None:
    queue = JobQueue()
    for name in "ab":
        queue.add(job(name))
    queue.start_next()
    queue.put_first("a")
    queue.put_first("gone")
    assert names(queue) == "b"


def test_a_paused_queue_starts_nothing_and_lets_the_running_job_end() -> None:
    queue = JobQueue()
    told: list[bool] = []
    queue.pausing.connect(told.append)
    for name in "ab":
        queue.add(job(name))
    queue.start_next()
    queue.pause(True)
    queue.pause(True)
    queue.transition("a", JobState.FINISHED)
    assert queue.start_next() is None
    queue.pause(False)
    assert queue.start_next() is not None
    assert told == [True, False]


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


STEPS = ["add", "add many", "lift", "start", "finish", "fail", "cancel", "pause", "go on"]


@given(st.lists(st.sampled_from(STEPS), max_size=40))
def test_whatever_happens_at_most_one_job_runs(steps: list[str]) -> None:
    queue = JobQueue()
    ends = {"finish": JobState.FINISHED, "fail": JobState.FAILED, "cancel": JobState.CANCELLED}
    for step in steps:
        if step == "add":
            queue.add(job())
        elif step == "add many":
            queue.add(job(count=MANY))
        elif step == "lift" and queue.waiting:
            queue.put_first(queue.waiting[-1].id)
        elif step in ("pause", "go on"):
            queue.pause(step == "pause")
        elif step == "start":
            queue.start_next()
        elif queue.running is not None and step in ends:
            queue.transition(queue.running.id, ends[step], ERROR if step == "fail" else None)
        assert sum(j.state is JobState.RUNNING for j in queue) <= 1
        waiting = queue.waiting
        assert {j.id for j in waiting} == {j.id for j in queue if j.state is JobState.QUEUED}
        assert [j.priority for j in waiting] == sorted(j.priority for j in waiting)
