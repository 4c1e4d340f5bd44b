from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.core.projection import IDENTITY, Projection, Spot, corners, middle
from studio.core.tiles import MaskSurface, TiledSurface, straight
from studio.core.warping import Draft, Warp, laid_over
from tests.helpers.documents import rgba_noise

BOX = Bounds(-20, 10, 90, 70)
turns = st.integers(0, 3).map(lambda count: 90.0 * count)
projections = st.builds(
    lambda x, y, turn, skew: (
        Projection.scaling(x, y, middle(BOX))
        .then(Projection.skewing(skew, 0.0, middle(BOX)))
        .then(Projection.turning(turn, middle(BOX)))
    ),
    *(st.floats(0.2, 3.0), st.floats(0.2, 3.0), st.floats(-180, 180), st.floats(-1, 1)),
)


def surface_with(pixels: Pixels, bounds: Bounds = BOX) -> TiledSurface:
    surface = TiledSurface()
    surface.write(bounds, pixels)
    return surface


def colour_with_alpha(seed: int) -> Pixels:
    """One bright colour under random alpha."""
    alpha = np.random.default_rng(seed).integers(0, 256, (BOX.height, BOX.width), np.uint8)
    pixels = np.empty((BOX.height, BOX.width, 4), np.uint8)
    pixels[:] = (250, 200, 120, 255)
    pixels[..., 3] = alpha
    return pixels


@settings(max_examples=8, deadline=None)
@given(projections, st.integers(0, 99))
def test_transparency_darkens_no_colour(projection: Projection, seed: int) -> None:
    warped = Warp(surface_with(colour_with_alpha(seed)), BOX, projection).snapshot()
    stored = warped.read_stored(warped.bounds).astype(int)
    alpha = stored[..., 3:]
    expected = alpha * np.array((120, 200, 250)) / 255
    assert np.abs(stored[..., :3] - expected).max() <= 2


@settings(max_examples=8, deadline=None)
@given(projections, st.integers(0, 99))
def test_no_colour_exceeds_its_alpha(projection: Projection, seed: int) -> None:
    warped = Warp(surface_with(rgba_noise(BOX, seed)), BOX, projection).snapshot()
    stored = warped.read_stored(warped.bounds)
    assert (stored[..., :3] <= stored[..., 3:]).all()


@settings(max_examples=8, deadline=None)
@given(projections)
def test_one_opaque_colour_stays_that_colour_inside(projection: Projection) -> None:
    pixels = np.full((BOX.height, BOX.width, 4), 255, np.uint8)
    pixels[..., :3] = (30, 140, 220)
    warped = Warp(surface_with(pixels), BOX, projection).snapshot()
    result = warped.read(warped.bounds)
    assert (np.abs(result[result[..., 3] == 255].astype(int) - (30, 140, 220, 255)) <= 1).all()
    covered = result[..., 3].sum() / 255
    exact = BOX.area * abs(np.linalg.det(projection.matrix[:2, :2]))
    assert covered == pytest.approx(exact, rel=0.1, abs=10)


@given(turns, st.booleans(), st.integers(-300, 300), st.integers(0, 99))
@settings(max_examples=8, deadline=None)
def test_quarter_turns_mirrors_and_whole_moves_keep_every_value(
    angle: float, mirrored: bool, dx: int, seed: int
) -> None:
    pixels = rgba_noise(BOX, seed)
    projection = (
        Projection.scaling(-1 if mirrored else 1, 1)
        .then(Projection.turning(angle))
        .then(Projection.moving(dx, 7))
    )
    surface = surface_with(pixels)
    warped = Warp(surface, BOX, projection).snapshot()
    expected = surface.read_stored(BOX)[:, ::-1] if mirrored else surface.read_stored(BOX)
    expected = np.rot90(expected, -round(angle / 90))
    assert np.array_equal(warped.read_stored(Warp(surface, BOX, projection).bounds), expected)


def test_reading_a_part_agrees_with_turning_whole_tiles() -> None:
    surface = surface_with(rgba_noise(BOX, 1))
    warp = Warp(surface, BOX, Projection.turning(90, (0, 0)))
    part = Bounds(-60, -10, 30, 40)
    read = warp.read(part)
    assert read is not None
    assert np.array_equal(read, warp.snapshot().read_stored(part))


