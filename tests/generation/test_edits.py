from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import RequestError
from studio.core.geometry import Bounds, Extent, Point
from studio.core.picture import Picture
from studio.generation.context import EditPlan
from studio.generation.edits import (
    Edit,
    Settings,
    apply_patch,
    image_to_image_edit,
    inpaint_edit,
    instruction_edit,
    outpaint_edit,
    text_to_image_edit,
    variation_edit,
)
from studio.generation.guides import GuidePicture
from studio.generation.jobs import Job
from studio.generation.request import (
    Control,
    ImageToImage,
    Inpaint,
    Reference,
    Variation,
    from_json,
    to_json,
)
from studio.generation.scene import PictureScene, placed_on
from tests.helpers.editing import disc, mask_of, scenery, settings
from tests.helpers.pictures import noise, pictures

EXTENT = Extent(200, 150)


def scene() -> PictureScene:
    return PictureScene(scenery(EXTENT), mask_of(disc(EXTENT, 20)), Point(-30, 40))


def source_and_mask(edit: Edit) -> tuple[Picture, Picture]:
    assert isinstance(edit.request, Inpaint)
    return edit.attachments[edit.request.source], edit.attachments[edit.request.mask]


def test_what_the_person_set_reaches_every_request() -> None:
    chosen = settings(
        prompt="a fox",
        negative_prompt="rain",
        seed=11,
        count=3,
        steps=9,
        guidance=2.5,
        scheduler="ddim",
        rank=True,
        feather=5,
    )
    requests = [
        text_to_image_edit(chosen, Bounds(0, 0, 64, 64)).request,
        variation_edit(scene().picture, chosen).request,
        image_to_image_edit(scene(), scene().canvas, chosen).request,
        inpaint_edit(scene(), chosen, 64).request,
    ]
    for request in requests:
        assert from_json(to_json(request)) == request
        assert (request.model, request.prompt, request.negative_prompt) == (
            "starter",
            "a fox",
            "rain",
        )
        assert (request.seed, request.count, request.rank) == (11, 3, True)
        assert (request.steps, request.guidance, request.scheduler) == (9, 2.5, "ddim")


def test_an_edit_brings_what_its_request_needs() -> None:
    edits = [
        variation_edit(scene().picture, settings()),
        image_to_image_edit(scene(), scene().canvas, settings()),
        inpaint_edit(scene(), settings(), 64),
    ]
    for edit in edits:
        assert Job(edit.request, edit.attachments).request is edit.request
        assert edit.request.extent == edit.area.extent


def test_an_inpaint_sees_the_picture_at_its_own_scale() -> None:
    edit = inpaint_edit(scene(), settings(), 64)
    source, mask = source_and_mask(edit)
    assert source == scene().flatten(edit.area)
    assert mask == scene().mask(edit.area)


def test_where_the_mask_is_need_not_be_known() -> None:
    painted = Bounds(40, 80, 60, 60)
    assert inpaint_edit(scene(), settings(), 64, painted=painted) == inpaint_edit(
        scene(), settings(), 64
    )


def test_a_frame_bounds_the_mask_and_what_is_seen() -> None:
    frame = Bounds(-30, 40, 100, 90)
    edit = inpaint_edit(scene(), settings(), 64, frame=frame)
    assert edit.area == frame
    assert source_and_mask(edit)[1] == scene().mask(frame)


def test_a_frame_beside_the_mask_leaves_nothing_to_do() -> None:
    with pytest.raises(RequestError, match="Nothing is masked"):
        inpaint_edit(scene(), settings(), 64, frame=Bounds(-30, 40, 20, 20))


def test_a_tiny_picture_is_continued_beyond_its_edges() -> None:
    picture = noise(5, 3)
    edit = inpaint_edit(PictureScene(picture, mask_of(disc(picture.extent, 2))), settings(), 64)
    source, mask = source_and_mask(edit)
    assert source.extent == Extent(16, 16)
    assert np.array_equal(source.array()[:3, :5], picture.array())
    assert (source.array()[:3, 5:] == picture.array()[:, -1:]).all()
    assert not mask.array()[3:].any() and not mask.array()[:, 5:].any()


def test_an_outpaint_masks_what_is_transparent_in_its_target() -> None:
    canvas = Bounds(0, 0, 300, 150)
    wide = PictureScene(placed_on(scenery(EXTENT), Point(0, 0), canvas))
    step = EditPlan(Bounds(100, 0, 200, 150), Bounds(150, 0, 100, 150))
    source, mask = source_and_mask(outpaint_edit(wide, step, settings(strength=0.2)))
    expected = np.zeros((150, 200), np.uint8)
    expected[:, 100:150] = 255
    assert np.array_equal(mask.array(), expected)
    assert source == wide.flatten(step.context)


def test_an_outpaint_forgets_nothing_but_has_full_strength() -> None:
    canvas = Bounds(0, 0, 300, 150)
    wide = PictureScene(placed_on(scenery(EXTENT), Point(0, 0), canvas))
    request = outpaint_edit(wide, EditPlan(canvas, canvas), settings(strength=0.2)).request
    assert isinstance(request, Inpaint)
    assert (request.strength, request.fill) == (1.0, "expand")


