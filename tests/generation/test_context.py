from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import RequestError
from studio.core.geometry import Bounds
from studio.core.picture import Picture
from studio.generation.context import find_islands, plan_inpaint, plan_inpaints
from studio.generation.request import MAX_SIDE, MIN_SIDE

NATIVES = st.sampled_from([64, 128, 512, 768, 1024])


@st.composite
def canvases(draw: st.DrawFn) -> Bounds:
    sides = st.integers(1, 6000)
    return Bounds(
        draw(st.integers(-500, 500)), draw(st.integers(-500, 500)), draw(sides), draw(sides)
    )


@st.composite
def masks_on(draw: st.DrawFn, canvas: Bounds) -> Bounds:
    x, y = (
        draw(st.integers(canvas.x, canvas.right - 1)),
        draw(st.integers(canvas.y, canvas.bottom - 1)),
    )
    width = draw(st.integers(1, min(MAX_SIDE, canvas.right - x)))
    height = draw(st.integers(1, min(MAX_SIDE, canvas.bottom - y)))
    return Bounds(x, y, width, height)


@given(data=st.data(), canvas=canvases(), native=NATIVES)
def test_the_context_holds_the_mask_and_can_be_requested(
    data: st.DataObject, canvas: Bounds, native: int
) -> None:
    mask = data.draw(masks_on(canvas))
    plan = plan_inpaint(canvas, mask, native)
    assert plan.target == mask
    assert plan.context.contains(mask)
    assert plan.context.extent.shortest >= MIN_SIDE
    assert plan.context.extent.longest <= MAX_SIDE


@given(data=st.data(), canvas=canvases(), native=NATIVES)
def test_the_context_stays_on_the_canvas_unless_that_is_tiny(
    data: st.DataObject, canvas: Bounds, native: int
) -> None:
    context = plan_inpaint(canvas, data.draw(masks_on(canvas)), native).context
    roomy = Bounds(canvas.x, canvas.y, max(16, canvas.width), max(16, canvas.height))
    assert roomy.contains(context)


@given(data=st.data(), canvas=canvases(), native=NATIVES)
def test_the_context_is_as_large_as_the_model_likes_where_there_is_room(
    data: st.DataObject, canvas: Bounds, native: int
) -> None:
    context = plan_inpaint(canvas, data.draw(masks_on(canvas)), native).context
    assert context.width >= min(native, canvas.width)
    assert context.height >= min(native, canvas.height)


def test_a_long_mask_gets_a_context_that_is_not_quite_so_long() -> None:
    context = plan_inpaint(Bounds(0, 0, 4000, 4000), Bounds(500, 2000, 1000, 10), 128).context
    assert 1 < context.extent.aspect < 1.6


def test_a_frame_around_the_mask_is_taken_as_the_context() -> None:
    canvas, mask = Bounds(0, 0, 1000, 1000), Bounds(300, 300, 50, 50)
    frame = Bounds(200, 250, 400, 300)
    assert plan_inpaint(canvas, mask, 128, context_hint=frame).context == frame


def test_a_frame_beside_the_mask_is_not_the_context() -> None:
    canvas, mask = Bounds(0, 0, 1000, 1000), Bounds(300, 300, 50, 50)
    plan = plan_inpaint(canvas, mask, 128, context_hint=Bounds(0, 0, 320, 320))
    assert plan == plan_inpaint(canvas, mask, 128)


def test_a_mask_reaching_beyond_the_canvas_counts_only_on_it() -> None:
    plan = plan_inpaint(Bounds(0, 0, 200, 200), Bounds(-50, 190, 100, 100), 64)
    assert plan.target == Bounds(0, 190, 50, 10)


@pytest.mark.parametrize(
    ("mask", "sentence"),
    [
        (Bounds(0, 0, 0, 0), "Nothing is masked"),
        (Bounds(500, 500, 20, 20), "outside the picture"),
    ],
)
def test_a_mask_that_masks_nothing_is_refused(mask: Bounds, sentence: str) -> None:
    with pytest.raises(RequestError, match=sentence):
        plan_inpaint(Bounds(0, 0, 100, 100), mask, 64)
    with pytest.raises(RequestError, match=sentence):
        plan_inpaints(Bounds(0, 0, 100, 100), [] if mask.is_empty else [mask], 64)


def as_mask(*islands: Bounds, side: int = 400) -> Picture:
    pixels = np.zeros((side, side), np.uint8)
    for island in islands:
        pixels[island.y : island.bottom, island.x : island.right] = 1
    return Picture.from_array(pixels)


def test_islands_are_found_with_their_exact_rectangles() -> None:
    islands = [Bounds(10, 20, 30, 5), Bounds(300, 310, 1, 1)]
    assert sorted(find_islands(as_mask(*islands), 32)) == islands


def test_parts_nearer_than_the_spacing_may_be_one_island() -> None:
    assert find_islands(as_mask(Bounds(0, 0, 3, 3), Bounds(5, 0, 3, 3)), 32) == [Bounds(0, 0, 8, 3)]


def test_an_empty_mask_has_no_islands() -> None:
    assert find_islands(as_mask(), 32) == []


def test_countless_specks_are_gathered_into_few_islands() -> None:
    pixels = np.zeros((600, 600), np.uint8)
    pixels[::6, ::6] = 255
    islands = find_islands(Picture.from_array(pixels), 2)
    assert 1 <= len(islands) <= 64
    assert islands[0].union(islands[-1]).extent.longest <= 600


@given(
    st.lists(
        st.builds(
            Bounds,
            st.integers(0, 1900),
            st.integers(0, 1900),
            st.integers(1, 100),
            st.integers(1, 100),
        ),
        min_size=1,
        max_size=8,
    ),
    NATIVES,
)
def test_every_island_is_in_exactly_one_plan(islands: list[Bounds], native: int) -> None:
    plans = plan_inpaints(Bounds(0, 0, 2000, 2000), islands, native)
    for island in islands:
        assert sum(plan.target.contains(island) for plan in plans) == 1
    for k, plan in enumerate(plans):
        others = plans[k + 1 :]
        assert all(plan.target.intersection(other.target).is_empty for other in others)
