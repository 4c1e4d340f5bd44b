import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core.errors import KnownError, ModelError
from studio.models.gguf import parse_gguf, read_gguf
from studio.models.tensors import Tensor
from tests.helpers.weights import gguf_header, write_gguf

SHAPES = {"img_in.weight": (3072, 64), "double_blocks.0.img_attn.qkv.weight": (9216, 3072)}


def refusal(path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        read_gguf(path)
    assert str(path) in caught.value.message
    return caught.value.message


def tensor_info(name: bytes, shape: tuple[int, ...], kind: int, place: int) -> bytes:
    sides = b"".join(struct.pack("<Q", side) for side in shape)
    head = struct.pack("<Q", len(name)) + name + struct.pack("<I", len(shape))
    return head + sides + struct.pack("<IQ", kind, place)


def written(folder: Path, *infos: bytes, data: int = 0) -> Path:
    path = folder / "a.gguf"
    head = b"GGUF" + struct.pack("<IQQ", 3, len(infos), 0) + b"".join(infos)
    path.write_bytes(head + bytes(-len(head) % 32) + bytes(data))
    return path


@pytest.mark.parametrize("version", [2, 3])
def test_names_types_shapes_and_metadata_are_read(tmp_path: Path, version: int) -> None:
    path = write_gguf(
        tmp_path / "a.gguf",
        SHAPES,
        "Q8_0",
        {"general.architecture": "flux", "tokens": ["a", "b"], "count": 7, "sizes": [1, 2]},
        version,
    )
    tensors = read_gguf(path)
    assert dict(tensors) == {name: Tensor("Q8_0", shape) for name, shape in SHAPES.items()}
    assert tensors.metadata == {"general.architecture": "flux", "count": "7"}
    assert tensors.is_quantised


def test_only_the_header_of_a_large_file_is_read(tmp_path: Path) -> None:
    shapes = {"weight": (2**16, 2**16), "other": (64,)}
    metadata: dict[str, str | int | list[str] | list[int]] = {"scores": list(range(10_000))}
    path = write_gguf(tmp_path / "a.gguf", shapes, "Q8_0", metadata)
    assert path.stat().st_size > 2**32
    head, _ = gguf_header(shapes, "Q8_0", metadata)
    with path.open("rb", buffering=0) as file:
        parse_gguf(file, path)
        assert file.tell() <= len(head)


def test_a_file_that_is_cut_short_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "a.gguf", SHAPES)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 64)
    assert "64 bytes are missing at its end: download it again" in refusal(path)


def test_a_file_of_the_other_byte_order_or_a_later_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    for version in (struct.pack(">I", 3), struct.pack("<I", 1), struct.pack("<I", 4)):
        path.write_bytes(b"GGUF" + version + bytes(16))
        assert "a version that Sfumato does not know" in refusal(path)


@pytest.mark.parametrize(
    ("infos", "told"),
    [
        ([tensor_info(b"a", (4,), 0, 16)], "the place of the tensor 'a'"),
        ([tensor_info(b"a", (4,), 0, 0)] * 2, "'a' is there twice"),
        ([tensor_info(b"a", (16,), 0, 0), tensor_info(b"b", (4,), 0, 32)], "the tensor 'b'"),
        ([tensor_info(b"a", (4,), 77, 0)], "type 77"),
        ([tensor_info(b"a", (33,), 8, 0)], "the size of the tensor 'a'"),
        ([tensor_info(b"a", (1,) * 9, 0, 0)], "the dimensions of the tensor 'a'"),
        ([tensor_info(b"a", (2**62,) * 8, 0, 0)], "bytes are missing"),
    ],
)
def test_a_header_that_lies_is_refused(tmp_path: Path, infos: list[bytes], told: str) -> None:
    assert told in refusal(written(tmp_path, *infos, data=64))


@pytest.mark.parametrize("alignment", ["0", "-32", "x", "9" * 5000, 0, 2**31])
def test_an_alignment_that_cannot_be_is_refused(tmp_path: Path, alignment: str | int) -> None:
    path = write_gguf(tmp_path / "a.gguf", SHAPES, metadata={"general.alignment": alignment})
    assert "its alignment" in refusal(path)


def test_counts_and_lengths_that_no_file_has_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 2**63, 0))
    assert "more tensors" in refusal(path)
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 2**63))
    assert "too long" in refusal(path)
    array = struct.pack("<Q", 1) + b"k" + struct.pack("<IIQ", 9, 8, 2**63)
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + array)
    assert "cut short" in refusal(path)


@given(data=st.binary(max_size=200))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_raise_anything_but_a_known_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(b"GGUF\3\0\0\0" + data)
    try:
        read_gguf(path)
    except KnownError as error:
        assert error.message.startswith(str(path))


@given(at=st.integers(min_value=0), value=st.integers(0, 255))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_changed_byte_is_read_or_refused(tmp_path: Path, at: int, value: int) -> None:
    path = write_gguf(tmp_path / "a.gguf", {"a": (2, 32), "b": (8,)}, "F16", {"k": ["v"], "n": 1})
    content = bytearray(path.read_bytes())
    content[at % len(content)] = value
    path.write_bytes(content)
    try:
        read_gguf(path)
    except KnownError as error:
        assert error.message.startswith(str(path))