def test_an_outpaint_without_anything_empty_is_refused() -> None:
    area = Bounds.of(EXTENT)
    with pytest.raises(RequestError, match="nothing empty"):
        outpaint_edit(PictureScene(scenery(EXTENT)), EditPlan(area, area), settings())


@pytest.mark.parametrize("area", [Bounds(0, 0, 8, 64), Bounds(0, 0, 64, 5000)])
def test_areas_that_no_request_may_have_are_refused_before_they_are_read(area: Bounds) -> None:
    with pytest.raises(RequestError, match="from 16 to 4096 pixels"):
        image_to_image_edit(PictureScene(noise(4, 4)), area, settings())
    with pytest.raises(RequestError, match="from 16 to 4096 pixels"):
        outpaint_edit(PictureScene(noise(4, 4)), EditPlan(area, area), settings())


def test_what_is_transparent_in_a_repainted_frame_takes_its_surroundings_colours() -> None:
    flat = Picture.from_array(np.full((40, 40, 3), (10, 90, 170), np.uint8))
    half = PictureScene(placed_on(flat, Point(0, 0), Bounds(0, 0, 80, 40)))
    edit = image_to_image_edit(half, Bounds(0, 0, 80, 40), settings(strength=0.4))
    assert isinstance(edit.request, ImageToImage)
    source = edit.attachments[edit.request.source]
    assert source.mode == "RGB" and edit.request.strength == 0.4
    assert np.abs(source.array().astype(int) - (10, 90, 170)).max() <= 1


def test_a_variation_has_the_sources_size_unless_another_is_asked_for() -> None:
    same = variation_edit(scenery(EXTENT), settings())
    other = variation_edit(scenery(EXTENT), settings(strength=0.3), Bounds(7, 8, 64, 64))
    assert isinstance(other.request, Variation)
    assert same.request.extent == EXTENT
    assert (other.request.extent, other.request.strength) == (Extent(64, 64), 0.3)


@given(pictures(), st.integers(-20, 20), st.integers(-20, 20), pictures(modes=("RGBA",)))
def test_a_patch_changes_no_pixel_where_it_is_transparent(
    picture: Picture, x: int, y: int, patch: Picture
) -> None:
    thin = patch.array().copy()
    thin[::2, ::2, 3] = 0
    result = apply_patch(picture, Picture.from_array(thin), Point(x, y))
    assert result.extent == picture.extent
    alpha = placed_on(Picture.from_array(thin), Point(x, y), Bounds.of(picture.extent)).array()
    untouched = alpha[..., 3] == 0
    assert np.array_equal(result.rgba()[untouched], picture.rgba()[untouched])


@given(pictures(modes=("RGB", "RGBA")), pictures(modes=("RGBA",)))
def test_a_patch_replaces_what_it_covers_fully(picture: Picture, patch: Picture) -> None:
    opaque = patch.array().copy()
    opaque[..., 3] = 255
    result = apply_patch(picture, Picture.from_array(opaque), Point(0, 0)).rgba()
    height, width = min(picture.height, patch.height), min(picture.width, patch.width)
    assert np.array_equal(result[:height, :width], opaque[:height, :width])


@given(pictures(modes=("RGB", "RGBA")), st.integers(0, 255))
def test_a_patch_of_the_pictures_own_colours_changes_none(picture: Picture, alpha: int) -> None:
    same = picture.rgba().copy()
    same[..., 3] = alpha
    visible = picture.rgba()[..., 3] > 0
    result = apply_patch(picture, Picture.from_array(same), Point(0, 0)).rgb()
    assert np.array_equal(result[visible], picture.rgb()[visible])


def test_what_guides_is_named_by_every_request_and_attached_to_it() -> None:
    picture = noise(9, 7)
    control = Control(picture="", adapter="edges", weight=0.5)
    reference = Reference(picture="", adapter="style")
    chosen = settings(guides=(GuidePicture(control, picture), GuidePicture(reference, picture)))
    area = scene().canvas
    for edit in every_edit(chosen):
        assert edit.request.controls == (msgspec.structs.replace(control, picture=picture.digest),)
        assert [each.picture for each in edit.request.references] == [picture.digest]
        assert set(edit.request.needs) == set(edit.attachments)
    assert len(text_to_image_edit(chosen, area).attachments) == 1


def every_edit(chosen: Settings) -> list[Edit]:
    area = scene().canvas
    return [
        text_to_image_edit(chosen, area, scene()),
        variation_edit(scene().picture, chosen),
        image_to_image_edit(scene(), area, chosen),
        instruction_edit(scene(), area, chosen),
        inpaint_edit(scene(), chosen, 64),
    ]


def test_what_lies_on_the_canvas_guides_where_it_is_painted() -> None:
    chosen = settings(guides=(GuidePicture(Control(picture="", adapter="edges")),))
    for edit in every_edit(chosen):
        [control] = edit.request.controls
        shown = edit.attachments[control.picture]
        assert shown.mode == "RGB"
        if not isinstance(edit.request, Variation):
            assert np.array_equal(shown.array(), scene().flatten(edit.area).rgb())


def test_an_empty_canvas_guides_nothing() -> None:
    chosen = settings(guides=(GuidePicture(Control(picture="", adapter="edges")),))
    for empty in (None, scene()):
        with pytest.raises(RequestError, match="choose a picture"):
            text_to_image_edit(chosen, Bounds(900, 900, 64, 64), empty)
