"""The laws of editing, one section each, with stand-ins for the model."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from msgspec.structs import replace

from studio.core.errors import RequestError
from studio.core.geometry import Bounds, Extent, Point
from studio.core.picture import Picture
from studio.generation.edits import apply_patch, inpaint_edit, inpaint_edits
from studio.generation.membrane import Flags
from studio.generation.preparation import kept_at, prepare_for_model, shrunk_mask, to_bytes
from studio.generation.request import Inpaint
from studio.generation.scene import PictureScene, crop
from studio.generation.stitch import finish_patch
from tests.helpers.chains import mirrored_onwards
from tests.helpers.editing import (
    StandIn,
    answer,
    blurred,
    carried_out,
    coarse,
    colour_cast,
    colour_difference,
    disc,
    gradients,
    identity,
    inpainted,
    mask_of,
    noisy,
    outpainted,
    photograph,
    photographs,
    scenery,
    seam_ratio,
    settings,
    shift,
)
from tests.helpers.pictures import noise

SIDE = 192
WORST_SEAM = 1.15


def blob(seed: int, extent: Extent) -> Flags:
    """An irregular mask, from noise."""
    field = np.random.default_rng(seed).normal(size=(extent.height, extent.width))
    smooth = cv2.GaussianBlur(field.astype(np.float32), (0, 0), 8)
    return np.asarray(smooth > np.quantile(smooth, 0.8), dtype=np.bool_)


def texture(extent: Extent) -> Picture:
    """Soft noise, whose place can be measured well."""
    pixels = noise(extent.width, extent.height).array().astype(np.float32)
    soft = cv2.normalize(cv2.GaussianBlur(pixels, (0, 0), 4), None, 0, 255, cv2.NORM_MINMAX)
    return Picture.from_array(to_bytes(np.asarray(soft, dtype=np.float32)))


# 1. Identity outside


@pytest.mark.parametrize("stand_in", [colour_cast, noisy, coarse])
def test_twenty_edits_leave_every_pixel_outside_their_masks_as_it_was(
    stand_in: StandIn,
) -> None:
    original = scenery(Extent(SIDE, SIDE))
    scene = PictureScene(original)
    touched = np.zeros((SIDE, SIDE), np.bool_)
    for seed in range(20):
        masked = blob(seed, original.extent) & disc(original.extent, 60)
        touched |= masked
        scene = replace(scene, painted=mask_of(masked))
        edit = inpaint_edit(scene, settings(feather=seed % 7), native=128)
        scene = carried_out(scene, edit, original, stand_in, native=128)
    same = (scene.picture.array() == original.array()).all(axis=2)
    assert same[~touched].all()
    assert not same[touched].all()


@limits(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), feather=st.integers(0, 20), soft=st.booleans())
def test_a_patch_is_transparent_wherever_nothing_is_masked(
    seed: int, feather: int, soft: bool
) -> None:
    picture = noise(96, 80, seed=seed)
    mask = mask_of(blob(seed, picture.extent))
    if soft:
        mask = Picture.from_array(np.asarray(cv2.blur(mask.array(), (9, 9)), dtype=np.uint8))
    prepared = prepare_for_model(picture, mask, 64, 8)
    patch = finish_patch(prepared.picture, prepared, picture, mask, feather)
    result = apply_patch(picture, patch, Point(0, 0))
    outside = mask.array() == 0
    assert (patch.array()[outside] == 0).all()
    assert (result.array()[outside] == picture.array()[outside]).all()


# 2. Zero offset


@limits(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), feather=st.integers(0, 20))
def test_a_model_that_returns_its_input_changes_nothing_where_nothing_is_scaled(
    seed: int, feather: int
) -> None:
    picture = noise(128, 128, seed=seed)
    edit = inpaint_edit(
        PictureScene(picture, mask_of(blob(seed, picture.extent))),
        settings(fill="none", feather=feather),
        native=128,
    )
    patch = answer(edit, crop(picture, edit.area), identity, native=128)
    assert apply_patch(picture, patch, edit.area.origin) == picture


@pytest.mark.parametrize("native", [96, 128, 320])
@pytest.mark.parametrize("side", [(200, 200), (211, 173), (150, 260)])
def test_scaling_shifts_nothing(native: int, side: tuple[int, int]) -> None:
    picture = texture(Extent(*side))
    everything = np.ones((side[1], side[0]), np.bool_)
    back = inpainted(picture, everything, identity, native=native, fill="none").array()
    assert shift(picture.array(), back) == pytest.approx((0, 0), abs=0.1)
    assert np.abs(back.astype(int) - picture.array()).mean() < 2


# 3. The ring stays inside


@limits(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), feather=st.integers(1, 24))
def test_the_blend_ring_lies_inside_the_mask_and_is_as_wide_as_asked(
    seed: int, feather: int
) -> None:
    picture = noise(96, 96, seed=seed)
    masked = blob(seed, picture.extent)
    prepared = prepare_for_model(picture, mask_of(masked), 96, 8)
    patch = finish_patch(prepared.picture, prepared, picture, mask_of(masked), feather)
    alpha = patch.array()[..., 3]
    depth = np.asarray(cv2.distanceTransform(masked.astype(np.uint8), cv2.DIST_L2, 0))
    assert (alpha[~masked] == 0).all()
    assert (alpha[depth > feather + 1] == 255).all()
    assert (alpha[(depth > 0) & (depth < feather)] < 255).all()


def test_a_hard_mask_without_feather_has_no_ring() -> None:
    picture, masked = scenery(Extent(96, 96)), blob(1, Extent(96, 96))
    prepared = prepare_for_model(picture, mask_of(masked), 96, 8)
    patch = finish_patch(prepared.picture, prepared, picture, mask_of(masked))
    assert (patch.array()[..., 3] == mask_of(masked).array()).all()


def test_the_edge_of_the_picture_is_not_feathered() -> None:
    picture = scenery(Extent(96, 96))
    masked = np.zeros((96, 96), np.bool_)
    masked[:, 48:] = True
    prepared = prepare_for_model(picture, mask_of(masked), 96, 8)
    alpha = finish_patch(prepared.picture, prepared, picture, mask_of(masked), 10).array()[..., 3]
    assert (alpha[:, 60:] == 255).all()
    assert (alpha[:, 48:56] < 255).all()


# 4. Cost follows the mask, not the canvas


@limits(max_examples=50, deadline=None)
@given(
    x=st.integers(0, 8192 - 256),
    y=st.integers(0, 8192 - 256),
    side=st.integers(1, 256),
    native=st.sampled_from([128, 512, 1024]),
)
def test_a_request_on_a_huge_canvas_is_no_larger_than_on_a_small_one(
    x: int, y: int, side: int, native: int
) -> None:
    class Plane:
        canvas = Bounds(0, 0, 8192, 8192)
        read = 0

        def flatten(self, bounds: Bounds) -> Picture:
            self.read += bounds.area
            return Picture.from_array(np.zeros((bounds.height, bounds.width, 3), np.uint8))

        def mask(self, bounds: Bounds) -> Picture:
            self.read += bounds.area
            return Picture.from_array(np.full((bounds.height, bounds.width), 255, np.uint8))

    painted = Bounds(x, y, side, side)
    large, small = Plane(), Plane()
    small.canvas = Bounds(x - 400, y - 400, 1024, 1024)
    one, other = (inpaint_edit(p, settings(), native, painted=painted) for p in (large, small))
    assert one.area.extent == other.area.extent
    assert large.read == small.read


# 5. No seam

SPOILED = {"colour cast": colour_cast, "blurred": blurred, "noisy": noisy, "coarse": coarse}


@pytest.mark.outside
@pytest.mark.parametrize("name", photographs() or ["photograph"])
def test_no_seam_shows_in_photographs(name: str) -> None:
    whole = photograph(name)
    picture = crop(whole, Bounds(whole.width // 2 - 160, whole.height // 2 - 160, 320, 320))
    masked = disc(picture.extent, 66)
    known = Bounds(0, 0, 200, 320)
    added = np.zeros((320, 320), np.bool_)
    added[:, 200:] = True
    for spoiled in SPOILED.values():
        filled = inpainted(picture, masked, spoiled, native=320)
        extended = outpainted(picture, known, spoiled, native=320)
        for result, seam in ((filled, masked), (extended, added)):
            natural = max(1.0, seam_ratio(picture.rgb(), seam))
            assert seam_ratio(result.rgb(), seam) <= WORST_SEAM * natural


@pytest.mark.parametrize("spoiled", SPOILED.values(), ids=SPOILED)
def test_no_seam_shows_in_drawn_pictures(spoiled: StandIn) -> None:
    masked = disc(Extent(SIDE, SIDE), 50)
    measured = [
        gradients(inpainted(scenery(Extent(SIDE, SIDE), seed), masked, spoiled, SIDE).rgb(), masked)
        for seed in range(24)
    ]
    seam, beside = np.mean(measured, axis=0)
    assert seam <= WORST_SEAM * beside


# 6. No drift


def test_ten_outpaints_of_one_colour_keep_it() -> None:
    start = Picture.from_array(np.full((128, 128, 3), (180, 120, 70), np.uint8))
    *_, end = mirrored_onwards(start, colour_cast, 10)
    assert colour_difference(start.array(), end.array()[:, -64:]) < 1


@pytest.mark.outside
@pytest.mark.parametrize("name", photographs()[:3] or ["photograph"])
def test_outpaints_of_a_photograph_stay_near_their_neighbours_colour(name: str) -> None:
    start = Picture.from_array(
        np.asarray(cv2.resize(photograph(name).rgb(), (192, 192), interpolation=cv2.INTER_AREA))
    )
    for extended in mirrored_onwards(start, colour_cast, 10):
        pixels = extended.array()
        assert colour_difference(pixels[:, -96:], pixels[:, -192:-96]) < 3


# 7. VAE honesty


def test_known_pixels_in_the_result_are_the_originals_whatever_the_model_returns() -> None:
    picture, masked = noise(128, 128), blob(3, Extent(128, 128))
    prepared = prepare_for_model(picture, mask_of(masked), 128, 8)
    patch = finish_patch(noise(128, 128, seed=9), prepared, picture, mask_of(masked))
    result = apply_patch(picture, patch, Point(0, 0))
    assert (result.array()[~masked] == picture.array()[~masked]).all()


# 8. Soft strength


def test_grey_in_the_mask_mixes_the_old_and_the_new() -> None:
    old, new = (Picture.from_array(np.full((64, 64, 3), v, np.uint8)) for v in (50, 150))
    ramp = np.tile(np.linspace(0, 255, 64).astype(np.uint8), (64, 1))
    ramp[:, 0] = 255  # no unmasked pixel, so nothing is matched to the old colour
    ramp[:, 1:] = np.maximum(ramp[:, 1:], 1)
    mask = Picture.from_array(ramp)
    prepared = prepare_for_model(old, mask, 64, 8)
    result = apply_patch(old, finish_patch(new, prepared, old, mask), Point(0, 0))
    expected = 50 + 100 * ramp.astype(float) / 255
    assert np.abs(result.array()[..., 0] - expected).max() <= 1


def test_grey_latents_are_let_go_later_the_darker_they_are() -> None:
    mask = np.array([[0.0, 0.25, 0.5, 1.0]], np.float32)
    held = [kept_at(mask, step / 4).sum() for step in range(4)]
    assert held == [3, 3, 2, 1]
    assert all(kept_at(mask, step / 4)[0, 0] == 1 for step in range(4))


@limits(max_examples=40, deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 16), st.integers(0, 999))
def test_a_latent_is_repainted_as_much_as_any_of_its_pixels(
    width: int, height: int, factor: int, seed: int
) -> None:
    mask = noise(width * factor, height * factor, "L", seed)
    cells = shrunk_mask(mask.array(), Extent(width, height)) / np.float32(255)
    blocks = mask.array().reshape(height, factor, width, factor).max(axis=(1, 3))
    assert cells.shape == (height, width)
    assert (np.rint(cells * 255) >= blocks).all()


# 9. Padding is not mask


@limits(max_examples=60, deadline=None)
@given(
    st.integers(16, 300),
    st.integers(16, 300),
    st.sampled_from([64, 128]),
    st.sampled_from([8, 32, 64]),
)
def test_the_padding_is_never_masked_and_continues_the_edge(
    width: int, height: int, native: int, grid: int
) -> None:
    picture = noise(width, height)
    everything = Picture.from_array(np.full((height, width), 255, np.uint8))
    prepared = prepare_for_model(picture, everything, native, grid, "none")
    content = prepared.content
    inside = np.zeros((prepared.mask.height, prepared.mask.width), np.bool_)
    inside[content.y : content.bottom, content.x : content.right] = True
    assert (prepared.mask.array()[~inside] == 0).all()
    assert (prepared.mask.array()[inside] == 255).all()
    pixels = prepared.picture.array()
    core = pixels[content.y : content.bottom, content.x : content.right]
    right = pixels[content.y : content.bottom, content.right :]
    assert (right == core[:, -1:]).all()


def test_what_is_painted_in_the_padding_never_reaches_the_result() -> None:
    picture = scenery(Extent(256, 100))
    masked = np.ones((100, 256), np.bool_)
    prepared = prepare_for_model(picture, mask_of(masked), 128, 64, "none")
    assert prepared.content.extent != prepared.picture.extent
    answered = np.full_like(prepared.picture.array(), 255)
    content = prepared.content
    answered[content.y : content.bottom, content.x : content.right] = 0
    patch = finish_patch(Picture.from_array(answered), prepared, picture, mask_of(masked))
    assert patch.extent == picture.extent
    assert patch.array()[..., :3].max() == 0


# 10. Any size, any shape


@limits(max_examples=60, deadline=None)
@given(data=st.data(), width=st.integers(1, 90), height=st.integers(1, 90))
def test_any_mask_on_any_picture_changes_only_what_is_masked(
    data: st.DataObject, width: int, height: int
) -> None:
    picture = noise(width, height)
    left, top = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    across = data.draw(st.integers(1, width - left))
    down = data.draw(st.integers(1, height - top))
    masked = np.zeros((height, width), np.bool_)
    masked[top : top + down, left : left + across] = True
    scene = PictureScene(picture, mask_of(masked))
    edit = inpaint_edit(scene, settings(), native=32)
    white = Picture.from_array(np.full((edit.area.height, edit.area.width, 3), 255, np.uint8))
    patch = answer(edit, white, identity, native=32, grid=8)
    result = apply_patch(picture, patch, edit.area.origin)
    assert result.extent == picture.extent
    assert (result.array()[~masked] == picture.array()[~masked]).all()


def test_islands_near_each_other_are_repainted_together_and_far_ones_apart() -> None:
    mask = np.zeros((900, 900), np.uint8)
    mask[20:40, 20:40] = 255
    mask[60:80, 60:80] = 255
    mask[800:820, 800:860] = 255
    scene = PictureScene(scenery(Extent(900, 900)), Picture.from_array(mask))
    edits = inpaint_edits(scene, settings(), native=128)
    masks = [edit.attachments[edit.request.needs[1]].array() for edit in edits]
    assert len(edits) == 2
    assert sorted(int(np.count_nonzero(m)) for m in masks) == [800, 1200]
    together = np.zeros_like(mask)
    for edit, part in zip(edits, masks, strict=True):
        area = edit.area
        together[area.y : area.bottom, area.x : area.right] |= part
    assert (together == mask).all()


def test_an_empty_mask_is_refused_with_what_to_do() -> None:
    nothing = PictureScene(scenery(Extent(64, 64)), mask_of(np.zeros((64, 64), np.bool_)))
    for build in (inpaint_edit, inpaint_edits):
        with pytest.raises(RequestError, match="paint over what should change"):
            build(nothing, settings(), 64)


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(RequestError, match="The mask is 32x32 but the picture is 64x64"):
        PictureScene(scenery(Extent(64, 64)), mask_of(np.ones((32, 32), np.bool_)))


def test_a_mask_larger_than_one_pass_is_refused() -> None:
    class Plane:
        canvas = Bounds(0, 0, 9000, 300)

        def flatten(self, bounds: Bounds) -> Picture:
            raise AssertionError("nothing should be read")

        def mask(self, bounds: Bounds) -> Picture:
            return Picture.from_array(np.full((bounds.height, bounds.width), 255, np.uint8))

    with pytest.raises(RequestError, match="at most 4096 pixels"):
        inpaint_edit(Plane(), settings(), 512)


def test_a_strength_below_one_shows_the_model_what_was_there() -> None:
    scene = PictureScene(scenery(Extent(64, 64)), mask_of(disc(Extent(64, 64), 10)))
    weak = inpaint_edit(scene, settings(strength=0.5), 64).request
    full = inpaint_edit(scene, settings(), 64).request
    assert isinstance(weak, Inpaint) and isinstance(full, Inpaint)
    assert (weak.fill, full.fill) == ("none", "expand")
