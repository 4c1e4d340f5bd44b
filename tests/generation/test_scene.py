from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.core.document import Document
from studio.core.geometry import Bounds, Point
from studio.core.picture import Picture
from studio.generation.scene import PictureScene, Scene, crop, placed_on
from tests.helpers.pictures import noise, pictures

RECTANGLES = st.builds(
    Bounds, st.integers(-30, 30), st.integers(-30, 30), st.integers(1, 40), st.integers(1, 40)
)


@given(pictures(), RECTANGLES)
def test_a_crop_holds_the_pictures_pixels_and_nothing_beyond_it(
    picture: Picture, bounds: Bounds
) -> None:
    cut = crop(picture, bounds)
    assert cut.extent == bounds.extent
    inside = bounds.intersection(Bounds.of(picture.extent))
    place = inside.relative_to(bounds.origin)
    source = picture.array() if cut.mode == picture.mode else picture.rgba()
    seen = cut.array()[place.y : place.bottom, place.x : place.right]
    assert np.array_equal(seen, source[inside.y : inside.bottom, inside.x : inside.right])
    beyond = np.ones((bounds.height, bounds.width), np.bool_)
    beyond[place.y : place.bottom, place.x : place.right] = False
    assert not cut.array()[beyond].any()


def test_a_crop_inside_keeps_the_mode() -> None:
    assert crop(noise(9, 9, "RGB"), Bounds(1, 1, 3, 3)).mode == "RGB"
    assert crop(noise(9, 9, "RGB"), Bounds(1, 1, 30, 3)).mode == "RGBA"
    assert crop(noise(9, 9, "L"), Bounds(1, 1, 30, 3)).mode == "L"


def test_a_scene_is_read_in_canvas_coordinates() -> None:
    picture, mask = noise(20, 10), noise(20, 10, "L", seed=1)
    scene = PictureScene(picture, mask, Point(-5, 100))
    assert scene.canvas == Bounds(-5, 100, 20, 10)
    assert scene.flatten(scene.canvas) == picture
    assert scene.mask(Bounds(-5, 100, 2, 2)) == crop(mask, Bounds(0, 0, 2, 2))


def test_a_scene_without_a_mask_has_nothing_masked() -> None:
    assert not PictureScene(noise(9, 9)).mask(Bounds(0, 0, 9, 9)).array().any()


def test_a_documents_snapshot_is_a_scene() -> None:
    scene: Scene = Document(Bounds(0, 0, 32, 16)).snapshot()
    assert scene.flatten(Bounds(-4, 0, 8, 8)).mode == "RGBA"
    assert scene.mask(scene.canvas).extent == scene.canvas.extent


def test_a_picture_on_a_larger_canvas_is_transparent_around_it() -> None:
    picture = noise(8, 6)
    placed = placed_on(picture, Point(3, 2), Bounds(-1, 0, 20, 20))
    assert placed.mode == "RGBA"
    assert np.array_equal(placed.array()[2:8, 4:12, :3], picture.array())
    assert np.count_nonzero(placed.array()[..., 3]) == 48
