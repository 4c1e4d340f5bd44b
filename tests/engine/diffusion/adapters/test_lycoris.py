"""LoRAs written as products, against the products themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from studio.core.errors import ModelError
from studio.engine.diffusion.adapters.lycoris import as_plain, has_products
from studio.engine.diffusion.adapters.wardrobe import Wardrobe, Worn
from tests.helpers.adapters import lora_info
from tests.helpers.tiny import stable_diffusion

SIDE = st.integers(1, 7)
Parts = dict[str, torch.Tensor]


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed + sum(shape)))


def change(plain: Parts, layer: str = "layer") -> torch.Tensor:
    """What a plain LoRA adds to its layer's weight."""
    down = plain[f"{layer}.lora_down.weight"]
    scale = plain[f"{layer}.alpha"] / down.shape[0]
    return (plain[f"{layer}.lora_up.weight"] @ down.flatten(1)) * scale


def loha(out: int, inputs: int, rank: int, alpha: float, layer: str = "layer") -> Parts:
    return {
        f"{layer}.hada_w1_a": noise(out, rank, seed=1),
        f"{layer}.hada_w1_b": noise(rank, inputs, seed=2),
        f"{layer}.hada_w2_a": noise(out, rank, seed=3),
        f"{layer}.hada_w2_b": noise(rank, inputs, seed=4),
        f"{layer}.alpha": torch.tensor(alpha),
    }


def of_loha(parts: Parts, layer: str = "layer") -> torch.Tensor:
    first = parts[f"{layer}.hada_w1_a"] @ parts[f"{layer}.hada_w1_b"]
    second = parts[f"{layer}.hada_w2_a"] @ parts[f"{layer}.hada_w2_b"]
    return first * second * parts[f"{layer}.alpha"] / parts[f"{layer}.hada_w1_b"].shape[0]


@given(out=SIDE, inputs=SIDE, rank=st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_a_product_of_hadamard_loses_nothing(out: int, inputs: int, rank: int) -> None:
    parts = loha(4 * out, 4 * inputs, rank, alpha=0.5)
    plain = as_plain(parts)
    torch.testing.assert_close(change(plain), of_loha(parts), rtol=1e-4, atol=1e-4)
    assert plain["layer.lora_down.weight"].shape[0] <= min(rank**2, 4 * out, 4 * inputs)


@given(a=SIDE, b=SIDE, c=SIDE, d=SIDE, rank=st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_a_product_of_kronecker_loses_nothing(a: int, b: int, c: int, d: int, rank: int) -> None:
    first, low, high = noise(a, b), noise(c, rank), noise(rank, d)
    parts = {
        "layer.lokr_w1": first,
        "layer.lokr_w2_a": low,
        "layer.lokr_w2_b": high,
        "layer.alpha": torch.tensor(2.0),
    }
    expected = torch.kron(first, low @ high) * 2 / rank
    torch.testing.assert_close(change(as_plain(parts)), expected, rtol=1e-4, atol=1e-4)


def test_factors_that_are_whole_have_no_scale() -> None:
    first, second = noise(3, 2), noise(4, 5, 3, 3)
    parts = {"layer.lokr_w1": first, "layer.lokr_w2": second, "layer.alpha": torch.tensor(1e9)}
    expected = torch.kron(first[..., None, None], second).flatten(1)
    torch.testing.assert_close(change(as_plain(parts)), expected)


def test_both_factors_may_be_products() -> None:
    parts = {
        "layer.lokr_w1_a": noise(3, 2),
        "layer.lokr_w1_b": noise(2, 4),
        "layer.lokr_w2_a": noise(5, 2),
        "layer.lokr_w2_b": noise(2, 6),
        "layer.alpha": torch.tensor(2.0),
    }
    first = parts["layer.lokr_w1_a"] @ parts["layer.lokr_w1_b"]
    second = parts["layer.lokr_w2_a"] @ parts["layer.lokr_w2_b"]
    torch.testing.assert_close(change(as_plain(parts)), torch.kron(first, second))


def cored(core: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """A convolution's change by Tucker's decomposition."""
    return torch.einsum("ijkl,io,jn->onkl", core, a, b).contiguous()


def test_tuckers_cores_of_convolutions_are_multiplied_out() -> None:
    core, a, b = noise(2, 2, 3, 3), noise(2, 6), noise(2, 5)
    factors = {f"layer.hada_w{n}_{side}": w for n in (1, 2) for side, w in (("a", a), ("b", b))}
    cores = {"layer.hada_t1": core, "layer.hada_t2": 2 * core}
    parts = {**factors, **cores, "layer.alpha": torch.tensor(2.0)}
    expected = (cored(core, a, b) * cored(2 * core, a, b)).flatten(1)
    torch.testing.assert_close(change(as_plain(parts)), expected, rtol=1e-4, atol=1e-4)
    first = noise(2, 3)
    parts = {
        "layer.lokr_w1": first,
        "layer.lokr_t2": core,
        "layer.lokr_w2_a": a,
        "layer.lokr_w2_b": b,
    }
    expected = torch.kron(first[..., None, None], cored(core, a, b)).flatten(1)
    torch.testing.assert_close(change(as_plain(parts)), expected, rtol=1e-4, atol=1e-4)


def test_other_layers_stay_as_they_are() -> None:
    parts = {"other.lora_down.weight": noise(2, 3), "other.alpha": torch.tensor(1.0)}
    assert as_plain(parts).keys() == parts.keys()
    assert not has_products(parts)
    assert has_products(loha(4, 4, 1, 1.0), kronecker=False)
    assert not has_products(["a.lokr_w1"], kronecker=False)


def test_a_product_that_lacks_a_part_is_told() -> None:
    parts = loha(4, 4, 1, 1.0)
    del parts["layer.hada_w2_b"]
    with pytest.raises(ValueError, match="layer lacks"):
        as_plain(parts)


LAYERS = {
    "mid_block.attentions.0.transformer_blocks.0.attn2.to_k": (
        "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k"
    ),
    "mid_block.resnets.0.conv1": "lora_unet_mid_block_resnets_0_conv1",
}


def saved(file: Path, unet: Any) -> Parts:
    """Products for two layers of a UNet."""
    parts: Parts = {}
    for path, layer in LAYERS.items():
        out, inputs = unet.get_submodule(path).weight.flatten(1).shape
        parts |= loha(out, inputs, 2, 2.0, layer)
    save_file(parts, file)
    return parts


def test_products_are_put_on_attention_and_convolutions_alike(tmp_path: Path) -> None:
    pipeline: Any = stable_diffusion.pipeline()
    files = [tmp_path / "one.safetensors", tmp_path / "other.safetensors"]
    parts = [saved(file, pipeline.unet) for file in files]
    loras = [Worn(lora_info(file, "stable_diffusion"), 1.0) for file in files]
    Wardrobe().wear([pipeline], loras)
    for path, layer in LAYERS.items():
        for file, its_parts in zip(files, parts, strict=True):
            delta = pipeline.unet.get_submodule(path).get_delta_weight(file.stem)
            expected = of_loha(its_parts, layer)
            torch.testing.assert_close(delta.flatten(1), expected, rtol=1e-3, atol=1e-3)


def test_products_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "odd.safetensors"
    save_file(loha(3, 5, 1, 1.0, "lora_unet_mid_block_resnets_0_conv1"), file)
    with pytest.raises(ModelError, match="cannot be put on this model"):
        Wardrobe().wear(
            [stable_diffusion.pipeline()], [Worn(lora_info(file, "stable_diffusion"), 1.0)]
        )
