"""A window's model with a small picture in it, and the canvas that shows it."""

from __future__ import annotations

import os

import pytest
from pytestqt.qtbot import QtBot

from studio.core.commands.layer import AddLayer
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.gui.canvas.view import CanvasView
from studio.gui.workspace import Workspace
from tests.gui.canvas.hand import Hand
from tests.gui.canvas.pictures import picture

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

CANVAS = Bounds(0, 0, 400, 300)


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    """An empty document of 400x300 pixels."""
    workspace = Workspace()
    workspace.replace_document(Document(CANVAS))
    return workspace


@pytest.fixture
def painted(workspace: Workspace) -> Workspace:
    """The same with a red square of 200 pixels on a layer, top left."""
    layer = RasterLayer.from_picture("square", picture(200))
    workspace.stack.push(AddLayer(layer))
    return workspace


@pytest.fixture
def view(workspace: Workspace, qtbot: QtBot) -> CanvasView:
    """The canvas, 600x500 large, at 100 %, the document's corner at (100, 100)."""
    view = CanvasView(workspace, ["a red fox"])
    qtbot.addWidget(view)
    view.resize(600, 500)
    view.show()
    view.show_actual()
    view.navigator.pan_by(100 - view.viewport.x, 100 - view.viewport.y)
    return view


@pytest.fixture
def hand(view: CanvasView) -> Hand:
    """Acts on the canvas."""
    return Hand(view)
