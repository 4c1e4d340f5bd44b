"""What menus do to the open document: each a command, or a few taken as one step."""

from __future__ import annotations

from studio.core.commands.canvas import ResizeCanvas, SetFrame
from studio.core.commands.group import CommandGroup
from studio.core.commands.stack import Command
from studio.core.geometry import Bounds, Extent
from studio.generation.request import MAX_SIDE
from studio.gui.workspace import ToolId, Workspace

_STEP = 1.2
_SMALLEST, _LARGEST = 1.0, 2000.0
_SWAPS = {
    ToolId.BRUSH: ToolId.ERASER,
    ToolId.ERASER: ToolId.BRUSH,
    ToolId.MASK: ToolId.MASK_ERASER,
    ToolId.MASK_ERASER: ToolId.MASK,
}


class Editing:
    """Changes the document that is open when it is called."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def undo(self) -> None:
        """Takes the last step back; first of all what the tool is in the middle of."""
        tool = self._workspace.tool
        if tool is not None and tool.is_active:
            tool.cancel()
        else:
            self._workspace.stack.undo()

    def redo(self) -> None:
        """Makes it again."""
        self._workspace.tool_cancel()
        self._workspace.stack.redo()

    def set_size(self, extent: Extent) -> None:
        """Gives the frame a size, around its middle; an empty canvas becomes just as large."""
        document = self._workspace.document
        if not document.layers:
            bounds = Bounds(document.canvas.x, document.canvas.y, *extent)
            self._resize(bounds, bounds, "Size of the picture")
            return
        old = document.frame
        x = old.x + (old.width - extent.width) // 2
        y = old.y + (old.height - extent.height) // 2
        self._push(SetFrame(Bounds(x, y, *extent)))

    def extend(self, canvas: Bounds, native: int) -> None:
        """Makes the canvas larger and frames what is new, with its surroundings.

        Args:
            canvas: that it shall become.
            native: side of the area that the model was trained on.
        """
        document = self._workspace.document
        frame = canvas
        if document.layers:
            frame = extension_frame(document.canvas, canvas, native)
        self._resize(canvas, frame, "Extend canvas")

    def frame_canvas(self) -> None:
        """Frames the whole canvas, as far as a frame may be large."""
        canvas = self._workspace.document.canvas
        self._push(SetFrame(_at_most(canvas)))

    def scale_brush(self, direction: int) -> None:
        """Makes the brush a step larger (1) or smaller (-1)."""
        size = self._workspace.brush.size * _STEP**direction
        self._workspace.set_brush(size=min(_LARGEST, max(_SMALLEST, round(size, 1))))

    def swap_brush(self) -> None:
        """From the brush to its eraser and back."""
        tool = self._workspace.tool_id
        self._workspace.set_tool(_SWAPS.get(tool, ToolId.BRUSH))

    def _resize(self, canvas: Bounds, frame: Bounds, name: str) -> None:
        self._push(CommandGroup(name, (ResizeCanvas(canvas, name), SetFrame(frame))))

    def _push(self, command: Command) -> None:
        self._workspace.stack.push(command)


def extension_frame(old: Bounds, new: Bounds, native: int) -> Bounds:
    """What to frame after the canvas was extended.

    For one side it is the new strip and as much of the picture beside it as is new, or as the
    model likes to see; for several sides all of the canvas.

    >>> extension_frame(Bounds(0, 0, 1000, 600), Bounds(0, 0, 1256, 600), 512)
    Bounds(x=488, y=0, width=768, height=600)
    """
    depths = (old.x - new.x, old.y - new.y, new.right - old.right, new.bottom - old.bottom)
    grown = [depth for depth in depths if depth > 0]
    if len(grown) != 1:
        return _at_most(new)
    overlap = max(grown[0], native)
    left, top, right, bottom = depths
    return _at_most(
        Bounds.from_edges(
            max(new.x, old.right - overlap) if right > 0 else new.x,
            max(new.y, old.bottom - overlap) if bottom > 0 else new.y,
            min(new.right, old.x + overlap) if left > 0 else new.right,
            min(new.bottom, old.y + overlap) if top > 0 else new.bottom,
        )
    )


def _at_most(bounds: Bounds) -> Bounds:
    width, height = min(bounds.width, MAX_SIDE), min(bounds.height, MAX_SIDE)
    return Bounds(bounds.x, bounds.y, width, height)
