"""Networks from files: the published layouts, and files that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from studio.core.errors import ModelError
from studio.engine.diffusion.upscalers.compact import CompactUpsampler
from studio.engine.diffusion.upscalers.dense import DenseUpsampler
from studio.engine.diffusion.upscalers.loading import load_network
from tests.helpers.upscalers import NAMERS, compact, esrgan, save_upscaler

PICTURE = torch.rand(1, 3, 12, 10, generator=torch.Generator().manual_seed(1))


def enlarged(path: Path, picture: Tensor = PICTURE) -> Tensor:
    with torch.inference_mode():
        large: Tensor = load_network(path).eval()(picture)
    return large


def shapes_of(network: torch.nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}


def test_the_usual_esrgan_has_the_tensors_of_the_published_one() -> None:
    usual = DenseUpsampler(doublings=2, unshuffled=1, width=64, growth=32, blocks=23)
    assert shapes_of(usual) == esrgan()
    assert sum(tensor.numel() for tensor in usual.parameters()) == 16_697_987
    assert usual.factor == 4


@pytest.mark.parametrize(("depth", "numbers"), [(16, 621_424), (32, 1_213_296)])
def test_the_compact_networks_have_the_tensors_of_the_published_ones(
    depth: int, numbers: int
) -> None:
    network = CompactUpsampler(4, 64, depth)
    assert shapes_of(network) == compact(4, depth=depth)
    assert sum(tensor.numel() for tensor in network.parameters()) == numbers


@pytest.mark.parametrize(
    ("doublings", "unshuffled", "factor"), [(1, 1, 2), (2, 1, 4), (2, 2, 2), (3, 1, 8)]
)
def test_every_style_of_an_esrgan_gives_the_same_picture(
    tmp_path: Path, doublings: int, unshuffled: int, factor: int
) -> None:
    shapes = esrgan(doublings=doublings, unshuffled=unshuffled, blocks=1, width=8, growth=4)
    pictures = [
        enlarged(save_upscaler(tmp_path / f"{style}.safetensors", shapes, namer, doublings))
        for style, namer in NAMERS.items()
    ]
    assert pictures[0].shape == (1, 3, 12 * factor, 10 * factor)
    assert all(torch.equal(picture, pictures[0]) for picture in pictures)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_compact_network_enlarges_by_its_scale(tmp_path: Path, scale: int) -> None:
    path = save_upscaler(tmp_path / "a.safetensors", compact(scale, width=8, depth=2))
    assert enlarged(path).shape == (1, 3, 12 * scale, 10 * scale)


def test_sides_that_do_not_divide_are_enlarged_as_they_are(tmp_path: Path) -> None:
    shapes = esrgan(unshuffled=2, blocks=1, width=8, growth=4)
    path = save_upscaler(tmp_path / "a.safetensors", shapes)
    odd = enlarged(path, PICTURE[..., :11, :9])
    assert odd.shape == (1, 3, 22, 18)
    assert torch.allclose(odd[..., :2, :2], enlarged(path)[..., :2, :2], atol=0.2)


def test_weights_of_half_precision_are_read(tmp_path: Path) -> None:
    shapes = compact(2, width=4, depth=1)
    path = save_upscaler(tmp_path / "a.safetensors", shapes)
    halves = {name: torch.full(shape, 0.5).half() for name, shape in shapes.items()}
    save_file(halves, path)
    assert enlarged(path).dtype is torch.float32


def test_a_network_of_zeros_repeats_pixels() -> None:
    network = CompactUpsampler(2, width=4, depth=1)
    for parameter in network.parameters():
        torch.nn.init.zeros_(parameter)
    with torch.inference_mode():
        large = network(PICTURE)
    assert torch.equal(large, PICTURE.repeat_interleave(2, -1).repeat_interleave(2, -2))


@pytest.mark.parametrize("content", [None, b"", b"junk", "other", "incomplete", "misshapen"])
def test_a_missing_or_damaged_file_is_refused_by_name(
    tmp_path: Path, content: bytes | str | None
) -> None:
    path = tmp_path / "4x-ultra.safetensors"
    shapes = dict(esrgan(blocks=1, width=4, growth=2))
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "other":
        save_file({"weight": torch.zeros(2)}, path)
    elif content == "incomplete":
        save_upscaler(path, {name: shapes[name] for name in list(shapes)[:-3]})
    elif content == "misshapen":
        save_upscaler(path, shapes | {"conv_hr.weight": (4, 5, 3, 3)})
    with pytest.raises(ModelError, match=r"4x-ultra\.safetensors"):
        load_network(path)
