"""Real worker processes that hang, or only seem to."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import psutil  # type: ignore[import-untyped]
import pytest

from studio.engine.client import LocalEngine
from studio.engine.protocol import LAST_EVENTS, Cancelled, Finished, Phase, Progress
from studio.engine.watchdog import Limits, Verdict
from studio.engine.wire import Places
from studio.generation.request import TextToImage
from tests.helpers import odd_worker
from tests.helpers.engine_runs import PATIENCE, failure_of, of_kind, rest_of, run_job, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uses signals and a shell script")

QUICK = Limits(
    tick=0.1, loading=1.0, step=1.0, least=1.0, silent=0.5, stopped=0.3, cancel=0.3, cancel_most=0.5
)
"""As short as a busy computer lets them be: what is slow computes, which is seen."""


def odd_engine(folder: Path, limits: Limits) -> LocalEngine:
    places = Places(folder, folder, folder, folder, folder / "logs")
    return LocalEngine(places, python=odd_worker.odd_python(folder), limits=limits)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[LocalEngine]:
    """A worker that misbehaves as it is told, under limits of fractions of a second."""
    with odd_engine(tmp_path, QUICK) as engine:
        yield engine


def asking(prompt: str) -> TextToImage:
    return TextToImage(model="m", prompt=prompt, seed=1, width=64, height=64)


def is_painting(event: object) -> bool:
    return isinstance(event, Progress) and event.phase is Phase.DENOISING


def kill_when(engine: LocalEngine, model: str) -> int | None:
    """Kills the worker once it has loaded a model; returns which one it was."""
    settle(lambda: engine.status().model == model)
    pid = engine.worker_pid
    psutil.Process(pid).kill()
    settle(lambda: engine.worker_pid != pid)
    return pid


def settle(is_so: Callable[[], bool]) -> None:
    """Waits until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("prompt", "verdict"),
    [
        (odd_worker.HANG, Verdict.HUNG),
        (odd_worker.SEIZE, Verdict.SILENT),
        (odd_worker.STOP, Verdict.STOPPED),
    ],
)
def test_a_worker_that_hangs_is_ended_and_the_next_job_runs_in_a_fresh_one(
    engine: LocalEngine, prompt: str, verdict: Verdict
) -> None:
    engine.submit("odd", asking(prompt), {})
    engine.submit("next", asking(odd_worker.WELL), {})
    until(engine, "odd", is_painting)
    victim = engine.worker_pid
    failed = failure_of(rest_of(engine, "odd"))
    assert failed.error.message == verdict.value
    assert not failed.error.is_bug
    assert isinstance(rest_of(engine, "next")[-1], Finished)
    assert engine.worker_pid != victim
    assert not psutil.pid_exists(victim)


def test_what_a_hanging_worker_was_doing_can_be_read(engine: LocalEngine) -> None:
    failed = failure_of(run_job(engine, asking(odd_worker.HANG)))
    assert "odd_worker.py" in failed.error.details and "in run" in failed.error.details


def test_a_worker_that_is_only_slow_finishes(engine: LocalEngine) -> None:
    begun = time.monotonic()
    events = run_job(engine, asking(odd_worker.SLOW))
    assert isinstance(events[-1], Finished)
    assert time.monotonic() - begun > 2 * QUICK.step


@pytest.mark.parametrize("prompt", [odd_worker.DEAF, odd_worker.SPIN, odd_worker.HANG])
def test_a_cancellation_that_is_not_obeyed_ends_the_worker_and_the_queue_goes_on(
    tmp_path: Path, prompt: str
) -> None:
    with odd_engine(tmp_path, Limits(tick=0.1, cancel=0.3)) as engine:
        engine.submit("odd", asking(prompt), {})
        engine.submit("next", asking(odd_worker.WELL), {})
        until(engine, "odd", is_painting)
        victim = engine.worker_pid
        engine.cancel("odd")
        assert rest_of(engine, "odd")[-1] == Cancelled(job_id="odd")
        assert isinstance(rest_of(engine, "next")[-1], Finished)
        assert engine.worker_pid != victim


def test_a_load_tells_how_far_it_is(tmp_path: Path) -> None:
    with odd_engine(tmp_path, Limits()) as engine:
        events = run_job(engine, asking(odd_worker.LOAD_BRIEFLY))
        loads = [event for event in of_kind(events, Progress) if event.phase is Phase.LOADING]
        assert [load.step for load in loads] == sorted(load.step for load in loads)
        assert len(loads) > 2 and loads[-1].total == 10


