import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from studio.core.errors import KnownError, ModelError
from studio.models.tensors import (
    MAX_HEADER_BYTES,
    Tensor,
    Tensors,
    parse_safetensors,
    read_safetensors,
    read_sharded,
)
from tests.helpers.weights import safetensors_header, write_safetensors

SHAPES = {"conv_in.weight": (320, 4, 3, 3), "conv_in.bias": (320,), "step": ()}


def refusal(path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        read_safetensors(path)
    assert str(path) in caught.value.message
    return caught.value.message


def written(folder: Path, header: object, data: bytes = b"") -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path = folder / "a.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def entry(start: int, stop: int, shape: list[int], dtype: str = "U8") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}


def test_names_types_shapes_and_metadata_are_read(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "a.safetensors", SHAPES, "BF16", {"format": "pt"})
    tensors = read_safetensors(path)
    assert dict(tensors) == {name: Tensor("BF16", shape) for name, shape in SHAPES.items()}
    assert tensors.metadata == {"format": "pt"}
    assert tensors.width("conv_in.weight", 1) == 4
    assert tensors.width("conv_in.bias", 1) == 0
    assert tensors.width("nothing") == 0


def test_a_file_of_the_library_itself_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_file({"a": np.zeros((2, 3), np.float32), "b": np.zeros(0, np.int64)}, path)
    assert dict(read_safetensors(path)) == {"a": Tensor("F32", (2, 3)), "b": Tensor("I64", (0,))}


def test_only_the_header_of_a_large_file_is_read(tmp_path: Path) -> None:
    shapes = {"weight": (2**16, 2**16)}
    path = write_safetensors(tmp_path / "a.safetensors", shapes)
    assert path.stat().st_size > 2**33
    head, _ = safetensors_header(shapes)
    with path.open("rb", buffering=0) as file:
        parse_safetensors(file, path)
        assert file.tell() == len(head)


def test_names_below_a_prefix_are_seen_without_it() -> None:
    tensors = Tensors({"unet.a": Tensor("F16", (1,)), "b": Tensor("F16", ())})
    assert list(tensors.under("unet.")) == ["a"]
    assert tensors.under("") is tensors
    assert tensors.has_under("unet.") and not tensors.has_under("vae.")


@pytest.mark.parametrize("missing", [1, 100, 2000])
def test_a_file_that_is_cut_short_is_refused_with_what_is_missing(
    tmp_path: Path, missing: int
) -> None:
    path = write_safetensors(tmp_path / "a.safetensors", SHAPES)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - missing)
    assert f"{missing:,} bytes are missing at its end: download it again" in refusal(path)


def test_a_file_that_is_cut_within_its_header_is_refused(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "a.safetensors", SHAPES)
    with path.open("r+b") as file:
        file.truncate(60)
    assert "cut short within its header" in refusal(path)


def test_bytes_too_many_are_told(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "a.safetensors", SHAPES)
    with path.open("ab") as file:
        file.write(b"12345")
    assert "5 bytes too many" in refusal(path)


@pytest.mark.parametrize(
    ("header", "data", "told"),
    [
        ({"a": entry(0, 4, [4]), "b": entry(3, 7, [4])}, bytes(7), "overlaps another"),
        ({"a": entry(0, 4, [4]), "b": entry(5, 9, [4])}, bytes(9), "has a hole before it"),
        ({"a": entry(1, 5, [4])}, bytes(5), "has a hole before it"),
        ({"a": entry(4, 0, [4])}, bytes(4), "a hole before it"),
        ({"a": entry(0, 4, [3])}, bytes(4), "the size of the tensor 'a'"),
        ({"a": entry(0, 4, [2**40, 2**40])}, bytes(4), "the size of the tensor 'a'"),
        ({"a": entry(0, 4, [4], "I3")}, bytes(4), "unknown type 'I3'"),
        ({"a": entry(0, 4, [-4])}, bytes(4), "no list of tensors"),
        ({"a": entry(0, 4, [1] * 40)}, bytes(4), "no list of tensors"),
        ({"a": {"dtype": "U8", "shape": [4]}}, bytes(4), "no list of tensors"),
        ({"__metadata__": {"a": 1}}, b"", "no list of tensors"),
        ([], b"", "no list of tensors"),
        (b"{" * 5000, b"", "no list of tensors"),
        (b'{"a":' * 5000, b"", "no list of tensors"),
        (b'{"\xff": 1}', b"", "no list of tensors"),
        (b'{"a": {"dtype": "U8", "shape": [' + b"9" * 400 + b"]}}", b"", "no list of tensors"),
    ],
)
def test_a_header_that_lies_is_refused(
    tmp_path: Path, header: object, data: bytes, told: str
) -> None:
    assert told in refusal(written(tmp_path, header, data))


