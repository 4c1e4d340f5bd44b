"""A layer's properties as attributes of its element, and back."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element

from studio.core.blend import BlendMode
from studio.core.layers import LOCKED, UNLOCKED, LayerSnapshot, Locks
from studio.files.limits import MAX_NAME
from studio.files.openraster.layout import own, parse_opacity

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LOCKS = ("pixels", "position", "alpha")


def written(layer: LayerSnapshot) -> dict[str, str]:
    """The attributes that layers and groups have in common."""
    attributes = {
        "name": _NOT_IN_XML.sub("", layer.name),
        "opacity": repr(layer.opacity),
        "visibility": "visible" if layer.visible else "hidden",
        "composite-op": layer.blend_mode.value,
        own("id"): layer.id,
    }
    if layer.locked:
        attributes["edit-locked"] = "true"
    if layer.locks not in (LOCKED, UNLOCKED):
        held = (name for name in _LOCKS if getattr(layer.locks, name))
        attributes[own("locks")] = " ".join(held)
    if layer.clipped:
        attributes[own("clipped")] = "true"
    if not layer.mask_enabled:
        attributes[own("mask-enabled")] = "false"
    if layer.collapsed:
        attributes[own("collapsed")] = "true"
    return attributes


def name_of(element: Element, default: str) -> str:
    """What a layer or group is called, no longer than makes sense."""
    return element.get("name", default)[:MAX_NAME]


def look_of(element: Element) -> dict[str, Any]:
    """The properties that layers and groups have in common, as `Layer` takes them.

    A composite mode that is not known becomes normal; see `unknown_mode`.
    """
    return {
        "visible": _is_visible(element),
        "opacity": parse_opacity(element.get("opacity")),
        "blend_mode": _mode_of(element) or BlendMode.NORMAL,
        "locks": _locks_of(element),
        "clipped": element.get(own("clipped")) == "true",
        "mask_enabled": element.get(own("mask-enabled")) != "false",
    }


def unknown_mode(element: Element) -> str | None:
    """The composite mode of an element, shortened, where it is not known."""
    known = _mode_of(element) is not None
    return None if known else (element.get("composite-op") or "")[:40]


def is_isolated(element: Element) -> bool:
    """Whether a group's layers are mixed among themselves first, as ours always are.

    Also where that makes no difference.
    """
    if element.get("isolation") == "isolate" or parse_opacity(element.get("opacity")) < 1:
        return True
    if _mode_of(element) is not BlendMode.NORMAL:
        return True
    return all(_mode_of(inner) is BlendMode.NORMAL for inner in element.iter())


def _is_visible(element: Element) -> bool:
    """What is clipped to a hidden layer is hidden from others, which do not know of clipping."""
    shown = element.get("visibility", "visible") == "visible"
    return shown or element.get(own("visible")) == "true"


def _mode_of(element: Element) -> BlendMode | None:
    return BlendMode.named(element.get("composite-op") or BlendMode.NORMAL.value)


def _locks_of(element: Element) -> Locks:
    """Our own word for them counts as long as it agrees with everybody's."""
    locked = element.get("edit-locked") == "true"
    held = (element.get(own("locks")) or "").split()
    ours = Locks(**{name: name in held for name in _LOCKS})
    if held and ours.whole == locked:
        return ours
    return LOCKED if locked else UNLOCKED
