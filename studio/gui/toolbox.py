"""The tools as the person meets them: names, icons, keys, and their order on the rail.

A new tool takes an id in `ToolId`, a card here, and, where there is something to set about it, a
row in `studio.gui.docks.tool_options.OPTIONS`; rail, shortcuts and options read these.
"""

from __future__ import annotations

import msgspec

from studio.gui.workspace import ToolId


class ToolCard(msgspec.Struct, frozen=True):
    """A tool as the person meets it.

    Attributes:
        icon: a name in ``resources/icons``.
        tip: what it does, in one sentence without a full stop.
        keys: the shortcut that takes it in hand.
        hint: how it is used, where nothing can be set about it or that does not say it.
    """

    id: ToolId
    title: str
    icon: str
    tip: str
    keys: str
    hint: str = ""


_COMBINING = "Shift adds to what is selected, Alt takes away from it."

_PLACING = (
    (ToolCard(ToolId.FRAME, "Frame", "frame", "Move and size the area to be generated", "F"),),
    (
        ToolCard(
            ToolId.MOVE,
            "Move",
            "move",
            "Move the chosen layer",
            "V",
            "Drag to move the chosen layer, or what of it is selected. Arrow keys move by a pixel.",
        ),
        ToolCard(
            ToolId.TRANSFORM,
            "Transform",
            "scaling",
            "Scale, turn and distort the chosen layer",
            "Shift+T",
        ),
    ),
    (
        ToolCard(ToolId.EXTEND, "Extend", "expand", "Drag an edge to make the canvas wider", "C"),
        ToolCard(ToolId.CROP, "Crop", "crop", "Choose what remains of the canvas", "Shift+C"),
    ),
)
_SELECTING = (
    (
        ToolCard(
            ToolId.RECTANGLE, "Rectangle", "square-dashed", "Select a rectangle", "A", _COMBINING
        ),
        ToolCard(
            ToolId.ELLIPSE, "Ellipse", "circle-dashed", "Select an ellipse", "Shift+A", _COMBINING
        ),
    ),
    (
        ToolCard(
            ToolId.LASSO, "Lasso", "lasso", "Draw around what is to be selected", "L", _COMBINING
        ),
        ToolCard(
            ToolId.POLYGON,
            "Polygon",
            "pentagon",
            "Click from corner to corner of what is to be selected",
            "Shift+L",
            _COMBINING,
        ),
    ),
    (
        ToolCard(
            ToolId.WAND, "Magic Wand", "wand", "Select what is alike and connected", "W", _COMBINING
        ),
        ToolCard(
            ToolId.COLOUR_RANGE,
            "Colour Range",
            "swatch-book",
            "Select a colour wherever it is",
            "Shift+W",
            _COMBINING,
        ),
    ),
)
_PAINTING = (
    (ToolCard(ToolId.BRUSH, "Brush", "brush", "Paint on the chosen layer", "B"),),
    (ToolCard(ToolId.ERASER, "Eraser", "eraser", "Erase from the chosen layer", "E"),),
    (
        ToolCard(
            ToolId.MASK,
            "Mask Brush",
            "square-dashed-mouse-pointer",
            "Paint over what should be made anew",
            "K",
        ),
        ToolCard(ToolId.MASK_ERASER, "Mask Eraser", "square-minus", "Take mask away", "Shift+K"),
    ),
    (
        ToolCard(ToolId.FILL, "Fill", "paint-bucket", "Fill what is alike with the colour", "G"),
        ToolCard(
            ToolId.GRADIENT, "Gradient", "blend", "Let one colour go over into another", "Shift+G"
        ),
    ),
    (
        ToolCard(ToolId.CLONE, "Clone", "stamp", "Paint with another place of the picture", "S"),
        ToolCard(ToolId.SMUDGE, "Smudge", "pointer", "Draw paint along", "Shift+S"),
    ),
    (ToolCard(ToolId.TEXT, "Text", "type", "Write on the canvas", "T"),),
)
_LOOKING = (
    (
        ToolCard(
            ToolId.PICKER,
            "Pick a Colour",
            "pipette",
            "Take the colour under the pointer",
            "I",
            "Click on the picture to paint in its colour.",
        ),
    ),
    (
        ToolCard(
            ToolId.HAND,
            "Hand",
            "hand",
            "Move the view",
            "H",
            "Drag to move the view. The space bar does the same with any tool.",
        ),
        ToolCard(
            ToolId.TURN,
            "Rotate the View",
            "rotate-cw-square",
            "Turn the view, not the picture",
            "R",
            "Drag around the middle; with Control in steps of 15°. R or Shift and the space bar do "
            "the same with any tool while they are held.",
        ),
        ToolCard(
            ToolId.ZOOM,
            "Zoom",
            "search",
            "Look closer or from farther away",
            "Z",
            "Click to zoom in, with Alt to zoom out, or drag sideways. The wheel zooms with any "
            "tool.",
        ),
    ),
)

RAIL: tuple[tuple[tuple[ToolCard, ...], ...], ...] = (_PLACING, _SELECTING, _PAINTING, _LOOKING)
"""The rail from top to bottom: sections of places; tools in one place share its button."""
CARDS: dict[ToolId, ToolCard] = {
    card.id: card for section in RAIL for place in section for card in place
}
