"""What can be done with layers."""

from __future__ import annotations

from studio.gui.actions.registry import SEPARATOR, ActionSpec

_PLACES = (
    ActionSpec("layer.new", "New Layer", "plus", "Add an empty layer above", ("Ctrl+Shift+N",)),
    ActionSpec(
        "layer.duplicate", "Duplicate", "copy-plus", "Put copies above the layers", ("Ctrl+J",)
    ),
    ActionSpec("layer.remove", "Remove Layer", "trash-2", "Remove the chosen layers"),
    ActionSpec("layer.rename", "Rename", "pencil", "Give the layer another name", ("F2",)),
    ActionSpec(
        "layer.up", "Move Layer Up", "arrow-up", "Put the layers above the next", ("Ctrl+]",)
    ),
    ActionSpec(
        "layer.down", "Move Layer Down", "arrow-down", "Put the layers below the next", ("Ctrl+[",)
    ),
    ActionSpec(
        "layer.choose_above", "Layer Above", "chevron-up", "Choose the layer above", ("Alt+]",)
    ),
    ActionSpec(
        "layer.choose_below", "Layer Below", "chevron-down", "Choose the layer below", ("Alt+[",)
    ),
)
_GROUPS = (
    ActionSpec(
        "layer.group", "Group Layers", "group", "Take the layers together", ("Ctrl+Shift+G",)
    ),
    ActionSpec(
        "layer.ungroup", "Ungroup Layers", "ungroup", "Take the group apart", ("Ctrl+Alt+G",)
    ),
    ActionSpec(
        "layer.merge", "Merge Down", "merge", "Make one of the layer and that below", ("Ctrl+E",)
    ),
    ActionSpec(
        "layer.flatten_group", "Flatten Group", "layers-2", "Make one plain layer of the group"
    ),
    ActionSpec("layer.rasterise", "Rasterise", "image", "Make a plain layer of it, to paint on"),
    ActionSpec("layer.flatten", "Flatten Image", "square-stack", "Make one layer of all there is"),
)
_LOOKS = (
    ActionSpec(
        "layer.visible",
        "Show Layer",
        "eye",
        "Show or hide the chosen layers",
        ("Ctrl+,",),
        checkable=True,
    ),
    ActionSpec(
        "layer.lock",
        "Lock Layer",
        "lock",
        "Keep the layers from being painted on and moved",
        ("Ctrl+/",),
        checkable=True,
    ),
    ActionSpec(
        "layer.lock_pixels",
        "Lock Pixels",
        "brush",
        "Keep the layers from being painted on",
        checkable=True,
    ),
    ActionSpec(
        "layer.lock_position",
        "Lock Position",
        "move",
        "Keep the layers from being moved",
        checkable=True,
    ),
    ActionSpec(
        "layer.lock_alpha",
        "Lock Transparency",
        "contrast",
        "Let tools change colours alone, not what is transparent",
        checkable=True,
    ),
    ActionSpec(
        "layer.clip",
        "Clip to Layer Below",
        "corner-left-down",
        "Show the layers only where the one below is",
        ("Ctrl+Alt+Shift+G",),
        checkable=True,
    ),
)
_MASKS = (
    ActionSpec(
        "layer.add_mask",
        "Add Mask",
        "drama",
        "Mask the layer: what is selected stays shown, or all of it",
    ),
    ActionSpec(
        "layer.edit_mask",
        "Paint on the Mask",
        "brush",
        "Let tools work on the layer's mask",
        ("Ctrl+\\",),
        checkable=True,
    ),
    ActionSpec(
        "layer.enable_mask", "Use the Mask", "eye", "Let the mask hide things", checkable=True
    ),
    ActionSpec("layer.apply_mask", "Apply Mask", "check", "Erase what the mask hides"),
    ActionSpec("layer.remove_mask", "Remove Mask", "x", "Show what the mask hides"),
    ActionSpec(
        "layer.select",
        "Layer to Selection",
        "square-dashed",
        "Select what the layer shows",
    ),
)
_GENERATED = (
    ActionSpec("layer.reroll", "Re-roll", "dices", "Make the layer anew with another seed"),
    ActionSpec(
        "layer.edit_prompt",
        "Edit Prompt",
        "sparkles",
        "Change what the layer was asked for; Generate then makes it anew",
        checkable=True,
    ),
    ActionSpec(
        "layer.repaint_mask",
        "Repaint Its Mask",
        "square-dashed-mouse-pointer",
        "Bring back the mask that the layer was asked with, to change it",
    ),
    ActionSpec(
        "layer.show_in_gallery", "Show in Gallery", "images", "Find the picture in the gallery"
    ),
)

LAYER: tuple[ActionSpec, ...] = (*_PLACES, *_GROUPS, *_LOOKS, *_MASKS, *_GENERATED)


def _ids(specs: tuple[ActionSpec, ...]) -> tuple[str, ...]:
    return tuple(spec.id for spec in specs)


LAYER_MENU: tuple[str, ...] = (
    *_ids(_PLACES), SEPARATOR, *_ids(_GROUPS), SEPARATOR, *_ids(_LOOKS), SEPARATOR,
    *_ids(_MASKS), SEPARATOR, *_ids(_GENERATED),
)  # fmt: skip
"""The menu of the menu bar."""

GENERATED_CONTEXT: tuple[str, ...] = (*_ids(_GENERATED), SEPARATOR)
"""What comes first in the menu of a generated layer."""
CONTEXT: tuple[str, ...] = (
    "layer.rename", "layer.duplicate", "layer.group", "layer.ungroup", SEPARATOR,
    "layer.merge", "layer.flatten_group", "layer.rasterise", SEPARATOR,
    "layer.add_mask", "layer.enable_mask", "layer.apply_mask", "layer.remove_mask",
    "layer.select", SEPARATOR, "layer.clip", "layer.lock", SEPARATOR, "layer.remove",
)  # fmt: skip
"""The menu of a layer in the tree."""
