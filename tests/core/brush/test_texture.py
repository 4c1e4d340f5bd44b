from __future__ import annotations

import numpy as np
import pytest

from studio.core.brush import Texture, hollows
from studio.core.tiles import TILE

ROUGH = [texture for texture in Texture if texture is not Texture.NONE]


@pytest.mark.parametrize("texture", ROUGH)
def test_a_texture_takes_between_nothing_and_all_that_it_may(texture: Texture) -> None:
    taken = hollows(texture, 0.5)
    assert taken is not None
    assert taken.shape == (TILE, TILE)
    assert taken.min() == 0
    assert taken.max() == 127
    assert taken.mean() == pytest.approx(64, abs=2)


@pytest.mark.parametrize("texture", ROUGH)
def test_a_texture_repeats_without_a_seam(texture: Texture) -> None:
    taken = hollows(texture, 1.0)
    assert taken is not None
    rows = taken.astype(int)
    inside = np.abs(np.diff(rows, axis=0)).mean(axis=1)
    across = np.abs(rows[0] - rows[-1]).mean()
    assert inside.min() * 0.8 <= across <= inside.max() * 1.2


def test_a_smooth_ground_takes_nothing() -> None:
    assert hollows(Texture.NONE, 1.0) is None
    assert hollows(Texture.PAPER, 0.0) is None
