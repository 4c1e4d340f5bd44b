"""What networks that enlarge pictures are, by the names and shapes of their tensors.

Nearly all that people share are ESRGAN (Wang et al. 2018, https://arxiv.org/abs/1809.00219), whose
files have been written in three ways, or the compact networks of Real-ESRGAN (Wang et al. 2021,
https://arxiv.org/abs/2107.10833).
"""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

import msgspec

Shapes: TypeAlias = Mapping[str, tuple[int, ...]]
"""Of tensors, by their names."""


class Architecture(enum.StrEnum):
    """How a network that enlarges is built; the values are its names."""

    ESRGAN = "ESRGAN"
    ESRGAN_PLUS = "ESRGAN+"
    COMPACT = "Real-ESRGAN compact"
    SWINIR = "SwinIR"
    SWIN2SR = "Swin2SR"
    HAT = "HAT"
    DAT = "DAT"
    RGT = "RGT"
    DRCT = "DRCT"
    ATD = "ATD"
    SPAN = "SPAN"
    PLKSR = "PLKSR"
    OMNISR = "OmniSR"

    @property
    def is_own(self) -> bool:
        """Whether Sfumato runs it by itself; the others take the library spandrel."""
        return self in (Architecture.ESRGAN, Architecture.COMPACT)


class Layout(msgspec.Struct, frozen=True):
    """What a file's tensors say of its network.

    Attributes:
        scale: by how much it enlarges; 0 where the tensors do not tell.
    """

    architecture: Architecture
    scale: int


_WRAPPERS: Final = ("params_ema.", "params.", "module.", "generator.")
"""What training programs put before all names."""

_ORIGINAL_BLOCK: Final = re.compile(r"model\.1\.sub\.(\d+)\.RDB(\d)\.conv(\d)\.0\.(weight|bias)")
_ORIGINAL_TRUNK: Final = re.compile(r"model\.1\.sub\.\d+\.(weight|bias)")
_ORIGINAL_LAYER: Final = re.compile(r"model\.(\d{1,3})\.(weight|bias)")
_RENEWED_BLOCK: Final = re.compile(r"RRDB_trunk\.(\d+)\.RDB(\d)\.conv(\d)\.(weight|bias)")
_RENEWED: Final = {"trunk_conv": "conv_body", "upconv": "conv_up", "HRconv": "conv_hr"}
_RENEWED_LAYER: Final = re.compile(r"(trunk_conv|upconv|HRconv)(\d?\.(?:weight|bias))")
_DOUBLING: Final = re.compile(r"conv_up\d\.weight")
_MOST_DOUBLINGS: Final = 4
_LAST: Final = 2
"""Convolutions behind the doublings of the original form."""

_COLOURS: Final = 3


def plain_names(names: Iterable[str]) -> dict[str, str]:
    """The names of tensors as BasicSR writes them, by those of a file.

    ESRGAN's first program numbered its layers, its second one named them, and BasicSR, of which
    Real-ESRGAN is made, names them again. What is in neither of the older forms stays as it is.

    >>> plain_names(["RRDB_trunk.0.RDB1.conv2.weight", "params.HRconv.bias", "body.0.weight"])
    {'RRDB_trunk.0.RDB1.conv2.weight': 'body.0.rdb1.conv2.weight', \
'params.HRconv.bias': 'conv_hr.bias', 'body.0.weight': 'body.0.weight'}
    """
    bare = {name: _unwrapped(name) for name in names}
    layers = {int(found[1]) for name in bare.values() if (found := _ORIGINAL_LAYER.fullmatch(name))}
    if any(map(_ORIGINAL_BLOCK.fullmatch, bare.values())):
        numbered = _numbered(sorted(layers))
        return {name: _from_original(inner, numbered) for name, inner in bare.items()}
    return {name: _from_renewed(inner) for name, inner in bare.items()}


def layout_of(shapes: Shapes) -> Layout | None:
    """What a file's tensors say; None where they are no network that enlarges.

    Args:
        shapes: of all its tensors, named as in the file.
    """
    renamed = plain_names(shapes)
    plain = {renamed[name]: shape for name, shape in shapes.items()}
    for architecture, (signs, scale) in _SIGNS.items():
        if all(any(map(sign.search, plain)) for sign in signs):
            found = scale(plain)
            return Layout(architecture, found) if found is not None else None
    return None


