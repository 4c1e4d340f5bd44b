from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.brush import BrushSettings, Dab
from studio.core.geometry import Bounds
from studio.core.layers import Locks, RasterLayer
from studio.core.stroke import SmudgeStroke, Stencil
from tests.helpers.documents import SMALL, records, rgba_noise

DABS = st.lists(
    st.builds(
        Dab,
        st.floats(-40, 140),
        st.floats(-40, 100),
        st.floats(1, 30),
        st.floats(0, 1),
        st.floats(0, 1),
        st.floats(0, 1),
        st.floats(0, 360),
        st.floats(0.05, 1),
    ),
    min_size=1,
    max_size=6,
)
EVERYTHING = SMALL.padded(40)


def noisy(seed: int, *, alpha_locked: bool = False) -> RasterLayer:
    layer = RasterLayer("noise", locks=Locks(alpha=alpha_locked))
    layer.surface.write(EVERYTHING, rgba_noise(EVERYTHING, seed))
    return layer


@settings(max_examples=30, deadline=None)
@given(DABS, st.floats(0, 1), st.integers(0, 9), st.booleans())
def test_pixels_stay_premultiplied_and_change_only_where_it_is_told(
    dabs: list[Dab], strength: float, seed: int, locked: bool
) -> None:
    layer = noisy(seed, alpha_locked=locked)
    before = layer.surface.read_stored(EVERYTHING)
    heard = records(layer.changed)
    stroke = SmudgeStroke(layer, BrushSettings(size=30), Stencil(SMALL), strength)
    stroke.paint(dabs)
    after = layer.surface.read_stored(EVERYTHING)
    assert (after[..., :3] <= after[..., 3:]).all()
    told = np.zeros(before.shape[:2], bool)
    for part in heard:
        assert SMALL.contains(part)
        told[part.y + 40 : part.bottom + 40, part.x + 40 : part.right + 40] = True
    assert not (before != after).any(axis=2)[~told].any()
    if locked:
        assert np.array_equal(before[..., 3], after[..., 3])


def test_one_dab_only_takes_paint_up() -> None:
    layer = noisy(0)
    stroke = SmudgeStroke(layer, BrushSettings(size=30), Stencil(SMALL), 1.0)
    stroke.paint([Dab(40, 30, 30)])
    assert stroke.command() is None


def test_at_full_strength_the_first_paint_is_carried_on_and_on() -> None:
    layer = noisy(0)
    first = layer.surface.read_stored(Bounds(16, 26, 9, 9))
    stroke = SmudgeStroke(layer, BrushSettings(size=30), Stencil(SMALL), 1.0)
    stroke.paint([Dab(x + 0.5, 30.5, 30) for x in (20, 35, 50, 70)])
    assert np.array_equal(layer.surface.read_stored(Bounds(66, 26, 9, 9)), first)


def test_it_can_be_taken_back() -> None:
    layer = noisy(0)
    before = layer.surface.read_stored(EVERYTHING)
    stroke = SmudgeStroke(layer, BrushSettings(size=30), Stencil(SMALL), 0.5)
    stroke.paint([Dab(20, 30, 30), Dab(30, 30, 30)])
    assert not np.array_equal(layer.surface.read_stored(EVERYTHING), before)
    stroke.abandon()
    assert np.array_equal(layer.surface.read_stored(EVERYTHING), before)
