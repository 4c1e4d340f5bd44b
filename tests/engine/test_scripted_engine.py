"""The scripted engine keeps the promises of the protocol."""

import numpy as np

from studio.core.picture import Picture
from studio.engine.protocol import (
    LAST_EVENTS,
    Cancelled,
    Candidate,
    Engine,
    EngineEvent,
    Failed,
    Finished,
    Progress,
    Scored,
    Started,
)
from studio.generation.jobs import ErrorReport
from studio.generation.request import Inpaint, Ranking, TextToImage, attach
from tests.helpers.scripted_engine import Script, ScriptedEngine

RED = TextToImage(model="starter", prompt="a red square", seed=7, width=48, height=32, count=2)


def events_of(engine: Engine) -> list[EngineEvent]:
    events: list[EngineEvent] = []
    while not events or not isinstance(events[-1], LAST_EVENTS):
        event = engine.next_event(timeout=5.0)
        assert event is not None
        events.append(event)
    return events


def test_a_job_starts_progresses_and_finishes_with_its_candidates() -> None:
    engine = ScriptedEngine()
    engine.submit("job", RED, {})
    events = events_of(engine)
    candidates = [event for event in events if isinstance(event, Candidate)]
    fractions = [event.fraction for event in events if isinstance(event, Progress)]
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    assert [candidate.seed for candidate in candidates] == [7, 8]
    assert all(candidate.picture.extent == (48, 32) for candidate in candidates)
    assert fractions == sorted(fractions)


def test_an_inpaint_answers_with_a_patch_that_is_transparent_outside_the_mask() -> None:
    source = Picture.from_array(np.full((32, 32, 3), 90, dtype=np.uint8))
    mask = np.zeros((32, 32), dtype=np.uint8)
    mask[8:16, 8:16] = 255
    masked = Picture.from_array(mask)
    engine = ScriptedEngine()
    engine.submit(
        "job",
        Inpaint(
            model="starter", seed=1, width=32, height=32, source=source.digest, mask=masked.digest
        ),
        attach([source, masked]),
    )
    [candidate] = [event for event in events_of(engine) if isinstance(event, Candidate)]
    assert np.array_equal(candidate.picture.rgba()[..., 3], mask)


def test_a_cancelled_job_ends_and_the_next_one_runs() -> None:
    engine = ScriptedEngine()
    engine.hold()
    engine.submit("first", RED, {})
    engine.submit("second", RED, {})
    begun = [engine.next_event(timeout=0.01) for _ in range(3)]
    assert begun[0] == Started(job_id="first") and begun[2] is None
    engine.cancel("first")
    assert engine.next_event(timeout=5.0) == Cancelled(job_id="first")
    engine.release()
    assert isinstance(events_of(engine)[-1], Finished)


def test_scripted_errors_and_deaths_are_failures() -> None:
    engine = ScriptedEngine()
    engine.script(Script(error=ErrorReport(message="No paint left.")), Script(dies=True))
    engine.submit("fails", RED, {})
    engine.submit("dies", RED, {})
    failed, died = events_of(engine)[-1], events_of(engine)[-1]
    assert isinstance(failed, Failed) and failed.error.message == "No paint left."
    assert isinstance(died, Failed) and engine.deaths == 1


def test_a_ranking_scores_every_picture() -> None:
    pictures = [Picture.from_array(np.full((16, 16), shade, dtype=np.uint8)) for shade in (1, 2)]
    request = Ranking(model="starter", prompt="grey", pictures=tuple(p.digest for p in pictures))
    engine = ScriptedEngine()
    engine.submit("job", request, attach(pictures))
    [scored] = [event for event in events_of(engine) if isinstance(event, Scored)]
    assert len(set(scored.scores)) == 2
