"""Processes in which a hand paints with the real tools, until somebody kills them.

Run as ``python -m tests.helpers.painting_hand FOLDER``: journals go to the folder. For each seed in
a line of its input it forks a process, so that only the first has to read in the program, and says
``pid`` and its number. Each line that a hand says is a moment of its own time in seconds, and the
digest of the document then. After the hand's end the first process says ``end``.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Generator
from pathlib import Path
from types import TracebackType

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

from studio.core.blend import BlendMode
from studio.core.commands.grouping import GroupLayers
from studio.core.commands.layer import AddLayer, RemoveLayer, SetLayerProperty, TranslateLayer
from studio.core.commands.masking import AddMask
from studio.core.commands.selection import SetMask
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.gui.journalling import Journalling
from studio.gui.workspace import ToolId, Workspace
from studio.tools import Button, PointerEvent
from tests.helpers.states import digest

CANVAS = Bounds(0, 0, 400, 300)
STEP_SECONDS = 1 / 50
LONGEST_STROKE = 120
"""In steps: longer than two seconds."""


class Hand:
    """Does something at each step: mostly it goes on with a stroke."""

    def __init__(self, workspace: Workspace, seed: int) -> None:
        self._workspace = workspace
        self._random = random.Random(seed)
        self._work = self._works()
        self._steps = 0

    def step(self) -> None:
        """Does the next thing and tells what the document is then."""
        next(self._work)
        self._steps += 1
        moment = self._steps * STEP_SECONDS
        print(f"{moment:.3f} {digest(self._workspace.document)}", flush=True)

    def _works(self) -> Generator[None]:
        self._workspace.stack.push(AddLayer(RasterLayer("ground")))
        yield
        while True:
            if self._random.random() < 0.5:
                yield from self._stroke()
            else:
                self._command()
                yield

    def _stroke(self) -> Generator[None]:
        tools = (ToolId.BRUSH, ToolId.BRUSH, ToolId.ERASER, ToolId.MASK)
        self._workspace.set_tool(self._random.choice(tools))
        self._workspace.set_brush(size=self._random.uniform(3, 60))
        tool = self._workspace.tool
        if tool is None or not isinstance(self._workspace.document.active, RasterLayer):
            return
        tool.press(self._event(Button.LEFT))
        for _ in range(self._random.randint(2, LONGEST_STROKE)):
            yield
            tool.move(self._event())
        tool.release(self._event(Button.LEFT))
        yield

    def _event(self, button: Button = Button.NONE) -> PointerEvent:
        x = self._random.uniform(-20, CANVAS.width + 20)
        y = self._random.uniform(-20, CANVAS.height + 20)
        return PointerEvent(x, y, pressure=self._random.uniform(0.2, 1), button=button)

    def _command(self) -> None:
        stack, document = self._workspace.stack, self._workspace.document
        layers = list(document.walk())
        layer = self._random.choice(layers)
        match self._random.randrange(10):
            case 0 | 1:
                stack.undo()
            case 2:
                stack.redo()
            case 3 if len(layers) < 5:
                stack.push(AddLayer(RasterLayer(f"layer {len(layers)}")))
            case 4 if len(layers) > 2:
                stack.push(RemoveLayer(layer))
            case 5:
                stack.push(SetLayerProperty(layer, "opacity", self._random.random()))
            case 6:
                mode = self._random.choice(list(BlendMode))
                stack.push(SetLayerProperty(layer, "blend_mode", mode))
            case 7:
                stack.push(TranslateLayer(layer, self._random.randint(-9, 9), 3))
            case 8 if len(layers) < 5:
                stack.push(GroupLayers([layer]))
            case 9:
                stack.push(AddMask(layer))
            case _:
                stack.push(SetMask.from_bounds(Bounds(self._random.randrange(99), 0, 99, 99)))
        sheets = [layer for layer in document.walk() if isinstance(layer, RasterLayer)]
        if sheets:
            document.active = self._random.choice(sheets)
        else:
            stack.push(AddLayer(RasterLayer("another")))


def _fail(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.__excepthook__(kind, error, trace)
    os._exit(1)


def paint(folder: Path, seed: int) -> None:
    """Paints for ever."""
    sys.excepthook = _fail
    application = QGuiApplication(sys.argv[:1])
    workspace = Workspace()
    journalling = Journalling(workspace, folder)
    workspace.replace_document(Document(CANVAS))
    hand = Hand(workspace, seed)
    timer = QTimer(interval=round(STEP_SECONDS * 1000))
    timer.timeout.connect(hand.step)
    timer.start()
    application.exec()
    journalling.close()


def main(folder: Path) -> None:
    """Forks a hand for each line of the input, one after the other."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            print(f"pid {os.getpid()}", flush=True)
            paint(folder, int(line))
        os.waitpid(child, 0)
        print("end", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
