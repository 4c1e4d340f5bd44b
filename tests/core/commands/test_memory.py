"""The history keeps within its memory: old steps go to the disk, and only then are they lost."""

from __future__ import annotations

from concurrent.futures import Executor
from pathlib import Path

import numpy as np
import pytest

from studio.core.commands.group import CommandGroup
from studio.core.commands.paint import PaintStroke
from studio.core.commands.stack import Command, CommandStack
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.core.spool import Spool, SpoolError
from studio.core.tiles import COLOUR, TILE, TileChange
from tests.helpers.documents import records
from tests.helpers.executors import AtOnce, Later
from tests.helpers.states import digest

ROOM = 3 * COLOUR.size
"""For three steps of a tile each."""


class Painted:
    """A document on which each step paints over the same tile, and its state after each step."""

    def __init__(
        self,
        folder: Path,
        *,
        disk: int = 2**30,
        executor: Executor | None = None,
        memory: int = ROOM,
    ) -> None:
        self.document = Document(Bounds(0, 0, TILE, TILE))
        self.layer = RasterLayer("paint")
        self.document.layers.insert(0, self.layer)
        self.spool = Spool(lambda: folder, executor or AtOnce(), disk)
        self.stack = CommandStack(self.document, memory, self.spool)
        self.dropped = records(self.stack.dropped)
        self.states = [digest(self.document)]

    def stroke(self, number: int) -> Command:
        before = self.layer.surface.snapshot()
        pixels = np.full((TILE, TILE, 4), 255, np.uint8)
        pixels[..., :3] = np.random.default_rng(number).integers(0, 256, (TILE, TILE, 3))
        self.layer.surface.write(Bounds(0, 0, TILE, TILE), pixels)
        after = self.layer.surface.snapshot()
        return PaintStroke(self.layer, TileChange.between(before, after), f"step {number}")

    def paint(self, steps: int) -> None:
        for _ in range(steps):
            self.stack.push(self.stroke(len(self.states)))
            self.states.append(digest(self.document))


def test_old_steps_go_to_the_disk_and_come_back(tmp_path: Path) -> None:
    painted = Painted(tmp_path)
    painted.paint(12)
    assert painted.stack.cost <= ROOM
    assert painted.spool.used > 0
    assert not painted.dropped
    for number in range(11, -1, -1):
        painted.stack.undo()
        assert digest(painted.document) == painted.states[number]
        assert painted.stack.cost <= ROOM
    for number in range(1, 13):
        painted.stack.redo()
        assert digest(painted.document) == painted.states[number]
        assert painted.stack.cost <= ROOM


def test_one_may_jump_over_steps_on_the_disk(tmp_path: Path) -> None:
    painted = Painted(tmp_path)
    painted.paint(12)
    for number in (2, 11, 0, 7, 12):
        painted.stack.go_to(number)
        assert digest(painted.document) == painted.states[number]


def test_steps_that_are_still_on_their_way_can_be_undone(tmp_path: Path) -> None:
    executor = Later()
    painted = Painted(tmp_path, executor=executor)
    painted.paint(4)
    painted.stack.go_to(0)
    assert digest(painted.document) == painted.states[0]
    executor.work()
    painted.stack.go_to(4)
    assert digest(painted.document) == painted.states[4]


def test_a_disk_that_is_slower_than_the_hand_costs_the_oldest_steps(tmp_path: Path) -> None:
    painted = Painted(tmp_path, executor=Later())
    painted.paint(30)
    assert painted.stack.cost <= 2 * ROOM
    assert sum(painted.dropped) == 30 - len(painted.stack.entries)


def test_what_is_beyond_the_disks_bound_is_dropped_and_said(tmp_path: Path) -> None:
    painted = Painted(tmp_path, disk=4 * COLOUR.size)
    painted.paint(20)
    assert painted.spool.used <= 4 * COLOUR.size
    dropped = sum(painted.dropped)
    assert dropped == 20 - len(painted.stack.entries) > 0
    painted.stack.go_to(0)
    assert digest(painted.document) == painted.states[dropped]


@pytest.mark.parametrize("forget", ["new step", "close"])
def test_forgotten_steps_leave_nothing_on_the_disk(tmp_path: Path, forget: str) -> None:
    painted = Painted(tmp_path)
    painted.paint(12)
    painted.stack.go_to(0)
    assert painted.spool.used > 0
    if forget == "close":
        painted.stack.close()
    else:
        painted.paint(1)
    assert painted.spool.used == 0
    assert not list(tmp_path.iterdir())


def test_a_disk_that_refuses_costs_the_oldest_steps_and_no_stroke(tmp_path: Path) -> None:
    painted = Painted(tmp_path / "missing")
    painted.paint(10)
    assert painted.spool.failure is not None
    assert painted.stack.cost <= ROOM
    dropped = sum(painted.dropped)
    assert dropped > 0
    painted.stack.go_to(0)
    assert digest(painted.document) == painted.states[dropped]


def test_steps_that_the_disk_lost_are_dropped_and_the_rest_stays(tmp_path: Path) -> None:
    painted = Painted(tmp_path)
    painted.paint(12)
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(SpoolError):
        painted.stack.go_to(0)
    reached = 12 - len(painted.stack.entries)
    assert 0 < reached < 12
    assert painted.stack.index == 0
    assert digest(painted.document) == painted.states[reached]
    painted.stack.go_to(len(painted.stack.entries))
    assert digest(painted.document) == painted.states[12]


def test_lost_steps_that_were_undone_are_dropped_too(tmp_path: Path) -> None:
    painted = Painted(tmp_path)
    painted.paint(12)
    painted.stack.go_to(0)
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(SpoolError):
        painted.stack.go_to(12)
    assert not painted.stack.can_redo
    assert digest(painted.document) == painted.states[painted.stack.index]


def test_steps_in_a_group_go_together(tmp_path: Path) -> None:
    painted = Painted(tmp_path)
    for first in range(0, 8, 2):
        painted.stack.push(CommandGroup("two", [painted.stroke(first), painted.stroke(first + 1)]))
        painted.states.append(digest(painted.document))
    assert painted.stack.cost <= ROOM
    painted.stack.go_to(0)
    assert digest(painted.document) == painted.states[0]
    painted.stack.go_to(3)
    assert digest(painted.document) == painted.states[3]
