from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from studio.core.blend import BlendMode
from studio.core.document import Document
from studio.core.errors import PictureError
from studio.core.geometry import Bounds
from studio.core.layers import GeneratedLayer, GroupLayer, Layer
from studio.core.tiles import COLOUR
from studio.files.limits import MAX_DEPTH, MAX_HELD_BYTES
from studio.files.openraster import encode_openraster, load_openraster, read_openraster
from tests.helpers.documents import BLUE, RED, document_with, opaque_noise, solid

NAMESPACE = 'xmlns:s="urn:sfumato:openraster:1"'


def png(
    width: int = 8, height: int = 6, colour: object = (255, 0, 0, 255), mode: str = "RGBA"
) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (width, height), colour).save(buffer, "PNG")  # type: ignore[arg-type]
    return buffer.getvalue()


def lying_png(width: int, height: int) -> bytes:
    """A PNG whose header claims a size that its data do not have."""
    whole = bytearray(png(1, 1))
    header = b"IHDR" + struct.pack(">II", width, height) + bytes(whole[24:29])
    whole[12:33] = header + struct.pack(">I", zlib.crc32(header))
    return bytes(whole)


def write(
    path: Path, layers: str, entries: Mapping[str, bytes] | None = None, head: str = 'w="20" h="10"'
) -> Path:
    """An OpenRaster file with these ``<layer>`` elements."""
    xml = f"<?xml version='1.0'?><image {head}><stack>{layers}</stack></image>"
    return write_entries(path, {"stack.xml": xml.encode(), **(entries or {})})


def write_entries(path: Path, entries: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "image/openraster", zipfile.ZIP_STORED)
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "document.ora"


def test_attributes_that_are_missing_have_their_defaults(path: Path) -> None:
    document = load_openraster(write(path, '<layer src="a.png"/>', {"a.png": png()}))
    layer = document.layers[0]
    assert document.canvas == document.frame == Bounds(0, 0, 20, 10)
    assert (layer.name, layer.opacity, layer.visible, layer.locked) == ("Layer", 1.0, True, False)
    assert layer.blend_mode is BlendMode.NORMAL
    assert layer.pixels.used_bounds() == Bounds(0, 0, 8, 6)
    assert document.active is layer


def test_the_first_layer_of_the_file_is_the_topmost(path: Path) -> None:
    layers = '<layer name="top" src="a.png"/><layer name="bottom" src="a.png"/>'
    document = load_openraster(write(path, layers, {"a.png": png()}))
    assert [layer.name for layer in document.layers] == ["bottom", "top"]


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("RGB", (1, 2, 3), (1, 2, 3, 255)),
        ("L", 77, (77, 77, 77, 255)),
        ("LA", (77, 0), (0, 0, 0, 0)),
        ("1", 1, (255, 255, 255, 255)),
        ("I;16", 65535, (255, 255, 255, 255)),
        ("P", 0, (0, 0, 0, 255)),
    ],
)
def test_layers_of_any_kind_of_png_are_read(
    path: Path, mode: str, colour: object, expected: tuple[int, ...]
) -> None:
    write(path, '<layer src="a.png"/>', {"a.png": png(4, 4, colour, mode)})
    assert tuple(load_openraster(path).flatten(Bounds(1, 1, 1, 1)).data) == expected


def test_groups_come_back_with_what_they_hold(path: Path) -> None:
    layers = """
        <stack name="group" opacity="0.5" x="3" y="-2">
          <layer name="inner" src="a.png" opacity="0.5" x="1" y="1"/>
          <stack visibility="hidden"><layer name="deep" src="a.png"/></stack>
        </stack>
        <layer name="below" src="a.png"/>"""
    document, notes = read_openraster(write(path, layers, {"a.png": png()}))
    below, group = document.layers
    assert isinstance(group, GroupLayer)
    assert (group.name, group.opacity) == ("group", 0.5)
    hidden, inner = group.layers
    assert isinstance(hidden, GroupLayer)
    assert (hidden.name, hidden.visible, hidden.layers[0].name) == ("Group", False, "deep")
    assert (below.name, inner.name, inner.opacity) == ("below", "inner", 0.5)
    assert inner.pixels.used_bounds().origin == (4, -1)
    assert notes == ()


