"""The judge of workers, with a clock of the tests' own."""

from __future__ import annotations

import pytest

from studio.engine.protocol import Phase
from studio.engine.watchdog import Limits, Verdict, Vitals, Watchdog

LIMITS = Limits()
BUSY, IDLE = 1.0, 0.0005


class Kennel:
    """A watchdog that looks once a second at a worker that a test makes up.

    Attributes:
        processor: seconds of processor time that the worker uses in each second.
        traffic: bytes that it reads in each second.
        answers: whether it answers pings.
        stopped: whether the system has stopped it.
    """

    def __init__(self) -> None:
        self.now = 1000.0
        self.dog = Watchdog(LIMITS, self.now)
        self.processor = IDLE
        self.traffic = 0.0
        self.answers = True
        self.stopped = False
        self._used, self._read = 5.0, 1e6
        self.verdicts: list[Verdict] = []

    def watch(self, seconds: float) -> Verdict:
        """Time passes; the first verdict that is fatal ends it, else the last one is given."""
        verdict = Verdict.WELL
        for _ in range(round(seconds)):
            verdict = self.tick()
            if verdict.is_fatal:
                break
        return verdict

    def tick(self) -> Verdict:
        """One second."""
        self.now += 1.0
        self._used += self.processor
        self._read += self.traffic
        if self.dog.asks:
            self.dog.asked()
        elif self.answers:
            self.dog.answered()
        verdict = self.dog.look(self.now, Vitals(self._used, int(self._read), self.stopped))
        self.verdicts.append(verdict)
        return verdict

    def begin(self, phase: Phase) -> None:
        """A job that has come as far as this."""
        self.dog.expect(self.now)
        self.dog.begin(self.now)
        self.dog.progress(phase, self.now)

    def paint(self, step_seconds: float, steps: int = 4) -> None:
        """Steps of a known speed."""
        self.begin(Phase.DENOISING)
        for _ in range(steps):
            self.watch(step_seconds)
            self.dog.progress(Phase.DENOISING, self.now)


@pytest.fixture
def kennel() -> Kennel:
    return Kennel()


def seconds_to_verdict(kennel: Kennel) -> float:
    """How long a worker lives that does nothing any more."""
    begun = kennel.now
    assert kennel.watch(100_000).is_fatal
    return kennel.now - begun


def test_a_worker_that_nobody_waits_for_may_do_nothing_for_ever(kennel: Kennel) -> None:
    kennel.answers = False
    assert kennel.watch(10_000) is Verdict.WELL


def test_a_worker_whose_work_stands_still_hangs_though_it_answers(kennel: Kennel) -> None:
    kennel.begin(Phase.DENOISING)
    kennel.watch(LIMITS.step - 2)
    assert {*kennel.verdicts} == {Verdict.WELL}
    assert kennel.watch(5) is Verdict.HUNG


@pytest.mark.parametrize(
    ("processor", "traffic"),
    [(BUSY, 0.0), (0.01, 0.0), (IDLE, 50_000.0)],
    ids=["computing", "computing on a crowded machine", "reading a slow disk"],
)
@pytest.mark.parametrize("phase", [Phase.LOADING, Phase.DENOISING, Phase.DECODING])
def test_a_slow_worker_is_never_ended(
    kennel: Kennel, phase: Phase, processor: float, traffic: float
) -> None:
    kennel.begin(phase)
    kennel.processor, kennel.traffic = processor, traffic
    kennel.watch(24 * 3600)
    assert not any(verdict.is_fatal for verdict in kennel.verdicts)


def test_a_card_that_makes_the_processor_spin_hangs_after_very_long(kennel: Kennel) -> None:
    kennel.dog.device(on_processor=False)
    kennel.processor = BUSY
    kennel.paint(step_seconds=1)
    assert seconds_to_verdict(kennel) == pytest.approx(LIMITS.spinning, abs=2)
    unknown = Kennel()
    unknown.dog.device(on_processor=False)
    unknown.processor = BUSY
    unknown.begin(Phase.DENOISING)
    assert seconds_to_verdict(unknown) > 2 * LIMITS.spinning
    slow = Kennel()
    slow.dog.device(on_processor=False)
    slow.processor = BUSY
    slow.paint(step_seconds=60)
    assert seconds_to_verdict(slow) > 2 * LIMITS.patience * 60


def test_a_card_whose_weights_come_from_a_disk_is_waited_for(kennel: Kennel) -> None:
    kennel.dog.device(on_processor=False)
    kennel.processor, kennel.traffic = BUSY, 2**20
    kennel.paint(step_seconds=1)
    assert not kennel.watch(4 * 3600).is_fatal
    kennel.dog.progress(Phase.LOADING, kennel.now)
    kennel.traffic = 0
    assert not kennel.watch(4 * 3600).is_fatal


def test_of_a_slow_worker_the_person_is_told_once_until_it_has_come_further(
    kennel: Kennel,
) -> None:
    kennel.begin(Phase.DENOISING)
    kennel.processor = BUSY
    kennel.watch(3600)
    assert kennel.verdicts.count(Verdict.SLOW) == 1
    kennel.dog.progress(Phase.DECODING, kennel.now)
    kennel.watch(12 * 3600)
    assert kennel.verdicts.count(Verdict.SLOW) == 2


def test_a_worker_that_loads_for_hours_while_its_disk_is_read_is_left_alone(
    kennel: Kennel,
) -> None:
    kennel.dog.expect(kennel.now)
    kennel.answers = False
    kennel.traffic = 2**20
    assert not kennel.watch(4 * 3600).is_fatal


