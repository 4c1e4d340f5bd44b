"""The select menu: its actions, their order, and what they do."""

from __future__ import annotations

from functools import partial

from studio.core.commands.selection import Target
from studio.core.selection import MAX_RADIUS
from studio.gui.actions.registry import ActionRegistry, ActionSpec, Scope
from studio.gui.canvas.view import CanvasView
from studio.gui.selecting import REFINEMENTS, Refinement, Selecting
from studio.gui.workspace import Workspace


def show_amount(selecting: Selecting, canvas: CanvasView, refinement: Refinement) -> None:
    """Asks for an amount, and shows meanwhile what it comes to."""
    from studio.gui.dialogs.amount import AmountDialog

    trial = selecting.trial(refinement)
    dialog = AmountDialog(refinement.title, refinement.amount, MAX_RADIUS // 2, canvas)
    # Qt holds on to a function, but not to the object of a bound method that is no QObject.
    dialog.amount_changed.connect(lambda amount: trial.show(amount))
    dialog.accepted.connect(lambda: trial.accept())
    dialog.rejected.connect(lambda: trial.reject())
    trial.show(dialog.amount)
    dialog.open()


def show_channels(selecting: Selecting, canvas: CanvasView, workspace: Workspace) -> None:
    """Shows the selections that are kept in the document."""
    from studio.gui.dialogs.channels import ChannelsDialog

    names = tuple(workspace.document.channels)
    dialog = ChannelsDialog(names, not selecting.is_empty, canvas)
    dialog.save_requested.connect(selecting.save_channel)
    dialog.load_requested.connect(selecting.load_channel)
    dialog.remove_requested.connect(selecting.remove_channel)
    dialog.open()


def bind_selecting(
    registry: ActionRegistry, selecting: Selecting, canvas: CanvasView, workspace: Workspace
) -> None:
    """The select menu, and what is done with a selection."""

    def has_any() -> bool:
        return not selecting.is_empty

    def has_selection() -> bool:
        return workspace.document.has_selection

    def has_mask() -> bool:
        return not workspace.document.mask.is_empty

    def has_channels() -> bool:
        return has_any() or bool(workspace.document.channels)

    def has_layer() -> bool:
        return selecting.has_layer

    registry.bind("select.all", selecting.select_all)
    registry.bind("select.none", selecting.deselect, enabled=has_any)
    registry.bind("select.again", selecting.reselect, enabled=lambda: selecting.can_reselect)
    registry.bind("select.invert", selecting.invert)
    for name, refinement in REFINEMENTS.items():
        registry.bind(
            f"select.{name}", partial(show_amount, selecting, canvas, refinement), enabled=has_any
        )
    registry.bind("select.alpha", selecting.from_alpha, enabled=has_layer)
    registry.bind("select.luminosity", selecting.from_luminosity, enabled=has_layer)
    registry.bind(
        "select.layer_mask", selecting.from_layer_mask, enabled=lambda: selecting.has_layer_mask
    )
    registry.bind("select.to_mask", selecting.to_mask, enabled=has_selection)
    registry.bind("select.from_mask", selecting.from_painted_mask, enabled=has_mask)
    registry.bind(
        "select.channels",
        partial(show_channels, selecting, canvas, workspace),
        enabled=has_channels,
    )
    registry.bind(
        "select.quick_mask", selecting.toggle_quick_mask, checked=lambda: selecting.is_quick_mask
    )
    registry.bind(
        "select.target",
        selecting.toggle_target,
        checked=lambda: selecting.target is Target.MASK,
    )
    registry.bind("select.frame", selecting.frame_selection, enabled=has_any)
    registry.bind("edit.clear", selecting.clear_layer, enabled=has_layer)
    registry.bind("edit.fill", selecting.fill_layer, enabled=has_layer)


SELECT_SPECS = (
    ActionSpec("select.all", "All", "square-dashed", "Select the whole canvas", ("Ctrl+A",)),
    ActionSpec("select.none", "None", "circle-x", "Select nothing", ("Ctrl+D", "Ctrl+Shift+A")),
    ActionSpec(
        "select.again", "Reselect", "undo-2", "Select what was selected last", ("Ctrl+Alt+D",)
    ),
    ActionSpec(
        "select.invert", "Invert", "contrast", "Select what is not selected", ("Ctrl+Shift+I",)
    ),
    ActionSpec("select.grow", "Grow…", "circle-plus", "Move the edges outwards"),
    ActionSpec("select.shrink", "Shrink…", "circle-minus", "Move the edges inwards"),
    ActionSpec("select.feather", "Feather…", "feather", "Let the edges fade", ("Ctrl+Alt+F",)),
    ActionSpec("select.border", "Border…", "squircle", "Select a band along the edges"),
    ActionSpec("select.smooth", "Smooth…", "square-round-corner", "Round corners, drop specks"),
    ActionSpec(
        "select.alpha", "Layer's Shape", "layers", "Select what the layer covers", ("Ctrl+Alt+A",)
    ),
    ActionSpec("select.luminosity", "Layer's Lights", "sun-dim", "Select what is light in it"),
    ActionSpec("select.layer_mask", "Layer's Mask", "venetian-mask", "Select what it shows"),
    ActionSpec(
        "select.to_mask",
        "Use as Painted Mask",
        "square-dashed-mouse-pointer",
        "Mask what is selected, to have it made anew",
    ),
    ActionSpec("select.from_mask", "Painted Mask", "square-dashed-plus", "Select what is masked"),
    ActionSpec("select.channels", "Channels…", "bookmark", "Keep selections, and bring them back"),
    ActionSpec(
        "select.quick_mask",
        "Quick Mask",
        "layers-2",
        "Paint the selection with brush and eraser",
        ("Q",),
        checkable=True,
    ),
    ActionSpec(
        "select.target",
        "Change the Painted Mask",
        "brush",
        "Let this menu and the selection tools change the painted mask",
        checkable=True,
    ),
    ActionSpec(
        "select.frame",
        "Frame the Selection",
        "scan",
        "Let the frame hold what is selected",
    ),
    ActionSpec(
        "edit.fill",
        "Fill",
        "paint-bucket",
        "Fill what is selected of the layer with the colour",
        ("Alt+Backspace",),
        scope=Scope.CANVAS,
    ),
    ActionSpec(
        "edit.clear",
        "Clear",
        "eraser",
        "Make what is selected of the layer transparent",
        ("Delete",),
        scope=Scope.CANVAS,
    ),
)
"""The actions of the select menu, and those that fill and clear what is selected."""

SELECT_MENU = (
    "select.all", "select.none", "select.again", "select.invert", "",
    "select.grow", "select.shrink", "select.feather", "select.border", "select.smooth", "",
    "select.alpha", "select.luminosity", "select.layer_mask", "select.from_mask", "",
    "select.to_mask", "select.channels", "", "select.quick_mask", "select.target", "",
    "select.frame", "select.frame_canvas",
)  # fmt: skip
"""The select menu from top to bottom; an empty name is a line."""
