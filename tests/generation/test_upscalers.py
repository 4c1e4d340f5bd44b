"""Networks that enlarge are known by the names and shapes of what is published."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.generation.upscalers import Architecture, Layout, layout_of, plain_names
from tests.helpers.upscalers import NAMERS, compact, esrgan, named
from tests.helpers.weights import Shapes


@pytest.mark.parametrize("style", NAMERS)
@pytest.mark.parametrize(
    ("doublings", "unshuffled", "scale"), [(2, 1, 4), (1, 1, 2), (3, 1, 8), (2, 2, 2), (2, 4, 1)]
)
def test_an_esrgan_tells_its_scale_in_every_style(
    style: str, doublings: int, unshuffled: int, scale: int
) -> None:
    plain = esrgan(doublings=doublings, unshuffled=unshuffled, blocks=2)
    shapes = named(plain, NAMERS[style], doublings)
    assert layout_of(shapes) == Layout(Architecture.ESRGAN, scale)
    assert sorted(plain_names(shapes).values()) == sorted(plain)


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
@pytest.mark.parametrize("depth", [16, 32])
def test_a_compact_network_tells_its_scale(scale: int, depth: int) -> None:
    shapes = compact(scale, depth=depth)
    assert layout_of(shapes) == Layout(Architecture.COMPACT, scale)


SWIN = {
    "conv_first.weight": (180, 3, 3, 3),
    "layers.0.residual_group.blocks.0.mlp.fc1.bias": (360,),
}
SHUFFLES = {"upsample.0.weight": (256, 64, 3, 3), "upsample.2.weight": (256, 64, 3, 3)}
DOUBLINGS = {"conv_up1.weight": (64, 64, 3, 3), "conv_up2.weight": (64, 64, 3, 3)}
DIRECT = {"upsample.0.weight": (12, 60, 3, 3)}
PUBLISHED: dict[str, tuple[Shapes, Architecture, int]] = {
    "swinir by shuffles": (SWIN | SHUFFLES, Architecture.SWINIR, 4),
    "swinir by doublings": (SWIN | DOUBLINGS, Architecture.SWINIR, 4),
    "swinir directly": (SWIN | DIRECT, Architecture.SWINIR, 2),
    "swin2sr": (
        SWIN | SHUFFLES | {"layers.0.residual_group.blocks.0.attn.cpb_mlp.0.weight": (512, 2)},
        Architecture.SWIN2SR,
        4,
    ),
    "hat": (
        SWIN | SHUFFLES | {"layers.0.residual_group.overlap_attn.qkv.weight": (540, 180)},
        Architecture.HAT,
        4,
    ),
    "dat": (
        {
            "before_RG.1.weight": (180,),
            "layers.0.blocks.0.ffn.sg.norm.weight": (180,),
            "upsample.0.weight": (576, 64, 3, 3),
        },
        Architecture.DAT,
        3,
    ),
    "span": (
        {"block_1.c1_r.sk.weight": (48, 48, 1, 1), "upsampler.0.weight": (48, 48, 3, 3)},
        Architecture.SPAN,
        4,
    ),
    "plksr": (
        {
            "feats.0.weight": (64, 3, 3, 3),
            "feats.1.lk.conv.weight": (16, 16, 17, 17),
            "feats.30.weight": (48, 64, 3, 3),
        },
        Architecture.PLKSR,
        4,
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_others_have_built_is_known_too(name: str) -> None:
    shapes, architecture, scale = PUBLISHED[name]
    assert layout_of(shapes) == Layout(architecture, scale)


def test_only_esrgan_and_compact_networks_need_no_library() -> None:
    assert {each for each in Architecture if each.is_own} == {
        Architecture.ESRGAN,
        Architecture.COMPACT,
    }


def test_an_esrgan_with_further_layers_is_another_network() -> None:
    shapes = {**esrgan(blocks=1), "body.0.RDB1.conv1x1.weight": (32, 64, 1, 1)}
    assert layout_of(shapes) == Layout(Architecture.ESRGAN_PLUS, 4)


@pytest.mark.parametrize("channels", [1, 4, 7])
def test_what_sees_no_colours_is_none(channels: int) -> None:
    shapes = {**esrgan(blocks=1), "conv_first.weight": (64, channels, 3, 3)}
    assert layout_of(shapes) is None


NAMES = st.sampled_from([*esrgan(blocks=1), *compact(2, depth=1), *SHUFFLES, *DIRECT, "model.3"])


@given(st.dictionaries(NAMES, st.lists(st.integers(0, 9), max_size=4).map(tuple), max_size=8))
def test_any_shapes_are_known_or_not(shapes: dict[str, tuple[int, ...]]) -> None:
    found = layout_of(shapes)
    assert found is None or 0 <= found.scale <= 16
