"""Tools that select: by drawing a shape, or by clicking on a colour."""

from studio.tools.selecting.lassos import LassoTool, PolygonTool
from studio.tools.selecting.settings import SelectSettings
from studio.tools.selecting.shapes import EllipseTool, RectangleTool
from studio.tools.selecting.similar import ColourRangeTool, MagicWandTool

__all__ = [
    "ColourRangeTool",
    "EllipseTool",
    "LassoTool",
    "MagicWandTool",
    "PolygonTool",
    "RectangleTool",
    "SelectSettings",
]
