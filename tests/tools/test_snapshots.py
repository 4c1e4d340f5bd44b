"""Looking at the picture in the middle of a stroke changes nothing of the stroke.

A journal or a job may take a snapshot at any moment; from then on tiles are shared.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.tools import Button, Modifiers, PointerEvent, Tool, make_tools
from tests.helpers.documents import context_for
from tests.helpers.states import digest
from tests.helpers.trees import noise

CANVAS = Bounds(0, 0, 600, 500)
POINTS = [(20.0 + 11 * i, 30.0 + (i * i * 7) % 400) for i in range(40)]
"""Over several tiles, and back over some of them."""


def document_to_paint_on() -> Document:
    document = Document(CANVAS)
    layer = RasterLayer("paint", noise(Bounds(0, 0, 300, 500), 1), layer_id="paint")
    document.layers.insert(0, layer)
    document.active = layer
    return document


def drag(tool: Tool, between: Callable[[], object]) -> None:
    tool.press(PointerEvent(*POINTS[0], button=Button.LEFT))
    between()
    for number, point in enumerate(POINTS):
        tool.move(PointerEvent(*point, pressure=0.5 + number / 100, time=number / 100))
        between()
    tool.release(PointerEvent(*POINTS[-1], button=Button.LEFT))


def painted(name: str, *, looking: bool) -> list[str]:
    """The document after a drag with a tool, after its undo and after its redo."""
    document = document_to_paint_on()
    context = context_for(document)
    tool = make_tools(context)[name]
    if name == "clone":
        tool.press(PointerEvent(90, 90, button=Button.LEFT, modifiers=Modifiers.ALT))
        tool.release(PointerEvent(90, 90, button=Button.LEFT, modifiers=Modifiers.ALT))
    drag(tool, document.snapshot if looking else lambda: None)
    states = [digest(document)]
    context.stack.undo()
    states.append(digest(document))
    context.stack.redo()
    return [*states, digest(document)]


@pytest.mark.parametrize("name", ["brush", "eraser", "mask", "mask-eraser", "smudge", "clone"])
def test_a_stroke_is_the_same_whether_anybody_looks_or_not(name: str) -> None:
    after, before, again = painted(name, looking=True)
    assert [after, before, again] == painted(name, looking=False)
    assert before == digest(document_to_paint_on())
    assert after == again
    assert name == "mask-eraser" or after != before
