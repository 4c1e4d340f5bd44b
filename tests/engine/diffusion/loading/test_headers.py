from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from studio.engine.diffusion.loading.headers import blocks_of, has, read_shapes, shape_of

SHAPES = {
    "model.proj_out.weight": (4, 8),
    "model.single_blocks.0.proj_out.weight": (1, 1),
    "model.transformer_blocks.0.a": (2,),
    "model.transformer_blocks.10.attn2.b": (3,),
    "model.other_blocks.70.b": (3,),
}


@pytest.mark.parametrize("shape", [(64, 32), (2, 64), (5,), (2, 3, 1, 1)])
def test_shapes_are_read_from_either_kind_of_file_in_the_same_order(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    numbers = np.zeros(shape, np.float32)
    save_file({"x": torch.from_numpy(numbers)}, tmp_path / "a.safetensors")
    writer = gguf.GGUFWriter(tmp_path / "a.gguf", "any")
    writer.add_tensor("x", numbers)
    write(writer)
    for name in ("a.safetensors", "a.gguf"):
        assert read_shapes(tmp_path / name) == {"x": shape}


def test_shapes_of_quantised_tensors_count_numbers_and_not_bytes(tmp_path: Path) -> None:
    kind = gguf.GGMLQuantizationType.Q8_0
    writer = gguf.GGUFWriter(tmp_path / "a.gguf", "any")
    writer.add_tensor(
        "x", gguf.quants.quantize(np.zeros((6, 64), np.float32), kind), raw_dtype=kind
    )
    write(writer)
    assert read_shapes(tmp_path / "a.gguf") == {"x": (6, 64)}


def test_a_tensor_at_the_top_is_found_behind_any_prefix() -> None:
    assert shape_of(SHAPES, "final.weight", "proj_out.weight") == (4, 8)
    with pytest.raises(KeyError, match="missing"):
        shape_of(SHAPES, "missing")


def test_blocks_are_numbered_and_told_by_their_parts() -> None:
    assert blocks_of(SHAPES) == (0, 10)
    assert blocks_of(SHAPES, "attn2.") == (10,)
    assert has(SHAPES, "x", "attn2.") and not has(SHAPES, "attn3.")


def write(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
