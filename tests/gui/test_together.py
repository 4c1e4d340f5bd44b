from __future__ import annotations

import pytest

from studio.core.commands.canvas import ResizeCanvas, SetFrame
from studio.core.commands.stack import Command, CommandStack
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.gui.together import Together

SMALL, LARGE = Bounds(0, 0, 10, 10), Bounds(0, 0, 40, 20)


class Failing(Command):
    @property
    def name(self) -> str:
        return "Fail"

    def do(self, document: Document) -> None:
        raise ValueError

    def undo(self, document: Document) -> None: ...


def test_both_are_done_and_undone_as_one_step() -> None:
    document = Document(SMALL)
    stack = CommandStack(document)
    stack.push(Together("Extend", (ResizeCanvas(LARGE), SetFrame(LARGE))))
    assert (document.canvas, document.frame) == (LARGE, LARGE)
    assert stack.undo_name == "Extend"
    stack.undo()
    assert (document.canvas, document.frame) == (SMALL, SMALL)
    stack.redo()
    assert (document.canvas, document.frame) == (LARGE, LARGE)


def test_where_one_fails_nothing_is_done() -> None:
    document = Document(SMALL)
    stack = CommandStack(document)
    with pytest.raises(ValueError):
        stack.push(Together("Fail", (ResizeCanvas(LARGE), Failing())))
    assert document.canvas == SMALL
    assert not stack.can_undo
