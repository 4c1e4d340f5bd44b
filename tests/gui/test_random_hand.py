"""Whatever is done with the window, nothing breaks, and all of it is undone and redone."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.core.commands.layer import AddLayer
from studio.core.document import Document
from studio.core.layers import RasterLayer
from studio.gui.dialogs.questions import Unsaved
from studio.gui.document_io import save_document
from studio.gui.main_window import MainWindow
from studio.gui.studio import Studio
from tests.helpers.answers import Answers
from tests.helpers.documents import fingerprint
from tests.helpers.pictures import smooth
from tests.helpers.random_hand import CANVAS, RandomHand

DEEDS = 120


def settle(qtbot: QtBot, studio: Studio) -> None:
    """Waits for all that is done elsewhere, and gives up what a tool is in the middle of."""
    studio.workspace.tool_cancel()
    qtbot.waitUntil(lambda: studio.background.is_idle, timeout=20_000)
    studio.workspace.tool_cancel()


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_done_is_undone_and_redone(
    qtbot: QtBot, window: MainWindow, studio: Studio, tmp_path: Path, seed: int
) -> None:
    workspace, path = studio.workspace, tmp_path / "lake.ora"
    workspace.replace_document(Document(CANVAS))
    workspace.stack.push(AddLayer(RasterLayer.from_picture("lake", smooth(300, 200))))
    save_document(path, workspace.document.snapshot(), lambda fraction: None)
    studio.ask(Answers(source=path, target=path, unsaved=Unsaved.DISCARD))
    hand = RandomHand(window, studio, seed)
    try:
        for _ in range(DEEDS):
            hand.act()
        settle(qtbot, studio)
        stack, last = workspace.stack, fingerprint(workspace.document)
        index = stack.index
        stack.go_to(0)
        stack.go_to(index)
        assert fingerprint(workspace.document) == last
    finally:
        print("\n".join(hand.done))  # shown where it fails
