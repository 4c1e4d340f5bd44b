from __future__ import annotations

import numpy as np
import pytest

from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.geometry import Bounds, Point
from studio.core.layers import RasterLayer
from studio.core.selection import Operation
from studio.tools import (
    ColourRangeTool,
    MagicWandTool,
    SelectSettings,
    Tool,
    ToolContext,
    nothing,
)
from tests.helpers.documents import BLUE, RED, SMALL, context_for, document_with, drag, solid


@pytest.fixture
def context() -> ToolContext:
    """Two red squares beside each other on a blue ground, each on a layer of its own."""
    document = document_with(solid(SMALL.width, SMALL.height, BLUE))
    for x in (10, 50):
        layer = RasterLayer.from_picture("square", solid(20, 20, RED), Point(x, 10))
        document.layers.insert(len(document.layers), layer)
    context = context_for(document)
    context.settings.change(SelectSettings, antialias=False)
    return context


def click(tool: Tool, x: float, y: float) -> None:
    drag(tool, (x, y))


def selected(context: ToolContext) -> int:
    return int((context.document.selection.read(SMALL) == 255).sum())


def test_the_wand_selects_the_region_that_is_clicked(context: ToolContext) -> None:
    click(MagicWandTool(context), 15, 15)
    assert context.document.selection.used_bounds() == Bounds(10, 10, 20, 20)
    assert context.stack.undo_name == "Select similar"


def test_or_every_region_of_that_colour(context: ToolContext) -> None:
    context.settings.change(SelectSettings, contiguous=False)
    click(MagicWandTool(context), 15, 15)
    assert selected(context) == 800


def test_or_what_the_active_layer_alone_shows(context: ToolContext) -> None:
    context.settings.change(SelectSettings, all_layers=False)
    context.document.active = context.document.layers[0]
    click(MagicWandTool(context), 15, 15)
    assert selected(context) == SMALL.area


def test_with_no_layer_to_look_at_it_says_so() -> None:
    context = context_for(Document(SMALL))
    context.settings.change(SelectSettings, all_layers=False)
    with pytest.raises(KnownError, match="no layer"):
        click(MagicWandTool(context), 15, 15)


def test_a_click_within_the_selection_selects_anew(context: ToolContext) -> None:
    tool = MagicWandTool(context)
    click(tool, 15, 15)
    context.settings.change(SelectSettings, tolerance=255)
    click(tool, 15, 15)
    assert selected(context) == SMALL.area


def test_a_drag_within_the_selection_moves_it(context: ToolContext) -> None:
    tool = MagicWandTool(context)
    click(tool, 15, 15)
    drag(tool, (15, 15), (25, 15))
    assert context.document.selection.used_bounds() == Bounds(20, 10, 20, 20)


def test_a_click_beside_the_canvas_selects_nothing(context: ToolContext) -> None:
    tool = MagicWandTool(context)
    click(tool, 15, 15)
    click(tool, -15, 15)
    assert not context.document.has_selection


def test_clicks_may_add_up(context: ToolContext) -> None:
    context.settings.change(SelectSettings, operation=Operation.ADD)
    tool = MagicWandTool(context)
    click(tool, 15, 15)
    click(tool, 55, 15)
    assert selected(context) == 800


def test_soft_steps_stay_beside_the_edge(context: ToolContext) -> None:
    context.settings.change(SelectSettings, antialias=True)
    click(MagicWandTool(context), 15, 15)
    values = context.document.selection.read(SMALL)
    assert context.document.selection.used_bounds() == Bounds(9, 9, 22, 22)
    assert len(np.unique(values)) > 2


def test_a_colour_range_is_found_everywhere(context: ToolContext) -> None:
    click(ColourRangeTool(context), 15, 15)
    assert selected(context) == 800
    assert context.stack.undo_name == "Select colour range"


def test_work_may_be_done_elsewhere(context: ToolContext) -> None:
    waiting = []
    context.run = lambda work, done, failed=nothing: waiting.append((work, done))
    click(MagicWandTool(context), 15, 15)
    assert not context.document.has_selection
    work, done = waiting[0]
    context.document.layers.remove(context.document.layers[1])
    done(work())
    assert selected(context) == 400