def unshuffled_by(channels: int) -> int:
    """By how much pictures are made smaller, their pixels channels, for what takes so many.

    >>> unshuffled_by(3), unshuffled_by(12), unshuffled_by(48)
    (1, 2, 4)
    """
    return max(1, math.isqrt(channels // _COLOURS))


def _unwrapped(name: str) -> str:
    return next((name.removeprefix(w) for w in _WRAPPERS if name.startswith(w)), name)


def _numbered(layers: list[int]) -> dict[int, str]:
    """What the numbered layers are: the first, one for each doubling, and two at the end."""
    first, *behind = layers or [0]
    doublings, last = behind[:-_LAST], behind[-_LAST:]
    names = {first: "conv_first"}
    names |= {layer: f"conv_up{count}" for count, layer in enumerate(doublings, start=1)}
    return names | dict(zip(last, ("conv_hr", "conv_last"), strict=False))


def _from_original(name: str, layers: Mapping[int, str]) -> str:
    if found := _ORIGINAL_BLOCK.fullmatch(name):
        return _block(found)
    if found := _ORIGINAL_TRUNK.fullmatch(name):
        return f"conv_body.{found[1]}"
    if found := _ORIGINAL_LAYER.fullmatch(name):
        return f"{layers[int(found[1])]}.{found[2]}"
    return name


def _from_renewed(name: str) -> str:
    if found := _RENEWED_BLOCK.fullmatch(name):
        return _block(found)
    if found := _RENEWED_LAYER.fullmatch(name):
        return f"{_RENEWED[found[1]]}{found[2]}"
    return name


def _block(found: re.Match[str]) -> str:
    return f"body.{found[1]}.rdb{found[2]}.conv{found[3]}.{found[4]}"


def _scale_of_dense(shapes: Shapes) -> int | None:
    """Of ESRGAN: a doubling for each of its layers, less what was made channels first."""
    doublings = sum(1 for name in shapes if _DOUBLING.fullmatch(name))
    first = shapes.get("conv_first.weight", ())
    if len(first) != 4 or doublings > _MOST_DOUBLINGS:
        return None
    unshuffled = unshuffled_by(first[1])
    if first[1] != _COLOURS * unshuffled**2:
        return None
    return (1 << doublings) // unshuffled or None


def _scale_of_compact(shapes: Shapes) -> int | None:
    return _shuffled(shapes, re.compile(r"body\.(\d{1,3})\.weight"))


def _scale_of_transformer(shapes: Shapes) -> int:
    """Of those that end as SwinIR does: by pixel shuffles, or by doublings."""
    steps = [
        shape for name, shape in shapes.items() if re.fullmatch(r"upsample\.\d+\.weight", name)
    ]
    scale = math.prod(map(_shuffle, steps)) if steps else 1
    scale *= 1 << sum(1 for name in shapes if _DOUBLING.fullmatch(name))
    return scale if scale > 1 else 0


def _scale_by(pattern: str) -> Callable[[Shapes], int | None]:
    """By the last layer of that name, which gives the pixels of each enlarged one as channels."""
    layers = re.compile(pattern)
    return lambda shapes: _shuffled(shapes, layers) or 0


def _shuffled(shapes: Shapes, layers: re.Pattern[str]) -> int | None:
    """The scale of the last of these layers; None where it does not give colours."""
    found = {
        int(match[1] or 0): shape
        for name, shape in shapes.items()
        if (match := layers.fullmatch(name)) and len(shape) == 4
    }
    if not found:
        return None
    channels = found[max(found)][0]
    scale = math.isqrt(channels // _COLOURS)
    return scale if scale and _COLOURS * scale**2 == channels else None


def _shuffle(shape: tuple[int, ...]) -> int:
    """By how much a convolution before a pixel shuffle enlarges."""
    if len(shape) != 4:
        return 1
    given, taken = shape[:2]
    if taken and given in (4 * taken, 9 * taken):
        return math.isqrt(given // taken)
    return unshuffled_by(given)


_Scale: TypeAlias = Callable[[Shapes], int | None]


def _signs(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(map(re.compile, patterns))


_SIGNS: Final[Mapping[Architecture, tuple[tuple[re.Pattern[str], ...], _Scale]]] = {
    Architecture.ESRGAN_PLUS: (_signs(r"\.RDB1\.conv1x1\.weight$"), _scale_of_dense),
    Architecture.ESRGAN: (_signs(r"^body\.0\.rdb1\.conv1\.weight$"), _scale_of_dense),
    Architecture.COMPACT: (
        _signs(r"^body\.0\.weight$", r"^body\.1\.weight$", r"^body\.2\.weight$"),
        _scale_of_compact,
    ),
    Architecture.DRCT: (_signs(r"^layers\.0\.swin1\.", r"^conv_first\."), _scale_of_transformer),
    Architecture.HAT: (_signs(r"residual_group\.overlap_attn\."), _scale_of_transformer),
    Architecture.ATD: (_signs(r"^layers\.0\.residual_group\.td$"), _scale_of_transformer),
    Architecture.SWIN2SR: (
        _signs(r"residual_group\.blocks\.0\.attn\.cpb_mlp\."),
        _scale_of_transformer,
    ),
    Architecture.SWINIR: (
        _signs(r"^layers\.0\.residual_group\.blocks\.0\.mlp\.", r"^conv_first\."),
        _scale_of_transformer,
    ),
    Architecture.RGT: (
        _signs(r"^layers\.0\.blocks\.0\.gamma$", r"^before_RG\."),
        _scale_of_transformer,
    ),
    Architecture.DAT: (
        _signs(r"^layers\.0\.blocks\.0\.ffn\.sg\.", r"^before_RG\."),
        _scale_of_transformer,
    ),
    Architecture.SPAN: (
        _signs(r"^block_1\.c1_r\."),
        _scale_by(r"upsampler\.(\d{1,3})\.weight"),
    ),
    Architecture.PLKSR: (
        _signs(r"^feats\.0\.weight$", r"^feats\.1\.lk\."),
        _scale_by(r"feats\.(\d{1,3})\.weight"),
    ),
    Architecture.OMNISR: (
        _signs(r"^residual_layer\.0\.residual_layer\.0\.layer\."),
        _scale_by(r"up\.(\d{1,3})\.weight"),
    ),
}
"""The names by which each is known, in the order of asking, and what tells its scale."""
