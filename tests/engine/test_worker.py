"""Every task through the real worker process, with a model of random weights."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest

import studio
from studio.engine.client import LocalEngine
from studio.engine.protocol import Cancelled, Finished, Phase, Progress, Scored, Started
from studio.engine.wire import Places
from studio.generation.request import (
    ImageToImage,
    Inpaint,
    Ranking,
    Request,
    TextToImage,
    Variation,
    attach,
)
from tests.helpers.engine_runs import (
    PATIENCE,
    box_mask,
    failure_of,
    of_kind,
    pictures_of,
    rest_of,
    run_job,
    shaded,
    until,
)

SOURCE = shaded(96, 80)
MASK = box_mask(96, 80, 30, 20, 60, 50)
PICTURES = attach([SOURCE, MASK])
SLOW = TextToImage(model="tiny", prompt="x", seed=1, steps=500, width=64, height=64)


def words(**changes: object) -> TextToImage:
    values: dict[str, object] = {"model": "tiny", "prompt": "a cat", "seed": 5}
    return TextToImage(**({"width": 64, "height": 64} | values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "request_",
    [
        words(width=100, height=70),
        ImageToImage(model="tiny", prompt="x", seed=1, width=96, height=80, source=SOURCE.digest),
        Variation(model="tiny", seed=1, width=96, height=80, source=SOURCE.digest),
        Inpaint(model="tiny", seed=1, width=96, height=80, source=SOURCE.digest, mask=MASK.digest),
    ],
    ids=lambda request: type(request).__name__,
)
def test_every_task_gives_a_picture_of_the_size_asked_for(
    tiny_engine: LocalEngine, request_: TextToImage
) -> None:
    events = run_job(tiny_engine, request_, PICTURES)
    [picture] = pictures_of(events)
    assert picture.extent == request_.extent
    assert picture.rgb().std() > 0
    assert of_kind(events, Started) and isinstance(events[-1], Finished)


def test_a_patch_is_transparent_where_nothing_is_masked(tiny_engine: LocalEngine) -> None:
    request = Inpaint(
        model="tiny", seed=1, width=96, height=80, source=SOURCE.digest, mask=MASK.digest
    )
    [patch] = pictures_of(run_job(tiny_engine, request, PICTURES))
    assert np.array_equal(patch.rgba()[..., 3], MASK.array())


def test_a_ranking_scores_every_picture(tiny_engine: LocalEngine) -> None:
    request = Ranking(model="tiny", prompt="x", pictures=(SOURCE.digest, MASK.digest))
    [scored] = of_kind(run_job(tiny_engine, request, PICTURES), Scored)
    assert len(scored.scores) == 2


def test_the_same_request_gives_the_same_pixels_and_a_batch_those_of_single_ones(
    tiny_engine: LocalEngine,
) -> None:
    batch = pictures_of(run_job(tiny_engine, words(count=3)))
    assert pictures_of(run_job(tiny_engine, words(count=3))) == batch
    assert pictures_of(run_job(tiny_engine, words(seed=7))) == batch[2:]


def test_previews_and_steps_arrive_while_it_paints(tiny_engine: LocalEngine) -> None:
    progress = of_kind(run_job(tiny_engine, words(steps=200)), Progress)
    painting = [event for event in progress if event.phase is Phase.DENOISING]
    assert [event.step for event in painting] == list(range(201))
    assert any(event.preview is not None for event in painting)
    assert painting[-1].seconds_left is not None


def test_a_cancelled_job_stops_at_once_and_the_next_one_runs(tiny_engine: LocalEngine) -> None:
    tiny_engine.submit("slow", SLOW, {})
    tiny_engine.submit("next", words(), {})
    events = until(
        tiny_engine, "slow", lambda event: isinstance(event, Progress) and event.step > 4
    )
    tiny_engine.cancel("slow")
    events += rest_of(tiny_engine, "slow")
    assert isinstance(events[-1], Cancelled)
    assert of_kind(events, Progress)[-1].step < 500
    assert pictures_of(rest_of(tiny_engine, "next"))


def test_a_waiting_job_that_is_cancelled_never_begins(tiny_engine: LocalEngine) -> None:
    tiny_engine.submit("slow", SLOW, {})
    tiny_engine.submit("waiting", words(), {})
    tiny_engine.cancel("waiting")
    assert rest_of(tiny_engine, "waiting") == [Cancelled(job_id="waiting")]
    tiny_engine.cancel("slow")
    assert pictures_of(run_job(tiny_engine, words()))


def test_cancelling_a_job_that_has_ended_does_nothing(tiny_engine: LocalEngine) -> None:
    run_job(tiny_engine, words())
    tiny_engine.cancel("job")
    assert pictures_of(run_job(tiny_engine, words()))


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (words(model="huge"), "There is no model 'huge'"),
        (words(scheduler="magic"), "choose one of"),
    ],
)
def test_what_the_person_can_mend_is_a_sentence_and_no_bug(
    tiny_engine: LocalEngine, request_: Request, sentence: str
) -> None:
    failed = failure_of(run_job(tiny_engine, request_))
    assert sentence in failed.error.message
    assert not failed.error.is_bug


def test_a_mistake_of_ours_is_reported_with_its_traceback_and_the_worker_lives_on(
    tiny_engine: LocalEngine,
) -> None:
    before = tiny_engine.worker_pid
    request = Variation(model="tiny", seed=1, width=64, height=64, source="not attached")
    failed = failure_of(run_job(tiny_engine, request))
    assert failed.error.is_bug
    assert "Traceback" in failed.error.details
    assert pictures_of(run_job(tiny_engine, words()))
    assert tiny_engine.worker_pid == before


def test_the_status_names_device_and_model(tiny_engine: LocalEngine) -> None:
    run_job(tiny_engine, words())
    run_job(tiny_engine, words())
    status = tiny_engine.status()
    assert status.device and status.model == "tiny" and status.memory > 0


@pytest.mark.skipif(sys.platform == "win32", reason="niceness is a POSIX idea")
def test_the_worker_gives_way_to_others(tiny_engine: LocalEngine) -> None:
    run_job(tiny_engine, words())
    assert psutil.Process(tiny_engine.worker_pid).nice() > psutil.Process().nice()


def test_the_secret_is_not_on_the_workers_command_line(tiny_engine: LocalEngine) -> None:
    run_job(tiny_engine, words())
    command = psutil.Process(tiny_engine.worker_pid).cmdline()
    assert command[1:] == ["-P", "-m", "studio.engine.worker"]


def test_a_killed_worker_fails_its_job_and_the_others_run_in_a_fresh_one(
    tiny_places: Places,
) -> None:
    with LocalEngine(tiny_places) as engine:
        engine.submit("slow", SLOW, {})
        engine.submit("next", words(), {})
        events = until(engine, "slow", lambda event: isinstance(event, Progress) and event.step > 1)
        phases = list(dict.fromkeys(event.phase for event in of_kind(events, Progress)))
        assert phases[:2] == [Phase.STARTING, Phase.LOADING]
        victim = engine.worker_pid
        assert victim is not None
        psutil.Process(victim).kill()
        failed = failure_of(rest_of(engine, "slow"))
        assert "killed" in failed.error.message and not failed.error.is_bug
        assert pictures_of(rest_of(engine, "next"))
        assert engine.worker_pid != victim
    assert not psutil.pid_exists(victim)


_PARENT = """
import sys
from pathlib import Path
from studio.engine.client import LocalEngine
from studio.engine.wire import Places
nowhere = Path(sys.argv[1])
engine = LocalEngine(Places(nowhere, nowhere, nowhere, nowhere, nowhere))
engine.start()
print(engine.worker_pid, flush=True)
sys.stdin.read()
"""


def test_the_worker_ends_with_its_parent_however_that_ends(tmp_path: Path) -> None:
    root = str(Path(studio.__file__).parent.parent)
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": root},
    ) as parent:
        assert parent.stdout is not None
        worker = psutil.Process(int(parent.stdout.readline()))
        assert worker.is_running()
        parent.kill()
    psutil.wait_procs([worker], timeout=PATIENCE)
    assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE
