import numpy as np
import pytest

from studio.core.picture import Picture
from studio.engine.desk import Desk, JobStopped
from studio.engine.protocol import EngineEvent, Note, Phase, Progress

PREVIEW = Picture.from_array(np.zeros((2, 2), np.uint8))


class Office:
    """A desk with its surroundings: a clock, a post box, and somebody who may say stop."""

    def __init__(self) -> None:
        self.now = 0.0
        self.stopped = False
        self.sent: list[EngineEvent] = []
        self.desk = Desk("job", self.sent.append, lambda: self.stopped, lambda: self.now)

    @property
    def last(self) -> Progress:
        event = self.sent[-1]
        assert isinstance(event, Progress)
        return event


def test_steps_are_reported_with_phase_candidate_and_fraction() -> None:
    office = Office()
    office.desk.plan(4)
    office.desk.candidate(1)
    office.desk.step(Phase.DENOISING, 1, 4)
    assert office.last == Progress(
        job_id="job", phase=Phase.DENOISING, step=1, total=4, candidate=1, fraction=0.25
    )


def test_a_cancelled_job_is_stopped_at_the_next_step_without_a_report() -> None:
    office = Office()
    office.stopped = True
    with pytest.raises(JobStopped):
        office.desk.step(Phase.DENOISING, 1, 4)
    with pytest.raises(JobStopped):
        office.desk.phase(Phase.DECODING)
    assert office.sent == []


def test_previews_are_made_only_when_the_last_one_is_some_time_ago() -> None:
    office = Office()
    office.desk.plan(30)
    made = 0

    def preview() -> Picture:
        nonlocal made
        made += 1
        return PREVIEW

    for step in range(1, 31):
        office.now += 0.05
        office.desk.step(Phase.DENOISING, step, 30, previews=[preview])
    shown = [event for event in office.sent if isinstance(event, Progress) and event.preview]
    assert len(shown) == made
    assert 7 <= made <= 10


def test_candidates_that_are_made_together_have_a_preview_each() -> None:
    office = Office()
    office.desk.candidate(3)
    office.now += 1
    office.desk.step(Phase.DENOISING, 1, 4, units=2, previews=[lambda: PREVIEW] * 2)
    sent = [event for event in office.sent if isinstance(event, Progress)]
    assert [(event.candidate, event.preview) for event in sent] == [(3, PREVIEW), (4, PREVIEW)]


def test_loading_a_model_does_not_count_as_work() -> None:
    office = Office()
    office.desk.plan(10)
    office.desk.phase(Phase.LOADING)
    office.now += 60
    for step in (1, 2):
        office.desk.phase(Phase.DENOISING)
        office.now += 1
        office.desk.step(Phase.DENOISING, step, 10)
    assert office.last.seconds_left == 8.0


def test_loading_is_told_in_bytes_and_not_more_often_than_anybody_reads() -> None:
    office = Office()
    for done in range(101):
        office.now += 0.01
        office.desk.loading(done, 100)
    assert all(isinstance(event, Progress) for event in office.sent)
    assert office.last == Progress(job_id="job", phase=Phase.LOADING, step=100, total=100)
    assert 8 <= len(office.sent) <= 14


def test_a_load_that_has_begun_is_not_stopped_for_the_next_job_may_want_the_model() -> None:
    office = Office()
    office.stopped = True
    with pytest.raises(JobStopped):
        office.desk.phase(Phase.LOADING)
    office.desk.loading(100, 100)
    assert office.last.step == 100


def test_notes_are_events() -> None:
    office = Office()
    office.desk.note("Read this.")
    assert office.sent == [Note(job_id="job", message="Read this.")]
