from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import RequestError
from studio.core.geometry import Bounds
from studio.generation.outpaint import OutpaintPlan, plan_outpaint
from studio.generation.request import MAX_SIDE, MIN_SIDE

KNOWN = Bounds(0, 0, 512, 512)


@st.composite
def extensions(draw: st.DrawFn) -> tuple[Bounds, Bounds]:
    known = Bounds(
        draw(st.integers(-99, 99)),
        draw(st.integers(-99, 99)),
        draw(st.integers(1, 1500)),
        draw(st.integers(1, 1500)),
    )
    left, top, right, bottom = (draw(st.integers(0, 900)) for _ in range(4))
    canvas = Bounds.from_edges(
        known.x - left, known.y - top, known.right + right, known.bottom + bottom + 1
    )
    return known, canvas


def covered(plan: OutpaintPlan) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """How many steps paint each pixel of the new canvas; the known ones count once."""
    times = np.zeros((plan.canvas.height, plan.canvas.width), np.int64)
    for part in (plan.known, *(step.target for step in plan.steps)):
        place = part.relative_to(plan.canvas.origin)
        times[place.y : place.bottom, place.x : place.right] += 1
    return times


@given(extensions(), st.sampled_from([128, 512, 1024]))
def test_the_steps_paint_every_new_pixel(bounds: tuple[Bounds, Bounds], native: int) -> None:
    plan = plan_outpaint(*bounds, native)
    assert (covered(plan) >= 1).all()
    if len(plan.steps) > 1:
        assert (covered(plan) == 1).all()


@given(extensions(), st.sampled_from([128, 512, 1024]))
def test_every_step_can_be_requested_and_has_its_target_in_its_context(
    bounds: tuple[Bounds, Bounds], native: int
) -> None:
    for step in plan_outpaint(*bounds, native).steps:
        assert step.context.contains(step.target)
        assert step.context.extent.shortest >= MIN_SIDE
        assert step.context.extent.longest <= min(MAX_SIDE, 1.5 * max(2 * native, 512))


@given(extensions(), st.sampled_from([128, 512]))
def test_every_step_sees_something_known(bounds: tuple[Bounds, Bounds], native: int) -> None:
    plan = plan_outpaint(*bounds, native)
    done = [plan.known]
    for step in plan.steps:
        assert any(not step.context.intersection(part).is_empty for part in done)
        done.append(step.target)


def test_a_step_sees_nothing_empty_but_its_target_where_the_picture_is_large() -> None:
    plan = plan_outpaint(Bounds(0, 0, 1536, 1024), Bounds(-600, 0, 2136, 1500), 512)
    known = np.zeros((plan.canvas.height, plan.canvas.width), np.bool_)
    for part, step in zip((plan.known, *(s.target for s in plan.steps)), plan.steps, strict=False):
        place = part.relative_to(plan.canvas.origin)
        known[place.y : place.bottom, place.x : place.right] = True
        seen, new = (b.relative_to(plan.canvas.origin) for b in (step.context, step.target))
        unknown = np.count_nonzero(~known[seen.y : seen.bottom, seen.x : seen.right])
        assert unknown == new.area


def test_half_a_frame_to_one_side_takes_one_step_with_half_of_it_known() -> None:
    plan = plan_outpaint(KNOWN, Bounds(0, 0, 768, 512), 256)
    assert [step.target for step in plan.steps] == [Bounds(512, 0, 256, 512)]
    assert plan.steps[0].context == Bounds(256, 0, 512, 512)


def test_a_margin_all_around_takes_one_step() -> None:
    canvas = KNOWN.padded(64)
    assert [step.context for step in plan_outpaint(KNOWN, canvas, 256).steps] == [canvas]


def test_a_long_way_is_gone_in_even_steps() -> None:
    plan = plan_outpaint(KNOWN, Bounds(0, 0, 512 + 600, 512), 256)
    assert [step.target.width for step in plan.steps] == [200, 200, 200]


def test_a_long_side_is_painted_in_tiles_that_overlap() -> None:
    plan = plan_outpaint(Bounds(0, 0, 2048, 512), Bounds(0, 0, 2048, 600), 256)
    contexts = [step.context for step in plan.steps]
    assert len(contexts) > 2
    for one, following in zip(contexts, contexts[1:], strict=False):
        assert one.intersection(following).width >= 128


@pytest.mark.parametrize(
    ("known", "canvas", "sentence"),
    [
        (KNOWN, KNOWN, "at least one side"),
        (KNOWN, Bounds(10, 0, 900, 512), "whole picture"),
        (Bounds(0, 0, 0, 0), KNOWN, "no picture"),
    ],
)
def test_what_is_no_extension_is_refused(known: Bounds, canvas: Bounds, sentence: str) -> None:
    with pytest.raises(RequestError, match=sentence):
        plan_outpaint(known, canvas, 512)
