from __future__ import annotations

import numpy as np
import pytest

from studio.core.brush import BrushSettings
from studio.core.stroke import sample_stroke
from tests.helpers.documents import RED


@pytest.mark.parametrize("size", [1.0, 20.0, 2000.0])
def test_a_sample_shows_a_stroke_of_the_brush_within_its_bounds(size: float) -> None:
    pixels = sample_stroke(BrushSettings(size=size), 120, 32, RED)
    assert pixels.shape == (32, 120, 4)
    alpha = pixels[..., 3]
    assert alpha.max() > 100
    assert not alpha[0].any()
    assert not alpha[-1].any()
    assert np.array_equal(pixels[..., 2], alpha)


def test_it_is_pressed_hardest_in_its_middle() -> None:
    alpha = sample_stroke(BrushSettings(size=20, hardness=1.0), 120, 32, RED)[..., 3]
    widths = (alpha > 127).sum(axis=0)
    assert widths[8] < widths[20] < widths[60] > widths[100] > widths[112]


def test_it_is_the_same_each_time() -> None:
    brush = BrushSettings(size=20)
    assert np.array_equal(sample_stroke(brush, 60, 24, RED), sample_stroke(brush, 60, 24, RED))
