"""Says what the layer menu's actions do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from studio.gui.actions.layering import Layering, Lock
from studio.gui.actions.registry import ActionRegistry
from studio.gui.remaking import Remaking


def bind_layers(registry: ActionRegistry, layering: Layering, rename: Callable[[], None]) -> None:
    """All that needs no model.

    Args:
        rename: lets the person write another name.
    """

    def has_layer() -> bool:
        return layering.active is not None

    def has_group() -> bool:
        return layering.group is not None

    registry.bind("layer.new", layering.add)
    for action_id, call in (
        ("layer.duplicate", layering.duplicate),
        ("layer.remove", layering.remove),
        ("layer.rename", rename),
        ("layer.up", partial(layering.move, 1)),
        ("layer.down", partial(layering.move, -1)),
        ("layer.choose_above", partial(layering.choose, 1)),
        ("layer.choose_below", partial(layering.choose, -1)),
        ("layer.group", layering.group_chosen),
        ("layer.flatten", layering.flatten),
        ("layer.select", layering.select),
    ):
        registry.bind(action_id, call, enabled=has_layer)
    registry.bind("layer.ungroup", layering.ungroup, enabled=has_group)
    registry.bind("layer.flatten_group", layering.flatten_group, enabled=has_group)
    registry.bind("layer.merge", layering.merge, enabled=layering.can_merge)
    registry.bind("layer.rasterise", layering.rasterise, enabled=layering.can_rasterise)
    _bind_looks(registry, layering)
    _bind_masks(registry, layering)


def _bind_looks(registry: ActionRegistry, layering: Layering) -> None:
    def has_layer() -> bool:
        return layering.active is not None

    def is_on(key: str) -> bool:
        return layering.active is not None and bool(getattr(layering.active, key))

    def is_locked(lock: str) -> bool:
        return layering.active is not None and bool(getattr(layering.active.locks, lock))

    registry.bind(
        "layer.visible",
        partial(layering.turn_over, "visible"),
        enabled=has_layer,
        checked=partial(is_on, "visible"),
    )
    registry.bind(
        "layer.lock",
        partial(layering.turn_over, "locked"),
        enabled=has_layer,
        checked=partial(is_on, "locked"),
    )
    registry.bind(
        "layer.clip",
        partial(layering.turn_over, "clipped"),
        enabled=has_layer,
        checked=partial(is_on, "clipped"),
    )
    locks: tuple[Lock, ...] = ("pixels", "position", "alpha")
    for lock in locks:
        registry.bind(
            f"layer.lock_{lock}",
            partial(layering.turn_lock, lock),
            enabled=has_layer,
            checked=partial(is_locked, lock),
        )


def _bind_masks(registry: ActionRegistry, layering: Layering) -> None:
    def has_no_mask() -> bool:
        return layering.active is not None and not layering.has_mask()

    def is_enabled() -> bool:
        return layering.active is not None and layering.active.mask_enabled

    registry.bind("layer.add_mask", layering.add_mask, enabled=has_no_mask)
    registry.bind(
        "layer.edit_mask",
        lambda: layering.edit_mask(not layering.edits_mask()),
        enabled=layering.has_mask,
        checked=layering.edits_mask,
    )
    registry.bind(
        "layer.enable_mask",
        partial(layering.turn_over, "mask_enabled"),
        enabled=layering.has_mask,
        checked=is_enabled,
    )
    for action_id, apply in (("layer.apply_mask", True), ("layer.remove_mask", False)):
        registry.bind(
            action_id, partial(layering.remove_mask, apply=apply), enabled=layering.has_mask
        )


def bind_generated_layers(registry: ActionRegistry, remaking: Remaking) -> None:
    """What concerns layers that a model made."""

    def is_generated() -> bool:
        return remaking.layer is not None

    registry.bind("layer.reroll", remaking.reroll, enabled=is_generated)
    registry.bind(
        "layer.edit_prompt",
        remaking.edit_prompt,
        enabled=is_generated,
        checked=remaking.is_under_way,
    )
    registry.bind("layer.repaint_mask", remaking.repaint_mask, enabled=is_generated)
    registry.bind("layer.show_in_gallery", remaking.show_in_gallery, enabled=is_generated)
