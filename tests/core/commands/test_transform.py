from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.commands.crop import crop
from studio.core.commands.selection import SetSelection
from studio.core.commands.stack import CommandStack
from studio.core.commands.transform import PlaceText, rasterises, transform
from studio.core.document import Document
from studio.core.geometry import Bounds, Point
from studio.core.layers import GroupLayer, Layer, RasterLayer, TextLayer
from studio.core.projection import Projection, Spot
from studio.core.selection import rectangle
from studio.core.subject import Subject
from studio.core.text import TextContent
from studio.core.tiles import MaskSurface
from tests.helpers.documents import RED, boxes, document_with, fingerprint, solid

pytestmark = pytest.mark.usefixtures("qapp")

WORDS = TextContent("words", size_px=40.0, width=200)
CANVAS = Bounds(0, 0, 400, 300)


@pytest.fixture
def words() -> TextLayer:
    return TextLayer("words", WORDS, Point(30, 20))


def document_of(layer: Layer) -> Document:
    document = document_with(canvas=CANVAS)
    document.layers.insert(0, layer)
    document.active = layer
    return document


def apply(document: Document, projection: Projection) -> CommandStack:
    subject = Subject.take(document, document.active)
    stack = CommandStack(document)
    stack.push(transform(subject, projection, subject.projected(projection)))
    return stack


def test_a_text_that_is_moved_and_scaled_evenly_stays_a_text(words: TextLayer) -> None:
    document = document_of(words)
    pixels = document.flatten()
    stack = apply(document, Projection.scaling(2, 2).then(Projection.moving(5, 5)))
    assert (words.text.size_px, words.text.width, words.origin) == (80.0, 400, Point(65, 45))
    assert words.text.text == "words"
    stack.undo()
    assert (words.text, words.origin) == (WORDS, Point(30, 20))
    assert document.flatten() == pixels


def test_a_text_that_is_turned_becomes_plain_pixels_and_undo_brings_it_back(
    words: TextLayer,
) -> None:
    document = document_of(words)
    subject = Subject.take(document, words)
    assert rasterises(subject, Projection.turning(10))
    assert not rasterises(subject, Projection.scaling(2, 2))
    stack = apply(document, Projection.turning(10))
    plain = document.layers[0]
    assert isinstance(plain, RasterLayer) and not isinstance(plain, TextLayer)
    assert plain.name == "words" and document.active is plain
    stack.undo()
    assert document.layers[0] is words
    stack.redo()
    assert document.layers[0] is plain


@pytest.mark.parametrize("projection", [Projection.scaling(2, 2), Projection.turning(90)])
def test_the_mask_of_a_text_moves_along(words: TextLayer, projection: Projection) -> None:
    words.mask = MaskSurface(fill=255)
    words.mask.write(Bounds(30, 20, 60, 60), np.zeros((60, 60), np.uint8))
    document = document_of(words)
    stack = apply(document, projection)
    mask = document.layers[0].mask
    assert mask is not None
    hidden = projection.quad(Bounds(30, 20, 60, 60))
    assert mask.used_bounds().origin == Point(
        round(min(spot.x for spot in hidden)), round(min(spot.y for spot in hidden))
    )
    stack.undo()
    assert words.mask is not None and words.mask.used_bounds() == Bounds(30, 20, 60, 60)


def test_selected_letters_become_plain_pixels(words: TextLayer) -> None:
    document = document_of(words)
    letters = words.pixels.used_bounds()
    half = Bounds(letters.x, letters.y, letters.width // 2, letters.height)
    CommandStack(document).push(SetSelection(rectangle(half)))
    apply(document, Projection.moving(0, 100))
    assert not isinstance(document.layers[0], TextLayer)
    assert document.layers[0].pixels.used_bounds().bottom == letters.bottom + 100


def test_steps_of_one_change_of_a_text_merge_and_others_do_not(words: TextLayer) -> None:
    document = document_of(words)
    stack = CommandStack(document)
    for text in ("a", "ab"):
        stack.push(PlaceText(words, TextContent(text), words.origin))
    stack.push(PlaceText(words, TextContent("abc"), words.origin, "Other"))
    assert [entry.name for entry in stack.entries] == ["Edit text", "Other"]
    stack.undo()
    stack.undo()
    assert words.text == WORDS


turns = st.builds(
    lambda x, y, angle, dx: (
        Projection.scaling(x, y).then(Projection.turning(angle)).then(Projection.moving(dx, 3))
    ),
    *(st.floats(0.3, 2.5), st.floats(0.3, 2.5), st.floats(-180, 180), st.integers(-300, 300)),
)


@settings(max_examples=6, deadline=None)
@given(st.lists(turns, min_size=1, max_size=2), st.booleans())
def test_whatever_is_done_undo_takes_it_back(projections: list[Projection], selected: bool) -> None:
    low = RasterLayer.from_picture("low", solid(40, 30, RED), Point(300, 250))
    high = RasterLayer.from_picture("high", solid(10, 10, RED))
    low.mask = MaskSurface(fill=255)
    low.mask.write(Bounds(310, 250, 10, 10), np.zeros((10, 10), np.uint8))
    document = document_of(GroupLayer("group", [low, high]))
    if selected:
        CommandStack(document).push(SetSelection(rectangle(Bounds(0, 0, 320, 270))))
    before, flat = fingerprint(document), document.flatten()
    stack = CommandStack(document)
    for projection in projections:
        subject = Subject.take(document, document.active)
        stack.push(transform(subject, projection, subject.projected(projection)))
    done = document.flatten()
    stack.go_to(0)
    assert (fingerprint(document), document.flatten()) == (before, flat)
    stack.go_to(len(projections))
    assert document.flatten() == done


@given(boxes(300, 200), st.booleans())
@settings(max_examples=25, deadline=None)
def test_cropping_can_be_undone_wherever_it_cuts(area: Bounds, delete: bool) -> None:
    document = document_with(solid(200, 150, RED), canvas=Bounds(-20, 10, 200, 150))
    before = fingerprint(document)
    stack = CommandStack(document)
    stack.push(crop(document, area, delete=delete))
    assert document.canvas == area and area.contains(document.frame)
    kept = document.layers[0].pixels.used_bounds()
    whole = Bounds(-20, 10, 200, 150)
    assert kept == (whole.intersection(area) if delete else whole) or kept.is_empty
    stack.undo()
    assert fingerprint(document) == before


def test_a_texts_mask_is_turned_and_the_text_stays_one(words: TextLayer) -> None:
    document = document_of(words)
    words.mask = MaskSurface()
    words.mask.write(Bounds(0, 0, 30, 10), np.full((10, 30), 255, np.uint8))
    document.editing_mask = True
    apply(document, Projection.turning(90, Spot(0, 0)))
    assert document.layers[0] is words
    assert words.mask.used_bounds() == Bounds(-10, 0, 10, 30)