def test_the_limit_follows_the_speed_measured_so_far(kennel: Kennel) -> None:
    kennel.paint(step_seconds=1)
    quick = seconds_to_verdict(kennel)
    slow_kennel = Kennel()
    slow_kennel.paint(step_seconds=30)
    slow = seconds_to_verdict(slow_kennel)
    unknown_kennel = Kennel()
    unknown_kennel.begin(Phase.DENOISING)
    unknown = seconds_to_verdict(unknown_kennel)
    assert quick == pytest.approx(LIMITS.least, abs=2)
    assert slow == pytest.approx(30 * LIMITS.patience, abs=2)
    assert unknown == pytest.approx(LIMITS.step, abs=2)


def test_what_follows_quick_steps_may_take_longer_than_they_did(kennel: Kennel) -> None:
    kennel.paint(step_seconds=1)
    kennel.dog.progress(Phase.DECODING, kennel.now)
    assert seconds_to_verdict(kennel) == pytest.approx(LIMITS.step, abs=2)


def test_each_job_is_measured_anew(kennel: Kennel) -> None:
    kennel.paint(step_seconds=100)
    kennel.dog.end(kennel.now)
    kennel.paint(step_seconds=1)
    assert seconds_to_verdict(kennel) == pytest.approx(LIMITS.least, abs=2)


def test_a_process_that_was_stopped_from_outside_is_found_soon(kennel: Kennel) -> None:
    kennel.paint(step_seconds=1)
    kennel.stopped, kennel.answers = True, False
    begun = kennel.now
    assert kennel.watch(1000) is Verdict.STOPPED
    assert kennel.now - begun <= LIMITS.stopped + 2


def test_one_that_goes_on_soon_enough_is_not_ended(kennel: Kennel) -> None:
    kennel.paint(step_seconds=1)
    for _ in range(5):
        kennel.stopped = True
        assert kennel.watch(LIMITS.stopped - 2) is Verdict.WELL
        kennel.stopped = False
        kennel.tick()
        kennel.dog.progress(Phase.DENOISING, kennel.now)


def test_one_that_neither_moves_nor_answers_is_found_before_one_that_answers(
    kennel: Kennel,
) -> None:
    kennel.begin(Phase.DENOISING)
    kennel.answers = False
    begun = kennel.now
    assert kennel.watch(1000) is Verdict.SILENT
    assert kennel.now - begun == pytest.approx(LIMITS.silent, abs=3)


def test_one_that_loads_from_a_disk_that_wakes_up_need_not_answer(kennel: Kennel) -> None:
    kennel.begin(Phase.LOADING)
    kennel.answers = False
    begun = kennel.now
    assert kennel.watch(1000) is Verdict.SILENT
    assert kennel.now - begun == pytest.approx(LIMITS.loading, abs=3)


def test_one_that_does_not_answer_but_computes_is_left_alone(kennel: Kennel) -> None:
    kennel.begin(Phase.LOADING)
    kennel.answers, kennel.processor = False, BUSY
    assert not kennel.watch(3600).is_fatal


def test_a_cancellation_that_is_not_obeyed_ends_even_a_busy_worker(kennel: Kennel) -> None:
    kennel.begin(Phase.LOADING)
    kennel.processor = BUSY
    kennel.watch(100)
    kennel.dog.cancel(kennel.now)
    begun = kennel.now
    assert kennel.watch(1000) is Verdict.STUBBORN
    assert kennel.now - begun == pytest.approx(LIMITS.cancel, abs=2)


def test_pressing_cancel_again_gains_it_no_time(kennel: Kennel) -> None:
    kennel.begin(Phase.DECODING)
    begun = kennel.now
    while kennel.now - begun < LIMITS.cancel + 2:
        kennel.dog.cancel(kennel.now)
        verdict = kennel.tick()
    assert verdict is Verdict.STUBBORN


@pytest.mark.parametrize(
    ("step_seconds", "limit"), [(1, LIMITS.cancel), (4, 8), (40, LIMITS.cancel_most)]
)
def test_where_steps_are_long_it_may_finish_the_one_that_it_is_at(
    kennel: Kennel, step_seconds: float, limit: float
) -> None:
    kennel.processor = BUSY
    kennel.paint(step_seconds)
    kennel.dog.cancel(kennel.now)
    begun = kennel.now
    assert kennel.watch(1000) is Verdict.STUBBORN
    assert kennel.now - begun == pytest.approx(limit, abs=2)


def test_one_that_obeys_is_not_ended(kennel: Kennel) -> None:
    kennel.paint(step_seconds=1)
    kennel.dog.cancel(kennel.now)
    kennel.watch(2)
    kennel.dog.end(kennel.now)
    kennel.dog.rest()
    assert kennel.watch(1000) is Verdict.WELL


def test_while_this_computer_sleeps_no_time_passes(kennel: Kennel) -> None:
    kennel.paint(step_seconds=1)
    kennel.dog.cancel(kennel.now)
    kennel.now += 8 * 3600
    assert kennel.tick() is Verdict.WELL


def test_it_takes_up_the_watch_again_with_fresh_patience(kennel: Kennel) -> None:
    kennel.answers = False
    kennel.watch(1000)
    kennel.dog.expect(kennel.now)
    assert kennel.watch(LIMITS.loading - 3) is Verdict.WELL


def test_a_process_that_cannot_be_seen_is_thought_to_move(kennel: Kennel) -> None:
    kennel.begin(Phase.DENOISING)
    for _ in range(3600):
        kennel.now += 1
        assert not kennel.dog.look(kennel.now, None).is_fatal


def test_what_ends_a_worker_is_told_in_a_sentence() -> None:
    for verdict in Verdict:
        assert verdict.value.endswith(".") or verdict is Verdict.WELL
