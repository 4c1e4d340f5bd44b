from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from studio.core.colour import Colour
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.geometry import Bounds, Point
from studio.core.layers import RasterLayer, TextLayer
from studio.core.picture import Pixels
from studio.core.raster_text import rendered_text
from studio.core.text import Alignment, TextContent
from studio.core.tiles import TiledSurface
from tests.helpers.documents import RED, SMALL, records

pytestmark = pytest.mark.usefixtures("qapp")

PLAIN = TextContent("Lake", size_px=40.0)
TWO_LINES = replace(PLAIN, text="a long line above\nshort")


def ink(content: TextContent) -> Bounds:
    """The rectangle around what is drawn, beside the text's top left corner."""
    place, pixels = rendered_text(content)
    surface = TiledSurface()
    surface.write_stored(place, pixels)
    return surface.used_bounds()


def lower_line(content: TextContent) -> Bounds:
    """The rectangle around the ink of the second of two lines."""
    place, pixels = rendered_text(content)
    surface = TiledSurface()
    surface.write_stored(place, pixels)
    middle = place.y + place.height // 2
    surface.clear(Bounds.from_edges(place.x, place.y, place.right, middle))
    return surface.used_bounds()


def alpha(layer: RasterLayer) -> Pixels:
    return layer.pixels.read(SMALL)[..., 3]


def test_it_is_drawn_at_its_place() -> None:
    layer = TextLayer("words", PLAIN, Point(10, 20))
    used = layer.surface.used_bounds()
    assert used == ink(PLAIN).moved(10, 20)
    assert 10 <= used.x < 20 and 20 <= used.y < 40
    assert 20 < used.height < 50


def test_it_has_the_colour_that_was_chosen() -> None:
    _, pixels = rendered_text(replace(PLAIN, colour=Colour(200, 100, 50)))
    solid = pixels[pixels[..., 3] == 255]
    assert len(solid) > 20
    assert (solid == (50, 100, 200, 255)).all()


def test_edges_are_smooth() -> None:
    _, pixels = rendered_text(PLAIN)
    assert ((pixels[..., 3] > 0) & (pixels[..., 3] < 255)).any()


def test_a_larger_font_covers_more_and_a_bold_one_is_heavier() -> None:
    assert ink(replace(PLAIN, size_px=80.0)).height > 1.7 * ink(PLAIN).height
    weight = [
        int(rendered_text(replace(PLAIN, bold=bold))[1][..., 3].sum()) for bold in (False, True)
    ]
    assert weight[1] > 1.1 * weight[0]


def test_another_family_and_a_slant_look_different() -> None:
    _, plain = rendered_text(PLAIN)
    for content in (replace(PLAIN, italic=True), replace(PLAIN, family="Monospace")):
        _, other = rendered_text(content)
        assert other.shape != plain.shape or (other != plain).any()


def test_lines_are_aligned_within_the_widest() -> None:
    left, centre, right = (
        lower_line(replace(TWO_LINES, alignment=alignment)).x
        for alignment in (Alignment.LEFT, Alignment.CENTRE, Alignment.RIGHT)
    )
    assert left < 5 < centre < right
    assert abs(centre - (left + right) / 2) <= 1


def test_lines_are_wrapped_at_the_width() -> None:
    long = replace(PLAIN, text="one two three four five six")
    wrapped = ink(replace(long, width=200))
    assert wrapped.right <= 205 < ink(long).right
    assert wrapped.height > 2 * ink(long).height
    justified = ink(replace(long, width=200, alignment=Alignment.JUSTIFIED))
    assert 195 <= justified.right <= 201


def test_line_height_spreads_the_lines() -> None:
    close, wide = (lower_line(replace(TWO_LINES, line_height=height)) for height in (1.0, 2.0))
    assert wide.bottom - close.bottom >= 0.9 * TWO_LINES.size_px


def test_no_text_shows_nothing() -> None:
    layer = TextLayer("words", replace(PLAIN, text=""))
    assert layer.surface.is_empty


def test_another_text_is_drawn_in_the_place_of_the_first() -> None:
    layer = TextLayer("words", PLAIN, Point(10, 20), opacity=0.5)
    heard, properties = records(layer.changed), records(layer.property_changed)
    before, longer = layer.surface.used_bounds(), replace(PLAIN, text="Lakes and rivers")
    layer.set_content(longer)
    assert layer.text == longer
    assert layer.surface.used_bounds() == ink(longer).moved(10, 20)
    assert heard[0].contains(before.union(layer.surface.used_bounds()))
    assert properties == [(layer, "content")]


def test_the_same_text_is_not_drawn_again() -> None:
    layer = TextLayer("words", PLAIN)
    heard = records(layer.changed)
    layer.set_content(replace(PLAIN))
    assert heard == []


def test_a_text_that_would_be_enormous_is_refused_and_the_old_one_stays() -> None:
    layer = TextLayer("words", PLAIN)
    before = alpha(layer)
    with pytest.raises(KnownError, match="too large"):
        layer.set_content(replace(PLAIN, text="W" * 500, size_px=4000.0))
    assert layer.text == PLAIN
    assert (alpha(layer) == before).all()


@pytest.mark.parametrize("change", [{"size_px": 0.0}, {"line_height": -1.0}, {"width": 0}])
def test_sizes_must_be_above_zero(change: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="above 0"):
        replace(PLAIN, **change)


def test_it_moves_and_is_copied_with_its_text() -> None:
    layer = TextLayer("words", PLAIN, Point(10, 20))
    layer.translate(5, -5)
    copy = layer.duplicate("copy")
    assert (copy.text, copy.origin, copy.name) == (PLAIN, Point(15, 15), "copy")
    assert (alpha(copy) == alpha(layer)).all()
    snapshot = layer.snapshot()
    assert (snapshot.text, snapshot.origin) == (PLAIN, Point(15, 15))


def test_as_plain_pixels_it_looks_the_same() -> None:
    layer = TextLayer("words", PLAIN, opacity=0.5)
    plain = layer.rasterise()
    assert type(plain) is RasterLayer
    assert plain.opacity == 0.5
    assert (alpha(plain) == alpha(layer)).all()


def test_one_that_was_drawn_elsewhere_is_shown_as_it_was() -> None:
    surface = TiledSurface()
    surface.write(Bounds(0, 0, 4, 4), np.full((4, 4, 4), 255, dtype=np.uint8))
    layer = TextLayer("words", PLAIN, surface=surface)
    assert layer.surface.used_bounds() == Bounds(0, 0, 4, 4)


def test_it_is_part_of_the_picture() -> None:
    document = Document(SMALL)
    document.layers.insert(0, TextLayer("words", replace(PLAIN, colour=RED)))
    picture = document.flatten().array()
    assert (picture[picture[..., 3] == 255] == (*RED, 255)).all()