def test_a_header_longer_than_any_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    with path.open("wb") as file:
        file.write((MAX_HEADER_BYTES + 1).to_bytes(8, "little"))
        file.truncate(MAX_HEADER_BYTES + 100)
    assert "no safetensors file" in refusal(path)


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.safetensors").touch()
    assert "is empty" in refusal(tmp_path / "empty.safetensors")
    assert "There is no file" in refusal(tmp_path)
    assert "There is no file" in refusal(tmp_path / "none")


def sharded(folder: Path, weight_map: object) -> Path:
    write_safetensors(folder / "one.safetensors", {"a": (2,)}, metadata={"format": "pt"})
    write_safetensors(folder / "two.safetensors", {"b": (3, 4)})
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {"total_size": 28}, "weight_map": weight_map}))
    return index


def test_weights_in_several_files_are_put_together(tmp_path: Path) -> None:
    index = sharded(tmp_path, {"a": "one.safetensors", "b": "two.safetensors"})
    tensors = read_sharded(index)
    assert {name: tensor.shape for name, tensor in tensors.items()} == {"a": (2,), "b": (3, 4)}
    assert tensors.metadata == {"format": "pt"}


@pytest.mark.parametrize(
    ("weight_map", "told"),
    [
        ({"a": "one.safetensors", "b": "three.safetensors"}, "lacks three.safetensors"),
        ({"a": "two.safetensors"}, "lacks the tensor 'a'"),
        ({"a": "../one.safetensors"}, "no .safetensors file beside it"),
        ({"a": "/etc/passwd"}, "no .safetensors file beside it"),
        ({"a": "one.bin"}, "no .safetensors file beside it"),
        ({"a": 1}, "no index of weights"),
        ({}, "no index of weights"),
    ],
)
def test_an_index_that_lies_is_refused(tmp_path: Path, weight_map: object, told: str) -> None:
    with pytest.raises(ModelError, match=told):
        read_sharded(sharded(tmp_path, weight_map))


@given(data=st.binary(max_size=400))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_raise_anything_but_a_known_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(data)
    with pytest.raises(KnownError):
        read_safetensors(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["U8"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["a", "dtype", "shape", "data_offsets", "__metadata__"]), inner
        )
    ),
    max_leaves=12,
)


@given(header=JSON, data=st.binary(max_size=8))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_json_is_read_or_refused(tmp_path: Path, header: object, data: bytes) -> None:
    path = written(tmp_path, header, data)
    try:
        tensors = read_safetensors(path)
    except KnownError:
        return
    assert all(isinstance(tensor.shape, tuple) for tensor in tensors.values())


@given(at=st.integers(min_value=0), value=st.integers(0, 255))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_changed_byte_is_read_or_refused(tmp_path: Path, at: int, value: int) -> None:
    path = write_safetensors(tmp_path / "a.safetensors", {"a": (2, 2), "b": (3,)})
    content = bytearray(path.read_bytes())
    content[at % len(content)] = value
    path.write_bytes(content)
    try:
        read_safetensors(path)
    except KnownError as error:
        assert error.message.startswith(str(path))
