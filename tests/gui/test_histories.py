"""Histories share the disk, and say when steps are lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.core.claims import Claim
from studio.core.commands.layer import AddLayer, RemoveLayer
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.gui.background import Background
from studio.gui.histories import Histories
from studio.gui.settings import HistorySettings
from studio.gui.widgets.toasts import Tone
from tests.helpers.documents import records, rgba_noise

CANVAS = Bounds(0, 0, 256, 256)
LITTLE = HistorySettings(memory=1, disk=2**30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "old steps"


@pytest.fixture
def histories(qtbot: QtBot, folder: Path) -> Iterator[Histories]:
    found = Histories(folder, LITTLE)
    yield found
    found.close()


def work(stack: CommandStack, document: Document, steps: int) -> None:
    """Adds and removes layers full of noise."""
    for seed in range(steps):
        layer = RasterLayer("noise")
        layer.surface.write(CANVAS, rgba_noise(CANVAS, seed))
        stack.push(AddLayer(layer))
        stack.push(RemoveLayer(layer))


def is_writing(stack: CommandStack) -> bool:
    return any(holding.is_pending for step in stack.entries for holding in step.holdings)


def test_old_steps_of_all_documents_wait_in_one_folder_until_the_end(
    qtbot: QtBot, histories: Histories, folder: Path
) -> None:
    told = records(histories.message)
    stacks = []
    for _ in range(2):
        document = Document(CANVAS)
        stacks.append(histories.new_stack(document))
        for _ in range(3):
            work(stacks[-1], document, 1)
            qtbot.waitUntil(lambda: not is_writing(stacks[-1]), timeout=20_000)
    assert len(list(folder.glob("*/*"))) >= 4
    (claimed,) = [path for path in folder.iterdir() if path.is_dir()]
    assert Claim.take(claimed) is None
    stacks[0].go_to(0)
    assert not told
    histories.close()
    assert not list(folder.iterdir())


def test_less_memory_counts_at_once(qtbot: QtBot, folder: Path) -> None:
    histories = Histories(folder, HistorySettings())
    document = Document(CANVAS)
    stack = histories.new_stack(document)
    work(stack, document, 3)
    before = stack.cost
    histories.set_memory(1)
    qtbot.waitUntil(lambda: not is_writing(stack), timeout=20_000)
    histories.set_memory(1)
    assert stack.cost < before
    assert histories.disk_used > 0
    histories.close()


def test_nothing_is_made_where_nothing_has_to_wait(histories: Histories, folder: Path) -> None:
    histories.new_stack(Document(CANVAS)).push(AddLayer(RasterLayer("empty")))
    histories.close()
    assert not folder.exists()


def test_what_crashes_left_is_swept(qtbot: QtBot, histories: Histories, folder: Path) -> None:
    left = Claim.make(folder)
    (left.folder / "1.tiles").write_bytes(np.zeros(9, np.uint8).tobytes())
    left.release()
    background = Background()
    histories.sweep(background)
    qtbot.waitUntil(lambda: background.is_idle)
    background.close()
    assert not list(folder.iterdir())


@pytest.mark.parametrize(("is_broken", "why"), [(True, "not a folder"), (False, "used up")])
def test_steps_that_are_lost_are_said_to_be_once(
    qtbot: QtBot, folder: Path, is_broken: bool, why: str
) -> None:
    if is_broken:
        folder.write_text("a file where the folder should be")
    histories = Histories(folder / "here", HistorySettings(memory=1, disk=1))
    told = records(histories.message)
    document = Document(CANVAS)
    stack = histories.new_stack(document)
    for _ in range(4):
        work(stack, document, 2)
        qtbot.wait(20)
    ((words, tone, _),) = told
    assert why in words
    assert tone is Tone.NOTE
    histories.close()
