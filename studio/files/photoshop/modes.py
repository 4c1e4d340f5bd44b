"""Photoshop's names of the blend modes."""

from __future__ import annotations

from psd_tools.constants import BlendMode as PsdMode

from studio.core.blend import BlendMode

PSD_MODES = {
    BlendMode.NORMAL: PsdMode.NORMAL,
    BlendMode.MULTIPLY: PsdMode.MULTIPLY,
    BlendMode.SCREEN: PsdMode.SCREEN,
    BlendMode.OVERLAY: PsdMode.OVERLAY,
    BlendMode.DARKEN: PsdMode.DARKEN,
    BlendMode.LIGHTEN: PsdMode.LIGHTEN,
    BlendMode.COLOR_DODGE: PsdMode.COLOR_DODGE,
    BlendMode.COLOR_BURN: PsdMode.COLOR_BURN,
    BlendMode.HARD_LIGHT: PsdMode.HARD_LIGHT,
    BlendMode.SOFT_LIGHT: PsdMode.SOFT_LIGHT,
    BlendMode.DIFFERENCE: PsdMode.DIFFERENCE,
    BlendMode.PLUS: PsdMode.LINEAR_DODGE,
    BlendMode.HUE: PsdMode.HUE,
    BlendMode.SATURATION: PsdMode.SATURATION,
    BlendMode.COLOR: PsdMode.COLOR,
    BlendMode.LUMINOSITY: PsdMode.LUMINOSITY,
}
"""What Photoshop calls each of ours; addition is its linear dodge."""

_OURS = {theirs: ours for ours, theirs in PSD_MODES.items()}
_SIMILAR = {
    PsdMode.PASS_THROUGH: BlendMode.NORMAL,
    PsdMode.DISSOLVE: BlendMode.NORMAL,
    PsdMode.DARKER_COLOR: BlendMode.DARKEN,
    PsdMode.LIGHTER_COLOR: BlendMode.LIGHTEN,
    PsdMode.LINEAR_BURN: BlendMode.COLOR_BURN,
    PsdMode.VIVID_LIGHT: BlendMode.HARD_LIGHT,
    PsdMode.LINEAR_LIGHT: BlendMode.HARD_LIGHT,
    PsdMode.PIN_LIGHT: BlendMode.HARD_LIGHT,
    PsdMode.HARD_MIX: BlendMode.HARD_LIGHT,
    PsdMode.EXCLUSION: BlendMode.DIFFERENCE,
    PsdMode.SUBTRACT: BlendMode.DIFFERENCE,
    PsdMode.DIVIDE: BlendMode.COLOR_DODGE,
}


def is_known(mode: PsdMode) -> bool:
    """Whether one of ours is the same."""
    return mode in _OURS


def nearest(mode: PsdMode) -> BlendMode:
    """The same mode of ours, or the one that comes nearest."""
    return _OURS.get(mode) or _SIMILAR.get(mode, BlendMode.NORMAL)