@pytest.mark.parametrize(
    ("group", "inner", "told"),
    [
        ("", "svg:src-over", False),
        ("", "svg:multiply", True),
        ('isolation="isolate"', "svg:multiply", False),
        ('isolation="auto" opacity="0.5"', "svg:multiply", False),
        ('isolation="auto"', "svg:multiply", True),
    ],
)
def test_a_group_that_mixes_with_what_lies_below_it_is_told(
    path: Path, group: str, inner: str, told: bool
) -> None:
    layers = f'<stack {group}><layer src="a.png" composite-op="{inner}"/></stack>'
    _, notes = read_openraster(write(path, layers, {"a.png": png()}))
    assert bool(notes) is told


def test_unknown_modes_and_elements_are_told_once(path: Path) -> None:
    layers = '<layer src="a.png" composite-op="krita:dodge"/>' * 3 + "<text/><text/>"
    document, notes = read_openraster(write(path, layers, {"a.png": png()}))
    assert all(layer.blend_mode is BlendMode.NORMAL for layer in document.layers)
    assert len(notes) == 2
    assert any("krita:dodge" in note for note in notes)


def test_a_damaged_or_missing_layer_is_left_empty_with_a_note(path: Path) -> None:
    layers = "".join(f'<layer name="{name}" src="{name}.png"/>' for name in ("a", "b", "c"))
    entries = {"a.png": png(), "b.png": png()[:45]}
    document, notes = read_openraster(write(path, layers, entries))
    assert [layer.name for layer in document.layers] == ["c", "b", "a"]
    assert [layer.pixels.is_empty for layer in document.layers] == [True, True, False]
    assert len(notes) == 2
    assert any("'b'" in note and "damaged" in note for note in notes)
    assert any("'c'" in note and "missing" in note for note in notes)


def test_without_any_layer_left_the_merged_picture_is_shown(path: Path) -> None:
    entries = {"mergedimage.png": png(20, 10)}
    document, notes = read_openraster(write(path, '<layer src="gone.png"/>', entries))
    assert [layer.name for layer in document.layers] == ["Layer", "Merged picture"]
    assert tuple(document.flatten(Bounds(0, 0, 1, 1)).data) == (255, 0, 0, 255)
    assert "lost" in notes[-1]


def test_where_nothing_is_left_it_is_refused(path: Path) -> None:
    with pytest.raises(PictureError, match="Nothing in"):
        load_openraster(write(path, '<layer src="gone.png"/>'))


@pytest.mark.parametrize(
    "head",
    [
        'w="0" h="10"',
        'w="-5" h="10"',
        "",
        'w="many" h="10"',
        'w="60000" h="60000"',
        'w="9" h="1e3"',
    ],
)
def test_impossible_sizes_are_refused(path: Path, head: str) -> None:
    with pytest.raises(PictureError, match="pixels"):
        load_openraster(write(path, '<layer src="a.png"/>', {"a.png": png()}, head))


def good_layer_of(document: Document) -> Layer:
    """The layer below the bomb, which alone has pixels."""
    good, bomb = document.layers
    assert bomb.pixels.is_empty
    return good


BOMB_AND_GOOD = '<layer name="bomb" src="b.png"/><layer name="good" src="a.png"/>'


def test_a_picture_larger_than_the_limits_is_not_decoded(path: Path) -> None:
    entries = {"a.png": png(), "b.png": lying_png(60_000, 60_000)}
    document, notes = read_openraster(write(path, BOMB_AND_GOOD, entries))
    assert good_layer_of(document).pixels.used_bounds() == Bounds(0, 0, 8, 6)
    assert "'bomb' is too large" in notes[0]


