"""The image menu: its actions, their order, and what they do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from studio.core.geometry import Bounds
from studio.gui.actions.registry import SEPARATOR, ActionRegistry, ActionSpec
from studio.gui.canvas.view import CanvasView
from studio.gui.studio import Studio

IMAGE_SPECS = (
    ActionSpec(
        "image.scale",
        "Scale Image…",
        "image-upscale",
        "Give the whole picture another size in pixels",
        ("Ctrl+Alt+I",),
    ),
    ActionSpec(
        "image.enlarge",
        "Enlarge…",
        "maximize",
        "Make the picture or a layer larger, with detail that a network finds",
        ("Ctrl+Alt+U",),
    ),
    ActionSpec(
        "image.extend",
        "Extend Canvas…",
        "expand",
        "Add to the canvas by numbers",
        ("Ctrl+Alt+C",),
    ),
    ActionSpec("image.turn_left", "Turn Left", "rotate-ccw", "Turn the whole picture to the left"),
    ActionSpec(
        "image.turn_right", "Turn Right", "rotate-cw", "Turn the whole picture to the right"
    ),
    ActionSpec("image.turn_around", "Turn Around", "refresh-cw", "Turn the whole picture by half"),
    ActionSpec(
        "image.mirror_across",
        "Mirror Left and Right",
        "flip-horizontal-2",
        "Swap left and right of the whole picture",
    ),
    ActionSpec(
        "image.mirror_down",
        "Mirror Top and Bottom",
        "flip-vertical-2",
        "Swap top and bottom of the whole picture",
    ),
    ActionSpec(
        "image.crop",
        "Crop to the Selection",
        "crop",
        "Let the canvas be as large as what is selected",
    ),
    ActionSpec(
        "image.trim",
        "Trim",
        "scan",
        "Let the canvas be as large as what is not transparent",
    ),
)
"""Every action of the image menu."""

IMAGE_MENU = (
    *("image.scale", "image.enlarge", "image.extend", "image.crop", "image.trim", SEPARATOR),
    *("image.turn_left", "image.turn_right", "image.turn_around", SEPARATOR),
    *("image.mirror_across", "image.mirror_down"),
)
"""The image menu from top to bottom."""


def bind_image(
    registry: ActionRegistry,
    studio: Studio,
    canvas: CanvasView,
    extend: Callable[[Bounds], None],
) -> None:
    """What the image menu does.

    Args:
        registry: of all actions.
        studio: whose parts do it.
        canvas: over which dialogs are shown.
        extend: makes the canvas this.
    """

    imaging = studio.imaging

    def show_scale() -> None:
        from studio.gui.dialogs.scale_image import ScaleImageDialog

        dialog = ScaleImageDialog(imaging.canvas.extent, canvas)
        dialog.chosen.connect(imaging.scale)
        dialog.open()

    def show_enlarge() -> None:
        from studio.gui.dialogs.enlarge import EnlargeDialog

        enlarging = studio.enlarging
        extents = enlarging.canvas_extent, enlarging.layer_extent
        dialog = EnlargeDialog(*extents, studio.upscalers, canvas)
        dialog.chosen.connect(enlarging.enlarge)
        dialog.open()

    def show_extend() -> None:
        from studio.gui.dialogs.extend_canvas import ExtendCanvasDialog

        dialog = ExtendCanvasDialog(imaging.canvas, canvas)
        dialog.chosen.connect(extend)
        dialog.open()

    registry.bind("image.scale", show_scale)
    registry.bind("image.enlarge", show_enlarge, enabled=lambda: bool(studio.upscalers))
    registry.bind("image.extend", show_extend)
    registry.bind("image.turn_left", partial(imaging.turn, 3))
    registry.bind("image.turn_right", partial(imaging.turn, 1))
    registry.bind("image.turn_around", partial(imaging.turn, 2))
    registry.bind("image.mirror_across", partial(imaging.mirror, across=True))
    registry.bind("image.mirror_down", partial(imaging.mirror, across=False))
    registry.bind("image.crop", imaging.crop_to_selection, enabled=lambda: imaging.has_selection)
    registry.bind("image.trim", imaging.trim)
