"""Other programs' Photoshop documents, and damaged ones."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import BlendMode as PsdMode

from studio.core.blend import BlendMode
from studio.core.errors import PictureError
from studio.core.geometry import Bounds
from studio.core.layers import GroupLayer
from studio.files.limits import MAX_DEPTH
from studio.files.photoshop import read_psd, save_psd
from tests.helpers.documents import RED, document_with, solid
from tests.helpers.rich_documents import rich_document

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:psd_tools")

RED_IMAGE = Image.new("RGBA", (8, 6), (255, 0, 0, 255))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "document.psd"


def blank_psd(mode: str = "RGBA") -> PSDImage:
    return PSDImage.frompil(Image.new(mode, (20, 10)))


def test_a_picture_without_layers_is_its_one_layer(path: Path) -> None:
    PSDImage.frompil(Image.new("RGB", (20, 10), (0, 0, 255))).save(path)
    document, notes = read_psd(path)
    assert [layer.name for layer in document.layers] == ["Merged picture"]
    assert tuple(document.flatten(Bounds(3, 3, 1, 1)).data) == (0, 0, 255, 255)
    assert "no layers" in notes[0]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (PsdMode.LINEAR_BURN, BlendMode.COLOR_BURN),
        (PsdMode.EXCLUSION, BlendMode.DIFFERENCE),
        (PsdMode.DISSOLVE, BlendMode.NORMAL),
    ],
)
def test_a_mode_that_we_lack_becomes_a_similar_one_and_is_told(
    path: Path, theirs: PsdMode, ours: BlendMode
) -> None:
    psd = blank_psd()
    psd.create_pixel_layer(RED_IMAGE, blend_mode=theirs)
    psd.save(path)
    document, notes = read_psd(path)
    assert document.layers[0].blend_mode is ours
    assert "is not known" in notes[0]


def test_fill_and_opacity_count_together(path: Path) -> None:
    psd = blank_psd()
    psd.create_pixel_layer(RED_IMAGE, opacity=128).fill_opacity = 128
    psd.save(path)
    assert read_psd(path).document.layers[0].opacity == pytest.approx(0.252, abs=0.001)


@pytest.mark.parametrize(
    ("group_mode", "inner", "told"),
    [
        (PsdMode.PASS_THROUGH, PsdMode.NORMAL, False),
        (PsdMode.PASS_THROUGH, PsdMode.MULTIPLY, True),
        (PsdMode.NORMAL, PsdMode.MULTIPLY, False),
    ],
)
def test_a_group_that_mixes_with_what_lies_below_it_is_told(
    path: Path, group_mode: PsdMode, inner: PsdMode, told: bool
) -> None:
    psd = blank_psd()
    group = psd.create_group(name="group", blend_mode=group_mode)
    group.create_pixel_layer(RED_IMAGE, blend_mode=inner)
    psd.save(path)
    document, notes = read_psd(path)
    assert isinstance(document.layers[0], GroupLayer)
    assert bool(notes) is told


@pytest.mark.parametrize("mode", ["RGB", "CMYK", "L"])
def test_pictures_in_other_colours_are_read(path: Path, mode: str) -> None:
    psd = blank_psd(mode)
    psd.create_pixel_layer(Image.new("RGB", (8, 6), (255, 255, 255)))
    psd.save(path)
    document = read_psd(path).document
    assert tuple(document.flatten(Bounds(2, 2, 1, 1)).data) == (255, 255, 255, 255)


def test_groups_nested_too_deep_give_up_their_layers(path: Path) -> None:
    psd = blank_psd()
    group = psd.create_group(name="outermost")
    for _ in range(MAX_DEPTH + 5):
        group = group.create_group(name="inner")
    group.create_pixel_layer(RED_IMAGE, name="deep")
    psd.save(path)
    document, notes = read_psd(path)
    assert len(list(document.walk())) == MAX_DEPTH + 1
    assert any("too deep" in note for note in notes)


def test_too_many_layers_are_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.files.photoshop.reading.MAX_LAYERS", 3)
    save_psd(path, document_with(*[solid(2, 2, RED)] * 4).snapshot())
    with pytest.raises(PictureError, match="too many layers"):
        read_psd(path)


def test_a_layer_that_is_too_large_is_left_empty(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_psd(path, document_with(solid(2, 2, RED), solid(64, 64, RED)).snapshot())
    monkeypatch.setattr("studio.files.limits.MAX_SHEET_SIDE", 60)
    document, notes = read_psd(path)
    assert [layer.pixels.is_empty for layer in document.layers] == [False, True]
    assert "'layer 1' is too large" in notes[0]


def with_size(path: Path, height: int, width: int) -> Path:
    content = bytearray(path.read_bytes())
    content[14:22] = struct.pack(">II", height, width)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(("height", "width"), [(60_000, 60_000), (0, 5), (300_000, 1)])
def test_impossible_sizes_are_refused(path: Path, height: int, width: int) -> None:
    save_psd(path, rich_document().snapshot())
    with pytest.raises(PictureError):
        read_psd(with_size(path, height, width))


@pytest.mark.parametrize("content", [b"", b"8BPS", b"8BPX" + bytes(99), b"not a document"])
def test_what_is_no_document_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(PictureError):
        read_psd(path)


def test_missing_files_and_folders_are_told(path: Path) -> None:
    for wrong in (path, path.parent):
        with pytest.raises(PictureError, match="cannot be read"):
            read_psd(wrong)


def test_where_the_layers_are_damaged_the_merged_picture_is_shown(path: Path) -> None:
    save_psd(path, document_with(solid(96, 64, RED)).snapshot())
    content = bytearray(path.read_bytes())
    place = content.index(b"8BIMnorm")
    content[place : place + 8] = b"garbage!"
    path.write_bytes(content)
    document, notes = read_psd(path)
    assert tuple(document.flatten(Bounds(3, 3, 1, 1)).data) == (255, 0, 0, 255)
    assert "merged picture" in notes[-1]


@pytest.fixture(scope="module")
def valid(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("psd") / "valid.psd"
    save_psd(path, rich_document().snapshot())
    return path.read_bytes()


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_a_damaged_file_is_read_in_part_or_refused_and_nothing_else(
    path: Path, valid: bytes, data: st.DataObject
) -> None:
    content = bytearray(valid)
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(content) - 1) | st.integers(0, 3000))
        content[place] = data.draw(st.integers(0, 255))
    length = data.draw(st.just(len(content)) | st.integers(1, len(content)))
    path.write_bytes(content[:length])
    try:
        document = read_psd(path).document
    except PictureError as error:
        assert error.message
    else:
        assert not document.canvas.is_empty
        assert document.flatten(Bounds(0, 0, 8, 8)).extent == (8, 8)
