"""How each kind of request is painted, and what becomes of the answer."""

import numpy as np
import pytest

from studio.core.errors import RequestError
from studio.core.picture import Picture
from studio.generation.catalog import ModelInfo
from studio.generation.request import ImageToImage, InstructionEdit, Reference, Variation, attach
from tests.helpers.copyist import SOURCE, Paint, candidates, inpaint, words
from tests.helpers.engine_runs import box_mask, shaded


@pytest.mark.parametrize(
    "extent", [(64, 64), (16, 16), (17, 400), (512, 512), (333, 111), (4096, 16)]
)
def test_pictures_have_the_size_that_was_asked_for(paint: Paint, extent: tuple[int, int]) -> None:
    desk, family = paint(words(*extent))
    [candidate] = candidates(desk)
    assert candidate.picture.extent == extent
    assert all(side % 16 == 0 for side in family.briefs[0].extent)


@pytest.mark.parametrize("kind", [ImageToImage, Variation])
def test_a_repaint_by_a_copyist_gives_the_source_back(
    paint: Paint, kind: type[ImageToImage | Variation]
) -> None:
    request = kind(model="tiny", seed=1, width=96, height=80, source=SOURCE.digest, strength=0.5)
    desk, _ = paint(request, attach([SOURCE]))
    [candidate] = candidates(desk)
    difference = np.abs(candidate.picture.rgb().astype(int) - SOURCE.rgb())
    assert candidate.picture.extent == SOURCE.extent
    assert difference.max() <= 3


def test_an_edit_shows_the_family_its_source_and_the_pictures_it_speaks_of(paint: Paint) -> None:
    other = shaded(40, 30, 7)
    edit = InstructionEdit(
        model="tiny",
        seed=1,
        width=96,
        height=80,
        source=SOURCE.digest,
        prompt="make it blue",
        references=(Reference(picture=other.digest),),
    )
    desk, family = paint(edit, attach([SOURCE, other]))
    assert family.briefs[0].prompt == "make it blue"
    assert [pixels.shape for pixels in family.sources] == [(64, 64, 3), (30, 40, 3)]
    [candidate] = candidates(desk)
    difference = np.abs(candidate.picture.rgb().astype(int) - SOURCE.rgb())
    assert difference.max() <= 3


def test_a_transparent_source_is_seen_on_white(paint: Paint) -> None:
    clear = Picture.from_array(np.zeros((64, 64, 4), np.uint8))
    request = ImageToImage(model="tiny", seed=1, width=64, height=64, source=clear.digest)
    desk, _ = paint(request, attach([clear]))
    assert (candidates(desk)[0].picture.rgb() == 255).all()


def test_a_patch_is_transparent_outside_the_mask_and_of_the_sources_size(paint: Paint) -> None:
    mask = box_mask(96, 80, 30, 20, 60, 50)
    desk, family = paint(inpaint(mask), attach([SOURCE, mask]))
    patch = candidates(desk)[0].picture
    assert patch.mode == "RGBA" and patch.extent == SOURCE.extent
    assert np.array_equal(patch.rgba()[..., 3], mask.array())
    assert family.masks[0].extent == family.briefs[0].extent


@pytest.mark.parametrize(
    ("mask", "size", "words"),
    [
        (box_mask(96, 80, 0, 0, 0, 0), (96, 80), "Nothing is masked"),
        (box_mask(96, 81, 0, 0, 9, 9), (96, 80), "as large as the picture"),
        (box_mask(96, 80, 0, 0, 9, 9), (64, 64), "ask for the picture's own size"),
        (shaded(96, 80, 3), (96, 80), "grey values"),
    ],
)
def test_masks_that_do_not_fit_are_refused(
    paint: Paint, mask: Picture, size: tuple[int, int], words: str
) -> None:
    with pytest.raises(RequestError, match=words):
        paint(inpaint(mask, *size), attach([SOURCE, mask]))


def test_long_shapes_are_painted_no_longer_than_models_can(paint: Paint, model: ModelInfo) -> None:
    _, family = paint(words(4096, 64))
    extent = family.briefs[0].extent
    assert extent.aspect <= 6
    assert extent.area <= 2 * model.native_size**2