def test_shrinking_averages() -> None:
    pixels = np.zeros((BOX.height, BOX.width, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[::2, ::2, :3] = 255
    warp = Warp(surface_with(pixels), BOX, Projection.scaling(0.5, 0.5))
    result = straight(warp.snapshot().read_stored(warp.bounds))
    assert warp.bounds == Bounds(-10, 5, 45, 35)
    assert (np.abs(result[..., :3].astype(int) - 64) <= 1).all()


def test_scaling_leaves_edges_opaque() -> None:
    pixels = np.full((BOX.height, BOX.width, 4), 255, np.uint8)
    for factor in (2.0, 1.7, 0.5, 0.1):
        warp = Warp(surface_with(pixels), BOX, Projection.scaling(factor, factor))
        whole = Bounds.from_edges(
            *(int(np.ceil(BOX.x * factor)), int(np.ceil(BOX.y * factor))),
            *(int(BOX.right * factor), int(BOX.bottom * factor)),
        )
        assert (warp.snapshot().read(whole)[..., 3] == 255).all()


def test_perspective_puts_the_corners_in_their_places() -> None:
    pixels = np.full((BOX.height, BOX.width, 4), 255, np.uint8)
    target = (Spot(0, 0), Spot(300, 40), Spot(260, 200), Spot(20, 150))
    warp = Warp(surface_with(pixels), BOX, Projection.between(corners(BOX), target))
    shown = warp.snapshot()
    for corner in target:
        inwards = corner.towards((150, 100), 0.03)
        outwards = corner.towards((150, 100), -0.05)
        assert shown.read(Bounds(int(inwards.x), int(inwards.y), 1, 1))[0, 0, 3] == 255
        assert shown.read(Bounds(int(outwards.x), int(outwards.y), 1, 1))[0, 0, 3] == 0


def test_tiles_join_without_a_seam() -> None:
    gradient = np.full((600, 600, 4), 255, np.uint8)
    gradient[..., :3] = np.linspace(0, 255, 600).astype(np.uint8)[None, :, None]
    place = Bounds(0, 0, 600, 600)
    warp = Warp(surface_with(gradient, place), place, Projection.turning(7.0, (300, 300)))
    row = warp.snapshot().read(Bounds(100, 300, 400, 1))[0, :, 0].astype(int)
    assert np.abs(np.diff(row)).max() <= 2


def test_far_shrunk_layers_need_no_giant_arrays() -> None:
    surface = TiledSurface()
    for place in (Bounds(0, 0, 8, 8), Bounds(20000, 20000, 8, 8)):
        surface.write(place, np.full((8, 8, 4), 255, np.uint8))
    area = Bounds(0, 0, 20008, 20008)
    shown = Warp(surface, area, Projection.scaling(1 / 40, 1 / 40)).snapshot()
    assert shown.used_bounds().extent == (501, 501)
    assert len(shown.tiles) == 2


def test_a_mask_that_shows_all_goes_on_showing_all_around() -> None:
    mask = MaskSurface(fill=255)
    mask.write(Bounds(0, 0, 20, 20), np.zeros((20, 20), np.uint8))
    warped = Warp(mask, Bounds(0, 0, 20, 20), Projection.scaling(2.5, 1.0)).snapshot()
    values = warped.read(Bounds(-5, -5, 70, 40))
    assert (values[10, 5 : 5 + 50] == 0).all()
    assert values[10, 4] == values[10, 55] == values[4, 10] == 255


def test_a_draft_shows_what_moves_over_what_stays() -> None:
    moving = surface_with(np.full((BOX.height, BOX.width, 4), 255, np.uint8))
    staying = TiledSurface()
    blue = np.full((10, 10, 4), (0, 0, 255, 255), np.uint8)
    staying.write(Bounds(0, 0, 10, 10), blue)
    draft = Draft(Warp(moving, BOX, Projection.moving(300.5, 0)), staying)
    assert (draft.read(Bounds(0, 0, 10, 10)) == blue).all()
    assert (draft.read(Bounds(300, 30, 50, 30)) == 255).all()
    assert draft.bounds == staying.bounds.union(Bounds(280, 10, 91, 70))
    assert not draft.has_tiles_in(Bounds(-500, -500, 10, 10))


def test_nothing_projected_is_nothing() -> None:
    empty = Warp(TiledSurface(), BOX, IDENTITY)
    assert empty.read(BOX) is None
    assert empty.snapshot().is_empty


def test_laying_over_follows_the_alpha() -> None:
    below = np.array([[[100, 100, 100, 200], [9, 9, 9, 9]]], np.uint8)
    above = np.array([[[0, 0, 0, 0], [5, 5, 5, 255]]], np.uint8)
    assert laid_over(below, above).tolist() == [[[100, 100, 100, 200], [5, 5, 5, 255]]]
