"""What the view menu offers about the canvas, and what does it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QInputDialog, QWidget

from studio.core.commands.canvas import SetGuides
from studio.core.geometry import Bounds
from studio.core.snapping import SnapSettings
from studio.gui.actions.registry import SEPARATOR, ActionRegistry, ActionSpec, Scope
from studio.gui.canvas.aids import LEAST_SPACING, MOST_SPACING, AidSettings
from studio.gui.canvas.view import CanvasView
from studio.gui.canvas.viewport import TURN_STEP
from studio.gui.workspace import Workspace

_ZOOMING = (
    ActionSpec("view.zoom_in", "Zoom In", "zoom-in", "Show it larger", ("Ctrl++", "Ctrl+=")),
    ActionSpec("view.zoom_out", "Zoom Out", "zoom-out", "Show it smaller", ("Ctrl+-",)),
    ActionSpec("view.fit", "Fit the Canvas", "scan", "Show the whole canvas", ("Ctrl+0",)),
    ActionSpec(
        "view.fit_selection",
        "Fit the Selection",
        "scan-search",
        "Show what is selected, as large as it may be",
        ("Ctrl+2",),
    ),
    ActionSpec(
        "view.fit_frame",
        "Fit the Frame",
        "frame",
        "Show the area to be generated, as large as it may be",
        ("Ctrl+3",),
    ),
    ActionSpec(
        "view.actual", "100 %", "square", "Show each pixel as one pixel of the screen", ("Ctrl+1",)
    ),
)
_TURNING = (
    ActionSpec(
        "view.turn_left",
        "Rotate Left",
        "rotate-ccw",
        "Turn the view anticlockwise, not the picture",
        ("4",),
        scope=Scope.CANVAS,
    ),
    ActionSpec(
        "view.turn_right",
        "Rotate Right",
        "rotate-cw",
        "Turn the view clockwise, not the picture",
        ("6",),
        scope=Scope.CANVAS,
    ),
    ActionSpec(
        "view.upright",
        "Reset the Rotation",
        "circle-arrow-up",
        "Show the picture upright again",
        ("5",),
        scope=Scope.CANVAS,
    ),
    ActionSpec(
        "view.mirror",
        "Mirror the View",
        "flip-horizontal-2",
        "Show the picture as in a mirror, and leave it as it is",
        ("M",),
        checkable=True,
    ),
)
_AIDS = (
    ActionSpec(
        "view.rulers", "Rulers", "ruler", "Show rulers, which guides are dragged from",
        ("Ctrl+R",), checkable=True,
    ),
    ActionSpec("view.guides", "Guides", "separator-vertical", "Show guides", ("Ctrl+;",),
               checkable=True),
    ActionSpec("view.lock_guides", "Lock Guides", "lock", "Leave the guides where they are",
               ("Ctrl+Alt+;",), checkable=True),
    ActionSpec("view.clear_guides", "Remove All Guides", "x", "Take all guides away"),
    ActionSpec("view.grid", "Grid", "grid-3x3", "Show a grid over the canvas", ("Ctrl+'",),
               checkable=True),
    ActionSpec("view.spacing", "Grid Spacing…", "sliders-horizontal",
               "Say how far apart the lines of the grid are"),
    ActionSpec("view.snap", "Snapping", "magnet", "Draw what is moved to edges, guides and grid",
               ("Ctrl+Shift+;",), checkable=True),
)  # fmt: skip

VIEW_SPECS: tuple[ActionSpec, ...] = (*_ZOOMING, *_TURNING, *_AIDS)
VIEW_MENU: tuple[str, ...] = (
    *(spec.id for spec in _ZOOMING),
    SEPARATOR,
    *(spec.id for spec in _TURNING),
    SEPARATOR,
    *(spec.id for spec in _AIDS),
)


def bind_viewing(registry: ActionRegistry, canvas: CanvasView, workspace: Workspace) -> None:
    """Zooming, turning, and the aids."""
    navigator = canvas.navigator

    def has_selection() -> bool:
        return workspace.document.has_selection

    registry.bind("view.zoom_in", canvas.zoom_in)
    registry.bind("view.zoom_out", canvas.zoom_out)
    registry.bind("view.fit", canvas.fit)
    registry.bind(
        "view.fit_selection",
        lambda: _fit(canvas, workspace.document.selection.used_bounds()),
        enabled=has_selection,
    )
    registry.bind("view.fit_frame", lambda: _fit(canvas, workspace.document.frame))
    registry.bind("view.actual", canvas.show_actual)
    registry.bind("view.turn_left", partial(navigator.turn_by, -TURN_STEP))
    registry.bind("view.turn_right", partial(navigator.turn_by, TURN_STEP))
    registry.bind("view.upright", partial(navigator.turn_to, 0.0))
    registry.bind("view.mirror", navigator.mirror, checked=lambda: canvas.viewport.mirrored)
    _bind_aids(registry, canvas, workspace)


def _bind_aids(registry: ActionRegistry, canvas: QWidget, workspace: Workspace) -> None:
    settings = workspace.tool_settings

    def toggle(kind: type, name: str) -> None:
        settings.change(kind, **{name: not getattr(settings[kind], name)})

    def is_on(kind: type, name: str) -> Callable[[], bool]:
        return lambda: bool(getattr(settings[kind], name))

    for action_id, kind, name in (
        ("view.rulers", AidSettings, "rulers"),
        ("view.guides", AidSettings, "guides"),
        ("view.lock_guides", AidSettings, "guides_locked"),
        ("view.grid", AidSettings, "grid"),
        ("view.snap", SnapSettings, "enabled"),
    ):
        registry.bind(action_id, partial(toggle, kind, name), checked=is_on(kind, name))
    registry.bind(
        "view.clear_guides",
        lambda: workspace.stack.push(SetGuides((), "Remove all guides")),
        enabled=lambda: bool(workspace.document.guides),
    )
    registry.bind("view.spacing", lambda: _ask_spacing(canvas, workspace))


def _fit(canvas: CanvasView, bounds: Bounds) -> None:
    if not bounds.is_empty:
        canvas.navigator.fit(bounds)


def _ask_spacing(canvas: QWidget, workspace: Workspace) -> None:
    """Asks how far apart the lines of the grid are to be, and shows it meanwhile."""
    settings = workspace.tool_settings
    before = settings[AidSettings]
    dialog = QInputDialog(canvas)
    dialog.setInputMode(QInputDialog.InputMode.IntInput)
    dialog.setWindowTitle("Grid Spacing")
    dialog.setLabelText("Pixels from line to line")
    dialog.setIntRange(LEAST_SPACING, MOST_SPACING)
    dialog.setIntValue(before.spacing)
    dialog.intValueChanged.connect(
        lambda spacing: settings.change(AidSettings, spacing=spacing, grid=True)
    )
    dialog.rejected.connect(lambda: settings.put(before))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
