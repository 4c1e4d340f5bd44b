from __future__ import annotations

import numpy as np
import pytest

from studio.core.errors import RequestError
from studio.core.geometry import Extent, Point
from studio.core.picture import Picture, Pixels
from studio.generation.edits import apply_patch
from studio.generation.membrane import Floats
from studio.generation.preparation import prepare_for_model
from studio.generation.seam import heal_seam
from studio.generation.stitch import blend_mask, finish_patch, match_tone
from tests.helpers.editing import disc, scenery

EXTENT = Extent(128, 128)
MASKED = disc(EXTENT, 40)


def drawn() -> Floats:
    return scenery(EXTENT, seed=2).array().astype(np.float32)


def test_a_colour_cast_is_taken_off_by_what_both_pictures_show() -> None:
    known = drawn()
    cast = known * np.array([1.1, 0.9, 1], np.float32) + np.array([-12, 6, 20], np.float32)
    assert np.abs(match_tone(cast, known, ~MASKED) - known).max() < 1


def test_an_unrelated_picture_keeps_its_contrast() -> None:
    known = drawn()
    other = np.random.default_rng(0).uniform(0, 255, known.shape).astype(np.float32)
    matched = match_tone(other, known, ~MASKED)
    assert matched.std(axis=(0, 1)) == pytest.approx(other.std(axis=(0, 1)), rel=1e-3)


def test_without_a_known_pixel_the_tone_is_left_alone() -> None:
    nothing = np.zeros((128, 128), np.bool_)
    assert np.array_equal(match_tone(drawn() + 30, drawn(), nothing), drawn() + 30)


def test_a_perfect_answer_is_not_changed_by_healing() -> None:
    assert np.array_equal(heal_seam(drawn(), drawn(), MASKED, ~MASKED), drawn())


def test_healing_changes_only_what_is_masked() -> None:
    generated = drawn() + 20
    healed = heal_seam(generated, drawn(), MASKED, ~MASKED)
    assert np.array_equal(healed[~MASKED], generated[~MASKED])


def test_a_difference_that_the_whole_border_shares_is_carried_to_the_middle() -> None:
    healed = heal_seam(drawn() + 15, drawn(), MASKED, ~MASKED)
    assert np.abs(healed[MASKED] - drawn()[MASKED]).max() < 0.1


def test_before_another_backdrop_a_thing_keeps_its_colours_and_the_backdrop_is_made_good() -> None:
    blue, orange, green = np.array([(40, 60, 200), (240, 140, 20), (0, 150, 60)], np.float32)
    thing = disc(EXTENT, 20)
    known = np.broadcast_to(blue, (128, 128, 3)).copy()
    generated = np.where(thing[..., None], green, orange)
    matched = match_tone(generated, known, ~MASKED)
    healed = heal_seam(matched, known, MASKED, ~MASKED)
    middle, beside = healed[64, 64], healed[64, 64 + 30]
    assert np.linalg.norm(middle - green) < 60 < np.linalg.norm(blue - orange) / 3
    assert np.linalg.norm(beside - blue) < 10


def test_a_local_difference_does_not_reach_the_middle() -> None:
    generated = drawn()
    generated[60:68, :32] += 60
    healed = heal_seam(generated, drawn(), MASKED, ~MASKED)
    assert np.abs(healed[64, 64] - drawn()[64, 64]).max() < 3


def test_a_mask_without_known_surroundings_is_left_as_generated() -> None:
    everything = np.ones((128, 128), np.bool_)
    assert np.array_equal(heal_seam(drawn(), drawn() + 9, everything, ~everything), drawn())


def test_without_feather_the_blend_is_the_mask() -> None:
    mask = np.where(MASKED, 255, 0).astype(np.uint8)
    assert np.array_equal(blend_mask(mask, np.full_like(mask, 255), 0), mask)


def test_pixels_that_the_source_lacks_are_not_feathered() -> None:
    mask = np.zeros((64, 64), np.uint8)
    mask[:, 32:] = 255
    assert np.array_equal(blend_mask(mask, 255 - mask, 12), mask)


def soft_edge() -> tuple[Picture, Picture]:
    """A picture that fades out to the right, and the mask of what it lacks."""
    alpha = np.clip(np.linspace(3, -2, 96), 0, 1) * 255
    pixels = np.full((64, 96, 4), (200, 40, 40, 0), np.uint8)
    pixels[..., 3] = alpha.astype(np.uint8)
    return Picture.from_array(pixels), Picture.from_array(255 - pixels[..., 3])


def test_a_picture_with_a_soft_edge_is_opaque_once_it_is_extended() -> None:
    source, mask = soft_edge()
    prepared = prepare_for_model(source, mask, 64, 32)
    patch = finish_patch(prepared.picture, prepared, source, mask)
    result = apply_patch(source, patch, Point(0, 0)).array()
    assert (result[..., 3] == 255).all()
    assert np.abs(result[..., :3].astype(int) - (200, 40, 40)).max() <= 1


def constant(value: int, extent: Extent = EXTENT) -> Pixels:
    return np.full((extent.height, extent.width, 3), value, np.uint8)


def test_a_result_enlarged_by_a_second_pass_is_brought_back_to_size() -> None:
    source, mask = (
        Picture.from_array(constant(90)),
        Picture.from_array(np.where(MASKED, 255, 0).astype(np.uint8)),
    )
    prepared = prepare_for_model(source, mask, 64, 32)
    twice = Picture.from_array(constant(90, Extent(128, 128)))
    patch = finish_patch(twice, prepared, source, mask)
    assert patch.extent == EXTENT
    assert (patch.array()[MASKED] == (90, 90, 90, 255)).all()


def test_a_mask_of_another_size_is_refused() -> None:
    source = Picture.from_array(constant(1))
    mask = Picture.from_array(np.zeros((128, 128), np.uint8))
    prepared = prepare_for_model(source, mask, 64, 32)
    small = Picture.from_array(np.zeros((64, 64), np.uint8))
    with pytest.raises(RequestError):
        finish_patch(prepared.picture, prepared, source, small)