@pytest.mark.parametrize(("model", "is_kept"), [("m", True), ("another", False)])
def test_a_job_is_cancelled_while_it_loads_and_the_model_is_kept_for_who_wants_it(
    tmp_path: Path, model: str, is_kept: bool
) -> None:
    with odd_engine(tmp_path, Limits(tick=0.1, cancel=0.3)) as engine:
        prompt = odd_worker.LOAD_BRIEFLY if is_kept else odd_worker.LOAD
        engine.submit("odd", asking(prompt), {})
        until(engine, "odd", lambda event: isinstance(event, Progress) and event.step > 0)
        before = engine.worker_pid
        engine.cancel("odd")
        assert rest_of(engine, "odd")[-1] == Cancelled(job_id="odd")
        engine.submit("next", msgspec.structs.replace(asking(odd_worker.WELL), model=model), {})
        assert isinstance(rest_of(engine, "next")[-1], Finished)
        assert (engine.worker_pid == before) is is_kept


def test_a_job_tells_how_far_the_model_is_that_it_waits_for(tmp_path: Path) -> None:
    with odd_engine(tmp_path, Limits()) as engine:
        engine.start(odd_worker.LOAD)
        engine.submit("waits", asking(odd_worker.WELL), {})
        [loading] = until(engine, "waits", lambda event: True)
        assert isinstance(loading, Progress) and loading.phase is Phase.LOADING
        assert 0 < loading.step < loading.total
        engine.cancel("waits")
        assert rest_of(engine, "waits")[-1] == Cancelled(job_id="waits")


def test_a_job_whose_model_hangs_while_it_is_loaded_ahead_fails(engine: LocalEngine) -> None:
    engine.start(odd_worker.HANG)
    engine.submit("first", asking(odd_worker.WELL), {})
    engine.submit("next", asking(odd_worker.WELL), {})
    assert failure_of(rest_of(engine, "first")).error.message == Verdict.HUNG.value
    assert isinstance(rest_of(engine, "next")[-1], Finished)


def test_a_worker_that_was_warm_is_warm_again_after_its_end_but_not_over_and_over(
    tmp_path: Path,
) -> None:
    with odd_engine(tmp_path, Limits()) as engine:
        engine.start("first")
        pids = [kill_when(engine, "first")]
        pids.append(kill_when(engine, "first"))
        settle(lambda: engine.worker_pid is None)
        assert isinstance(run_job(engine, asking(odd_worker.WELL))[-1], Finished)
        pids.append(kill_when(engine, "m"))
        pids.append(kill_when(engine, "first"))
        assert len(set(pids)) == len(pids)


def test_memory_is_freed_once_the_job_has_ended(tmp_path: Path) -> None:
    with odd_engine(tmp_path, Limits()) as engine:
        engine.free_memory()
        engine.submit("a", asking(odd_worker.WELL), {})
        engine.free_memory()
        assert isinstance(rest_of(engine, "a")[-1], Finished)
        settle(lambda: engine.status().device != "" and engine.status().model == "")


def test_orders_to_a_stopped_worker_hold_nobody_up(tmp_path: Path) -> None:
    with odd_engine(tmp_path, Limits()) as engine:
        engine.submit("odd", asking(odd_worker.STOP), {})
        until(engine, "odd", is_painting)
        for number in range(200):
            engine.submit(f"{number}", asking("x" * 10_000), {})
            engine.cancel(f"{number}")
        engine.close(at_once=True)


def test_the_engine_is_closed_at_once_whatever_its_worker_does(engine: LocalEngine) -> None:
    engine.submit("odd", asking(odd_worker.DEAF), {})
    until(engine, "odd", is_painting)
    victim = engine.worker_pid
    engine.close(at_once=True)
    assert not psutil.pid_exists(victim)


class Mischief:
    """Submits jobs of all sorts, cancels them, and kills and stops workers, all by chance.

    Attributes:
        submitted: how many jobs there were; each is known by its number.
        ends: how often each of them ended.
    """

    def __init__(self, engine: LocalEngine, seed: int) -> None:
        self.submitted = 0
        self.ends = Counter[str]()
        self._engine = engine
        self._chance = random.Random(seed)

    def make(self) -> None:
        """Does something, or nothing."""
        what, pid = self._chance.random(), self._engine.worker_pid
        if what < 0.3:
            prompt = self._chance.choice(odd_worker.WAYS)
            self._engine.submit(str(self.submitted), asking(prompt), {})
            self.submitted += 1
        elif what < 0.6:
            self._engine.cancel(str(self.submitted - self._chance.randint(1, 5)))
        elif what < 0.65 and pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, self._chance.choice([signal.SIGKILL, signal.SIGSTOP]))

    def is_over(self) -> bool:
        """Takes an event; tells whether every job has ended."""
        event = self._engine.next_event(0.05)
        if isinstance(event, LAST_EVENTS):
            self.ends[event.job_id] += 1
        return len(self.ends) == self.submitted


def test_whatever_happens_each_job_ends_exactly_once(engine: LocalEngine) -> None:
    engine.start()
    mischief = Mischief(engine, seed=1)
    end = time.monotonic() + 2
    while time.monotonic() < end:
        mischief.make()
        mischief.is_over()
    for number in range(mischief.submitted):
        engine.cancel(str(number))
    settle(mischief.is_over)
    assert {*mischief.ends.values()} == {1}
