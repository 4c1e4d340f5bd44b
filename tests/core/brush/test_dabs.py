from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.brush import Dab, DabMasks, reach_of

FULL = 65535
SIZES = st.floats(1, 300)
FRACTIONS = st.floats(0, 0.999)


@pytest.fixture(scope="module")
def masks() -> DabMasks:
    return DabMasks()


@settings(max_examples=40, deadline=None)
@given(SIZES, st.floats(0, 1), FRACTIONS, FRACTIONS)
def test_a_dab_covers_its_disc_and_fades_outwards(
    masks: DabMasks, size: float, hardness: float, x: float, y: float
) -> None:
    mask = masks.of(Dab(x, y, size, hardness)).astype(int)
    reach = reach_of(size)
    assert mask.shape == (2 * reach + 1, 2 * reach + 1)
    assert mask[reach, reach] == mask.max()
    assert (np.diff(mask[reach, reach:]) <= 0).all()


@pytest.mark.parametrize("size", [3.0, 10.0, 40.0, 150.0, 600.0])
@pytest.mark.parametrize("roundness", [1.0, 0.5, 0.25])
def test_a_hard_dab_covers_the_area_of_its_ellipse(
    masks: DabMasks, size: float, roundness: float
) -> None:
    if size * roundness < 2:
        return
    mask = masks.of(Dab(0.5, 0.5, size, 1.0, roundness=roundness, angle=33.0))
    assert mask.sum() / FULL == pytest.approx(math.pi * size * size / 4 * roundness, rel=0.12)


@settings(max_examples=40, deadline=None)
@given(st.floats(2, 200), FRACTIONS, FRACTIONS)
def test_a_dab_lies_where_its_centre_is(masks: DabMasks, size: float, x: float, y: float) -> None:
    mask = masks.of(Dab(x, y, size, 0.7)).astype(float)
    reach = reach_of(size)
    positions = np.arange(-reach, reach + 1) + 0.5
    tolerance = 0.2 if size < 64 else 0.3
    assert abs((mask.sum(axis=0) * positions).sum() / mask.sum() - x) <= tolerance
    assert abs((mask.sum(axis=1) * positions).sum() / mask.sum() - y) <= tolerance


@pytest.mark.parametrize(("angle", "wide"), [(0.0, True), (180.0, True), (90.0, False)])
def test_a_flat_tip_is_turned(masks: DabMasks, angle: float, wide: bool) -> None:
    covered = masks.of(Dab(0.5, 0.5, 60, 1.0, roundness=0.25, angle=angle)) > FULL // 2
    across, down = covered.any(axis=0).sum(), covered.any(axis=1).sum()
    assert (across, down) == ((60, 15) if wide else (15, 60))


def test_the_angle_goes_clockwise(masks: DabMasks) -> None:
    mask = masks.of(Dab(0.5, 0.5, 60, 1.0, roundness=0.25, angle=45.0))
    middle = mask.shape[0] // 2
    assert mask[middle + 15, middle + 15] == FULL
    assert mask[middle - 15, middle + 15] == 0


@settings(max_examples=10, deadline=None)
@given(st.floats(256, 900), st.floats(0, 1))
def test_large_dabs_are_the_same_to_all_sides(
    masks: DabMasks, size: float, hardness: float
) -> None:
    mask = masks.of(Dab(0, 0, size, hardness))
    assert np.array_equal(mask, mask[::-1])
    assert np.array_equal(mask, mask.T)


def test_masks_are_shared_and_cannot_be_written(masks: DabMasks) -> None:
    mask = masks.of(Dab(0.1, 0.1, 40.0, 0.5))
    assert masks.of(Dab(8.12, -0.88, 40.0, 0.5)) is mask
    with pytest.raises(ValueError, match="read-only"):
        mask[0, 0] = 1


def test_masks_beyond_the_limit_are_forgotten() -> None:
    few = DabMasks(limit_bytes=20_000)
    first = few.of(Dab(0, 0, 60))
    assert few.of(Dab(0, 0, 60)) is first
    few.of(Dab(0, 0, 90))
    assert few.of(Dab(0, 0, 60)) is not first