def test_a_header_that_promises_more_than_follows_is_damage(path: Path) -> None:
    entries = {"a.png": png(), "b.png": lying_png(16_000, 16_000)}
    document, notes = read_openraster(write(path, BOMB_AND_GOOD, entries))
    assert not good_layer_of(document).pixels.is_empty
    assert "'bomb' is damaged" in notes[0]


def test_all_layers_together_may_hold_so_much_and_no_more(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_HELD_BYTES == 1300 * 2**20
    monkeypatch.setattr("studio.files.limits.MAX_HELD_BYTES", 3 * COLOUR.size)
    entries = {"a.png": png(), "b.png": png(1000, 600)}
    document, notes = read_openraster(write(path, BOMB_AND_GOOD, entries))
    assert not good_layer_of(document).pixels.is_empty
    assert "too large" in notes[0]


def test_an_empty_expanse_costs_nothing(path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (2000, 2000)).save(buffer, "PNG")
    document = load_openraster(write(path, '<layer src="a.png"/>', {"a.png": buffer.getvalue()}))
    assert document.layers[0].pixels.size == 0


def test_pictures_that_need_decoding_as_a_whole_have_a_smaller_limit(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.files.openraster.decoding.MAX_WHOLE_PIXELS", 100)
    entries = {"a.png": png(), "b.png": png(20, 20, 0, "P")}
    document, notes = read_openraster(write(path, BOMB_AND_GOOD, entries))
    assert not good_layer_of(document).pixels.is_empty
    assert "'bomb' is too large" in notes[0]


def test_a_list_of_layers_that_unpacks_to_too_much_is_refused(path: Path) -> None:
    layers = f"<!--{' ' * 9 * 2**20}-->"
    with pytest.raises(PictureError, match="list of layers"):
        load_openraster(write(path, layers))


def test_a_list_of_layers_that_is_too_long_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.files.openraster.tree.MAX_LAYERS", 5)
    with pytest.raises(PictureError, match="too many layers"):
        load_openraster(write(path, '<layer src="a.png"/>' * 6, {"a.png": png()}))


def test_groups_nested_too_deep_give_up_their_layers(path: Path) -> None:
    group = '<stack opacity="0.999" x="1">'
    layers = group * 5000 + '<layer src="a.png"/>' + "</stack>" * 5000
    document, notes = read_openraster(write(path, layers, {"a.png": png()}))
    *_, outermost = document.walk()
    layer = next(document.walk())
    assert len(list(document.walk())) == MAX_DEPTH + 1
    assert outermost.opacity == 0.999
    assert layer.opacity == pytest.approx(0.999 ** (5000 - MAX_DEPTH))
    assert layer.pixels.used_bounds().x == 5000
    assert "too deep" in notes[0]
    assert document.flatten(Bounds(0, 0, 20, 10)).extent == (20, 10)


def test_declarations_that_could_expand_are_refused(path: Path) -> None:
    laughs = b"""<?xml version='1.0'?><!DOCTYPE image [<!ENTITY a "lol">
        <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
        <image w="9" h="9"><stack><layer name="&b;" src="a.png"/></stack></image>"""
    write_entries(path, {"stack.xml": laughs, "a.png": png()})
    with pytest.raises(PictureError, match="list of layers") as caught:
        load_openraster(path)
    assert "document type" in caught.value.details


@pytest.mark.parametrize(
    "xml", [b"", b"<image", b"<html/>", b"\xff\xfe\x00", b"<image w='9' h='9'/>"]
)
def test_a_list_that_makes_no_sense_is_refused_or_empty(path: Path, xml: bytes) -> None:
    write_entries(path, {"stack.xml": xml})
    if xml.startswith(b"<image w"):
        assert len(load_openraster(path).layers) == 0
        return
    with pytest.raises(PictureError, match="list of layers"):
        load_openraster(path)


def test_names_never_lead_out_of_the_archive(path: Path) -> None:
    (path.parent / "secret.png").write_bytes(png())
    for name in ("../secret.png", str(path.parent / "secret.png"), "file:secret.png", ""):
        with pytest.raises(PictureError, match="Nothing in"):
            load_openraster(write(path, f'<layer src="{name}"/>'))


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip archive at all", bytes(1000)])
def test_what_is_no_archive_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(PictureError, match="not an OpenRaster document"):
        load_openraster(path)


def test_missing_files_and_folders_are_told(path: Path) -> None:
    with pytest.raises(PictureError, match="does not exist|cannot be read"):
        load_openraster(path)
    with pytest.raises(PictureError, match="cannot be read"):
        load_openraster(path.parent)


def test_a_recipe_that_is_lost_leaves_a_layer_of_pixels(path: Path) -> None:
    layers = f'<layer src="a.png" {NAMESPACE} s:recipe="gone.json" s:area="0 0 8 6"/>'
    document = load_openraster(write(path, layers, {"a.png": png()}))
    assert not isinstance(document.layers[0], GeneratedLayer)


@pytest.mark.parametrize("text", ["", "1 2 3", "a b c d", "0 0 0 5", "0 0 99999999999 5"])
def test_our_own_attributes_are_not_trusted_either(path: Path, text: str) -> None:
    head = f'w="20" h="10" {NAMESPACE} s:frame="{text}" s:canvas="{text}" s:mask="{text}"'
    document = load_openraster(write(path, '<layer src="a.png"/>', {"a.png": png()}, head))
    assert document.canvas == document.frame == Bounds(0, 0, 20, 10)
    assert document.mask.is_empty


def test_a_canvas_of_another_size_than_stated_is_ignored(path: Path) -> None:
    head = f'w="20" h="10" {NAMESPACE} s:canvas="-5 -5 21 10"'
    document = load_openraster(write(path, '<layer src="a.png"/>', {"a.png": png()}, head))
    assert document.canvas == Bounds(0, 0, 20, 10)


def test_two_layers_never_get_the_same_id(path: Path) -> None:
    layers = f'<layer src="a.png" {NAMESPACE} s:id="twin"/>' * 2
    document = load_openraster(write(path, layers, {"a.png": png()}))
    assert len({layer.id for layer in document.layers}) == 2


@pytest.mark.parametrize("opacity", ["2", "-1", "nan", "inf", "much"])
def test_impossible_opacities_become_possible(path: Path, opacity: str) -> None:
    layers = f'<layer src="a.png" opacity="{opacity}"/>'
    document = load_openraster(write(path, layers, {"a.png": png()}))
    assert 0 <= document.layers[0].opacity <= 1


VALID = encode_openraster(
    document_with(solid(40, 30, RED), solid(20, 20, BLUE), canvas=Bounds(0, 0, 40, 30))
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_a_damaged_file_is_read_in_part_or_refused_and_nothing_else(
    path: Path, data: st.DataObject
) -> None:
    content = bytearray(VALID)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))] or content)
    try:
        document = load_openraster(path)
    except PictureError as error:
        assert error.message
    else:
        assert not document.canvas.is_empty


@pytest.mark.outside
@pytest.mark.parametrize(
    ("name", "size", "layers"),
    [("mypaint-small", (128, 128), 3), ("mypaint-big", (3520, 2688), 16)],
)
def test_documents_of_mypaint_open_whole(
    outside: Path, name: str, size: tuple[int, int], layers: int
) -> None:
    document, notes = read_openraster(outside / "ora" / f"{name}.ora")
    assert document.canvas.extent == size
    assert len(document.layers) == layers
    assert notes == ()
    assert document.flatten(Bounds(0, 0, 64, 64)).array()[..., 3].min() == 255


def test_opaque_pixels_of_a_layer_are_read_to_the_bit(path: Path) -> None:
    bounds = Bounds(0, 0, 700, 300)
    buffer = io.BytesIO()
    Image.fromarray(opaque_noise(bounds, 5)).save(buffer, "PNG", compress_level=1)
    write(path, '<layer src="a.png"/>', {"a.png": buffer.getvalue()}, 'w="700" h="300"')
    assert (load_openraster(path).flatten().array() == opaque_noise(bounds, 5)).all()
