"""Scenes as values: words for sizes and places, and what cannot be."""

from __future__ import annotations

import pytest

from studio.training.world.palette import SHADES, Colour, Shade, ink
from studio.training.world.scene import Backdrop, Column, Kind, Row, Setting, Size, Thing


def thing(x: float, y: float, radius: float) -> Thing:
    return Thing(Kind.BALL, Colour.RED, Shade.PLAIN, 0, x, y, radius)


def test_size_and_place_words_follow_from_geometry() -> None:
    small = thing(23.0, 104.0, 21.0)
    assert (small.size, small.column, small.row) == (Size.SMALL, Column.LEFT, Row.BOTTOM)
    large = thing(64.0, 64.0, 44.0)
    assert (large.size, large.column, large.row) == (Size.LARGE, Column.CENTRE, Row.MIDDLE)


@pytest.mark.parametrize("setting", [Setting.PLAIN, Setting.GRADIENT])
def test_a_sheet_needs_a_colour(setting: Setting) -> None:
    assert Backdrop(setting, Colour.RED).colour is Colour.RED
    with pytest.raises(ValueError, match="sheet"):
        Backdrop(setting)


def test_other_settings_have_none() -> None:
    with pytest.raises(ValueError, match="sheet"):
        Backdrop(Setting.SEA, Colour.RED)


def test_shades_are_lighter_and_darker_than_the_plain_colour() -> None:
    for colour, shades in SHADES.items():
        for shade in shades:
            lighter = sum(ink(colour, shade)) > sum(ink(colour))
            assert lighter == (shade is Shade.LIGHT)
