"""Canvas tools as state machines over pointer events; no toolkit."""

from studio.tools.clone import CloneSettings, CloneTool
from studio.tools.cropping import CropSettings, CropTool
from studio.tools.events import Button, Key, Modifiers, PointerEvent
from studio.tools.extending import ExtendTool
from studio.tools.filling import FillSettings, FillTool
from studio.tools.frame import FrameTool
from studio.tools.gradient import GradientSettings, GradientTool
from studio.tools.moving import MoveTool
from studio.tools.overlay import (
    Circle,
    CropBox,
    Cursor,
    FrameBox,
    Handle,
    Line,
    MovedSelection,
    NewArea,
    Outline,
    Overlay,
    PivotMark,
    Shape,
    SnapMark,
    Swatch,
)
from studio.tools.painting import BrushTool, EraserTool, MaskBrushTool, MaskEraserTool
from studio.tools.picking import ColourPickerTool, PickSettings, colour_at
from studio.tools.selecting import (
    ColourRangeTool,
    EllipseTool,
    LassoTool,
    MagicWandTool,
    PolygonTool,
    RectangleTool,
    SelectSettings,
)
from studio.tools.settings import SettingsStore
from studio.tools.smudge import SmudgeSettings, SmudgeTool
from studio.tools.text import Draft, TextSettings, TextTool
from studio.tools.tool import Runner, Tool, ToolContext, nothing
from studio.tools.transforming import TransformSettings, TransformTool

__all__ = [
    "BrushTool",
    "Button",
    "Circle",
    "CloneSettings",
    "CloneTool",
    "ColourPickerTool",
    "ColourRangeTool",
    "CropBox",
    "CropSettings",
    "CropTool",
    "Cursor",
    "Draft",
    "EllipseTool",
    "EraserTool",
    "ExtendTool",
    "FillSettings",
    "FillTool",
    "FrameBox",
    "FrameTool",
    "GradientSettings",
    "GradientTool",
    "Handle",
    "Key",
    "LassoTool",
    "Line",
    "MagicWandTool",
    "MaskBrushTool",
    "MaskEraserTool",
    "Modifiers",
    "MoveTool",
    "MovedSelection",
    "NewArea",
    "Outline",
    "Overlay",
    "PickSettings",
    "PivotMark",
    "PointerEvent",
    "PolygonTool",
    "RectangleTool",
    "Runner",
    "SelectSettings",
    "SettingsStore",
    "Shape",
    "SmudgeSettings",
    "SmudgeTool",
    "SnapMark",
    "Swatch",
    "TextSettings",
    "TextTool",
    "Tool",
    "ToolContext",
    "TransformSettings",
    "TransformTool",
    "colour_at",
    "make_tools",
    "nothing",
]


def make_tools(context: ToolContext) -> dict[str, Tool]:
    """One of each tool, by name."""
    tools: tuple[Tool, ...] = (
        MoveTool(context),
        TransformTool(context),
        CropTool(context),
        FrameTool(context),
        ExtendTool(context),
        BrushTool(context),
        EraserTool(context),
        MaskBrushTool(context),
        MaskEraserTool(context),
        FillTool(context),
        GradientTool(context),
        CloneTool(context),
        SmudgeTool(context),
        TextTool(context),
        ColourPickerTool(context),
        RectangleTool(context),
        EllipseTool(context),
        LassoTool(context),
        PolygonTool(context),
        MagicWandTool(context),
        ColourRangeTool(context),
    )
    return {tool.name: tool for tool in tools}
