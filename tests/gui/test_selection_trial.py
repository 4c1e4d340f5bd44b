from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from studio.core.commands.selection import SetSelection, Target
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.selection import grown, rectangle
from studio.core.tiles import Snapshot
from studio.gui.selection_trial import Trial
from studio.tools import nothing
from tests.helpers.documents import SMALL

BOX = Bounds(40, 20, 10, 10)


class Waiting:
    """A runner whose work ends when it is told to."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []

    def __call__(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Any = nothing
    ) -> None:
        self.jobs.append((work, done))

    def end(self) -> None:
        work, done = self.jobs.pop(0)
        done(work())


class Bench:
    """A document with a box selected, and a trial that grows it."""

    def __init__(self) -> None:
        self.document = Document(SMALL)
        self.stack = CommandStack(self.document)
        self.stack.push(SetSelection(rectangle(BOX)))
        self.steps = self.stack.index
        self.waiting = Waiting()
        self.asked: list[int] = []
        self.trial = Trial(
            self.document, self.stack, Target.SELECTION, self.grow, "Grow", self.waiting
        )

    def grow(self, mask: Snapshot, amount: int) -> Snapshot:
        self.asked.append(amount)
        return grown(mask, amount, SMALL)

    @property
    def selected(self) -> Bounds:
        return self.document.selection.used_bounds()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_each_amount_is_seen_and_is_no_step(bench: Bench) -> None:
    for amount in (3, 7):
        bench.trial.show(amount)
        bench.waiting.end()
        assert bench.selected == BOX.padded(amount)
    assert bench.stack.index == bench.steps


def test_amounts_that_were_passed_over_are_not_worked_out(bench: Bench) -> None:
    for amount in (1, 2, 3, 4):
        bench.trial.show(amount)
    bench.waiting.end()
    bench.waiting.end()
    assert bench.asked == [1, 4]
    assert bench.selected == BOX.padded(4)
    assert not bench.waiting.jobs


def test_taken_it_is_one_step_from_the_selection_before(bench: Bench) -> None:
    bench.trial.show(3)
    bench.waiting.end()
    bench.trial.accept()
    assert bench.stack.undo_name == "Grow"
    assert bench.selected == BOX.padded(3)
    bench.stack.undo()
    assert bench.selected == BOX


def test_taken_too_soon_it_is_made_when_it_is_known(bench: Bench) -> None:
    bench.trial.show(3)
    bench.trial.show(5)
    bench.trial.accept()
    assert bench.stack.index == bench.steps
    bench.waiting.end()
    bench.waiting.end()
    assert bench.stack.undo_name == "Grow"
    assert bench.selected == BOX.padded(5)


def test_given_up_nothing_has_happened(bench: Bench) -> None:
    bench.trial.show(3)
    bench.waiting.end()
    bench.trial.show(5)
    bench.trial.reject()
    bench.waiting.end()
    assert bench.selected == BOX
    assert bench.stack.index == bench.steps
