from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.colour import Colour
from studio.core.geometry import Bounds
from studio.core.gradient import Gradient, GradientKind
from studio.core.tiles import straight
from tests.helpers.documents import BLUE, RED, boxes

PLACES = st.tuples(st.floats(-300, 300), st.floats(-300, 300))
CHANNELS = st.integers(0, 255)
COLOURS = st.builds(Colour, CHANNELS, CHANNELS, CHANNELS)
GRADIENTS = st.builds(
    Gradient,
    st.sampled_from(GradientKind),
    PLACES,
    PLACES,
    COLOURS,
    COLOURS,
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
)


@settings(max_examples=40, deadline=None)
@given(GRADIENTS, boxes(300, 80))
def test_every_pixel_is_premultiplied_and_between_both_colours(
    gradient: Gradient, part: Bounds
) -> None:
    pixels = gradient(part).astype(int)
    assert pixels.shape == (part.height, part.width, 4)
    assert (pixels[..., :3] <= pixels[..., 3:]).all()
    alphas = [255 * opacity for opacity in gradient.opacities]
    assert pixels[..., 3].min() >= min(alphas) - 1
    assert pixels[..., 3].max() <= max(alphas) + 1


@settings(max_examples=40, deadline=None)
@given(GRADIENTS, boxes(300, 60), st.integers(1, 59))
def test_parts_fit_together(gradient: Gradient, part: Bounds, cut: int) -> None:
    whole = gradient(part)
    left = gradient(part._replace(width=min(cut, part.width)))
    assert np.array_equal(whole[:, : left.shape[1]], left)


def test_pure_colours_are_pure_at_the_ends() -> None:
    gradient = Gradient(GradientKind.LINEAR, (10, 0), (50, 0), RED, BLUE)
    rgba = straight(gradient(Bounds(0, 0, 60, 16)))
    assert (rgba[:, :10] == (*RED, 255)).all()
    assert (rgba[:, 50:] == (*BLUE, 255)).all()


@pytest.mark.parametrize("kind", GradientKind)
def test_a_gradient_without_length_is_all_its_end(kind: GradientKind) -> None:
    pixels = Gradient(kind, (5, 5), (5, 5), RED, BLUE)(Bounds(20, 20, 4, 4))
    assert set(pixels[..., 3].ravel()) == {255}


def test_what_fades_keeps_its_hue() -> None:
    gradient = Gradient(GradientKind.LINEAR, (0, 0), (256, 0), RED, RED, (1.0, 0.0))
    pixels = gradient(Bounds(0, 0, 256, 8))
    assert np.array_equal(pixels[..., 2], pixels[..., 3])
    assert not pixels[..., :2].any()
