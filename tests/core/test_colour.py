from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.colour import Colour

COMPONENTS = st.integers(0, 255)


@given(COMPONENTS, COMPONENTS, COMPONENTS)
def test_a_colour_survives_the_way_to_text_and_back(red: int, green: int, blue: int) -> None:
    colour = Colour(red, green, blue)
    assert Colour.from_hex(colour.hex) == colour
    assert Colour.from_hex(colour.hex.removeprefix("#").upper()) == colour


@pytest.mark.parametrize("text", ["", "#fff", "#12345g", "#1234567"])
def test_other_text_is_no_colour(text: str) -> None:
    with pytest.raises(ValueError, match="colour|hexadecimal"):
        Colour.from_hex(text)
