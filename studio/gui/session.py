"""What comes back at the next start: taken from the window, and given to it."""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec

from studio.core.document import Document
from studio.core.geometry import Bounds, Extent
from studio.core.snapping import SnapSettings
from studio.files.brushes import BrushKind
from studio.gui.canvas.aids import AidSettings
from studio.gui.layout import Layout
from studio.gui.settings import ToolSettings, WindowSettings
from studio.gui.studio import Studio
from studio.gui.workspace import ToolId, Workspace
from studio.tools import (
    CloneSettings,
    FillSettings,
    GradientSettings,
    PickSettings,
    SelectSettings,
    SmudgeSettings,
    TransformSettings,
)

SMALLEST_DOCUMENT = 256
"""Side in pixels of a new picture for models that like theirs smaller still."""


def capture(studio: Studio, layout: Layout, settings: WindowSettings) -> WindowSettings:
    """The settings with the present state of everything else."""
    workspace = studio.workspace
    geometry, places = layout.state()
    extent = workspace.document.frame.extent
    return msgspec.structs.replace(
        settings,
        geometry=geometry,
        layout=places,
        width=extent.width,
        height=extent.height,
        prompt=workspace.prompt,
        tools=_tools_of(workspace),
        aids=workspace.tool_settings[AidSettings],
        snapping=workspace.tool_settings[SnapSettings],
        selecting=workspace.tool_settings[SelectSettings],
        folder=str(studio.files.folder),
        recent=studio.files.recent.texts,
    )


def recall(studio: Studio, layout: Layout, settings: WindowSettings) -> None:
    """Brings the state back; what makes no sense any more is left as it is at first."""
    layout.restore(settings.geometry, settings.layout)
    studio.workspace.set_prompt(settings.prompt)
    _recall_tools(studio.workspace, settings.tools)
    for value in (settings.aids, settings.snapping, settings.selecting):
        studio.workspace.tool_settings.put(value)
    if settings.folder and Path(settings.folder).is_dir():
        studio.files.folder = Path(settings.folder)
    studio.files.recent.recall(settings.recent)
    studio.workspace.set_grid(studio.situation.model.grid)
    studio.workspace.replace_document(Document(Bounds.of(new_extent(studio, settings))))


def new_extent(studio: Studio, settings: WindowSettings) -> Extent:
    """The size of a new picture: that of the last one, or what the model likes."""
    if settings.width > 0 and settings.height > 0:
        return Extent(settings.width, settings.height)
    side = max(SMALLEST_DOCUMENT, studio.situation.model.native_size)
    return Extent(side, side)


def _tools_of(workspace: Workspace) -> ToolSettings:
    brushes, settings = workspace.brushes_in_use, workspace.tool_settings
    return ToolSettings(
        tool=workspace.tool_id.value,
        brush=brushes[BrushKind.PAINT],
        eraser=brushes[BrushKind.ERASE],
        mask_brush=brushes[BrushKind.MASK],
        fill=settings[FillSettings],
        gradient=settings[GradientSettings],
        clone=settings[CloneSettings],
        smudge=settings[SmudgeSettings],
        transform=settings[TransformSettings],
        pick=settings[PickSettings],
    )


def _recall_tools(workspace: Workspace, tools: ToolSettings) -> None:
    workspace.set_colour(tools.brush.colour)
    workspace.use_brush(tools.brush, BrushKind.PAINT)
    workspace.use_brush(tools.eraser, BrushKind.ERASE)
    workspace.use_brush(tools.mask_brush, BrushKind.MASK)
    for value in (tools.fill, tools.gradient, tools.clone, tools.smudge, tools.transform):
        workspace.tool_settings.put(value)
    workspace.tool_settings.put(tools.pick)
    with contextlib.suppress(ValueError):
        workspace.set_tool(ToolId(tools.tool))
