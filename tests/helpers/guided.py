"""Pictures that guide, and what a tiny model paints by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.guiding import Guiding
from studio.engine.diffusion.device.room import Room
from studio.generation.catalog import AdapterInfo, ModelInfo
from studio.generation.memory import GIB, Rung
from tests.helpers.engine_runs import RecordingDesk, box_mask
from tests.helpers.machines import CPU
from tests.helpers.shortage import small_gpu
from tests.helpers.tiny_family import SIDE, SOURCE, brief_for, distance, farthest, loaded

SHAPES: Final[Pixels] = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
OTHERS: Final[Pixels] = np.random.default_rng(2).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)


def painted(
    family: Any,
    controls: Sequence[Guiding] = (),
    references: Sequence[Guiding] = (),
    **changes: Any,
) -> Pixels:
    """What a model paints of words, guided by these."""
    guides = {"controls": tuple(controls), "references": tuple(references)}
    brief = brief_for(family._model, **guides, **changes)
    pixels: Pixels = family.text_to_image(brief, RecordingDesk())
    return pixels


def check_rungs(model: ModelInfo, *, halved: bool = False, **guides: Sequence[Guiding]) -> None:
    """Fails where a model paints otherwise as its weights wait in main memory, or unlike itself.

    Args:
        model: painted with and without the guides.
        halved: whether it is to be much the same with halved weights, too.
        guides: as for `painted`.
    """
    guided, plain = _painted_on(Rung.FULL, model, guides)
    assert not np.array_equal(guided, plain)
    for rung in (Rung.MODULES, Rung.BLOCKS, Rung.LAYERS):
        for picture, full in zip(_painted_on(rung, model, guides), (guided, plain), strict=True):
            assert np.array_equal(picture, full), rung
    if halved:
        pictures = _painted_on(Rung.HALVED, model, guides)
        for picture, full in zip(pictures, (guided, plain), strict=True):
            assert distance(picture, full) <= 4


def check_idle(family: Any, adapter: AdapterInfo) -> None:
    """Fails where a control that has no weight, or no step, changes a picture."""
    plain = painted(family)
    for idle in (Guiding(adapter, SHAPES, 0.0), Guiding(adapter, SHAPES, 1.0, 0.0, 0.3)):
        assert np.array_equal(painted(family, [idle]), plain)


def check_sum(family: Any, one: Guiding, other: Guiding) -> None:
    """Fails where of two controls one does not count, or their order does."""
    both = painted(family, [one, other])
    assert farthest(both, painted(family, [one])) > 1
    assert farthest(both, painted(family, [other])) > 1
    assert farthest(both, painted(family, [other, one])) <= 1


def check_inpainting(family: Any, control: Guiding) -> None:
    """Fails where a control does not guide what is painted under a mask."""
    mask = box_mask(SIDE, SIDE, 16, 16, 48, 48)
    with_and_without = [
        family.inpaint(
            brief_for(family._model, controls=controls), SOURCE, mask, 1.0, RecordingDesk()
        )
        for controls in ((control,), ())
    ]
    assert farthest(*with_and_without) > 1


def _painted_on(
    rung: Rung, model: ModelInfo, guides: Mapping[str, Sequence[Guiding]]
) -> list[Pixels]:
    """With the guides, and then without them."""
    room = Room(CPU.device, 0, free=lambda: GIB, release=lambda: None)
    family = loaded(model, replace(small_gpu(), rung=rung, room=room))
    return [painted(family, **guides), painted(family)]
