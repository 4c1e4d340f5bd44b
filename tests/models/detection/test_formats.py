import io
import pickle
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core.errors import KnownError, ModelError
from studio.models.detection.detect import detect
from studio.models.detection.formats import read_tensors
from tests.helpers.weights import write_gguf, write_safetensors


def refusal(path: Path) -> ModelError:
    with pytest.raises(ModelError) as caught:
        read_tensors(path)
    return caught.value


@pytest.mark.parametrize("suffix", [".ckpt", ".pt", ".pth", ".bin", ".PKL"])
def test_pickles_are_refused_by_name_with_how_to_convert_them(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"model{suffix}"
    path.write_bytes(b"anything")
    error = refusal(path)
    assert "can run any program on this computer" in error.message
    assert "weights_only=True" in error.details


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickle_under_a_harmless_name_is_refused(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(pickle.dumps({"state_dict": {}}, protocol))
    assert "is a pickle" in refusal(path).message


def test_a_zip_as_pytorch_saves_it_is_refused_under_any_name(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("archive/data.pkl", b"")
    path = tmp_path / "model.safetensors"
    path.write_bytes(packed.getvalue())
    assert "is a pickle" in refusal(path).message


def test_a_header_whose_length_looks_like_a_pickle_is_read(tmp_path: Path) -> None:
    name = "a" * 0x280
    for filling in range(0x280):
        path = write_safetensors(tmp_path / "a.safetensors", {name[filling:]: (1,)})
        if path.read_bytes()[:2] == b"\x80\x02":
            break
    assert path.read_bytes()[:2] == b"\x80\x02"
    assert len(read_tensors(path)) == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a pointer of Git LFS"),
        (b"<!DOCTYPE html><html>Log in</html>", "is a web page"),
        (b"\n <html lang=en>", "is a web page"),
    ],
)
def test_what_lies_in_the_place_of_weights_is_told(
    tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    assert told in refusal(path).message


def test_names_that_do_not_fit_the_content_are_told(tmp_path: Path) -> None:
    named = write_gguf(tmp_path / "a.safetensors", {"a": (32,)})
    assert "rename it to end in .gguf" in refusal(named).message
    named = write_safetensors(tmp_path / "a.gguf", {"a": (32,)})
    assert "is no GGUF file" in refusal(named).message
    named = write_safetensors(tmp_path / "a.onnx", {"a": (32,)})
    assert "it reads .safetensors and .gguf" in refusal(named).message


@given(
    data=st.binary(max_size=300),
    name=st.sampled_from(["a.safetensors", "a.gguf", "a", "a.safetensors.index.json", "a.bin"]),
)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_raises_anything_but_a_known_error(tmp_path: Path, data: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(KnownError):
        detect(path)
