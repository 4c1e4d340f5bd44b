"""LoRAs that are written as products of Hadamard (LoHa) or Kronecker (LoKr), as plain ones.

Both are low in rank too, so nothing is lost: the entries of two products of rank r multiplied
give one of rank r², and a Kronecker product with a product of rank r one of rank r times the
columns of the other factor. Where that is no saving, the change itself is one factor and the other
does nothing.

N. Hyeon-Woo et al., "FedPara: low-rank Hadamard product for communication-efficient federated
learning", 2022; S.-Y. Yeh et al., "Navigating text-to-image customization: from LyCORIS
fine-tuning to model evaluation", 2024.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

import torch

Weights = Mapping[str, torch.Tensor]

_PART: Final = re.compile(
    r"(?P<layer>.+)\.(?P<part>hada_(?:w[12]_[ab]|t[12])|lokr_(?:w[12](?:_[ab])?|t2)|alpha)"
)
_HADAMARD: Final = ".hada_"
_KRONECKER: Final = ".lokr_"
_DOWN: Final = (".lora.down.weight", ".lora_A.weight")
_UP: Final = (".lora.up.weight", ".lora_B.weight")


def has_products(names: Iterable[str], *, kronecker: bool = True) -> bool:
    """Whether any layer is written as a product: of Hadamard, or of Kronecker where asked."""
    pieces = (_HADAMARD, _KRONECKER) if kronecker else (_HADAMARD,)
    return any(piece in name for name in names for piece in pieces)


def as_plain(weights: Weights) -> dict[str, torch.Tensor]:
    """The same adapter with ``lora_down`` ``(r, in)``, ``lora_up`` ``(out, r)`` and ``alpha``.

    Those of convolutions have their kernel's cells among the inputs: see `shape_like`. What is
    not written as a product is left as it is.

    Raises:
        ValueError: if a part of a product is missing, or the shapes do not fit.
        RuntimeError: if shapes do not fit.
    """
    layers: dict[str, dict[str, torch.Tensor]] = defaultdict(dict)
    plain: dict[str, torch.Tensor] = {}
    for name, weight in weights.items():
        match = _PART.fullmatch(name)
        if match:
            layers[match["layer"]][match["part"]] = weight
        else:
            plain[name] = weight
    for layer, parts in layers.items():
        if set(parts) == {"alpha"}:
            plain[f"{layer}.alpha"] = parts["alpha"]
            continue
        up, down, scale = _factors(layer, parts)
        dtype = next(iter(parts.values())).dtype
        plain[f"{layer}.lora_up.weight"] = up.to(dtype).contiguous()
        plain[f"{layer}.lora_down.weight"] = down.to(dtype).contiguous()
        plain[f"{layer}.alpha"] = torch.tensor(scale * down.shape[0])
    return plain


def shape_like(module: Any, state: dict[str, torch.Tensor], prefix: str) -> None:
    """Gives the matrices of convolutions the shape of their layers' kernels.

    Args:
        module: what the adapter is put on.
        state: weights in diffusers' form; changed in place.
        prefix: what stands before the names of the module's layers.
    """
    layers = dict(module.named_modules())
    for name, weight in state.items():
        path, ending = _parted(name.removeprefix(f"{prefix}."))
        layer = getattr(layers.get(path), "base_layer", layers.get(path))  # one may be on already
        if not isinstance(layer, torch.nn.Conv2d) or weight.ndim != 2:
            continue
        if ending in _DOWN:
            state[name] = weight.reshape(weight.shape[0], layer.in_channels, *layer.kernel_size)
        elif ending in _UP:
            state[name] = weight.reshape(*weight.shape, 1, 1)


def _parted(name: str) -> tuple[str, str]:
    """A layer's path, and the ending of one of its two matrices."""
    for ending in (*_DOWN, *_UP):
        if name.endswith(ending):
            return name.removesuffix(ending), ending
    return name, ""


def _factors(layer: str, parts: Weights) -> tuple[torch.Tensor, torch.Tensor, float]:
    """Up ``(out, r)``, down ``(r, in)``, and what their product is multiplied by."""
    floats = {part: weight.float() for part, weight in parts.items() if part != "alpha"}
    try:
        if "hada_w1_a" in floats:
            up, down, rank = _hadamard(floats)
        else:
            up, down, rank = _kronecker(floats)
    except KeyError as error:
        raise ValueError(f"{layer} lacks {error}") from error
    alpha = parts.get("alpha")
    return up, down, 1.0 if alpha is None or rank == 0 else float(alpha) / rank


def _hadamard(parts: Weights) -> tuple[torch.Tensor, torch.Tensor, int]:
    a1, b1, a2, b2 = (parts[f"hada_{name}"] for name in ("w1_a", "w1_b", "w2_a", "w2_b"))
    rank = b1.shape[0]
    if "hada_t1" in parts:
        change = _cored(parts["hada_t1"], a1, b1) * _cored(parts["hada_t2"], a2, b2)
        return *_whole(change.flatten(1)), rank
    if rank * b2.shape[0] >= min(a1.shape[0], b1.shape[1]):
        return *_whole((a1 @ b1) * (a2 @ b2)), rank
    up = torch.einsum("oi,oj->oij", a1, a2).flatten(1)
    down = torch.einsum("in,jn->ijn", b1, b2).flatten(0, 1)
    return up, down, rank


def _kronecker(parts: Weights) -> tuple[torch.Tensor, torch.Tensor, int]:
    """The rank is 0 where neither factor is a product: then there is no scale."""
    rank = 0
    if "lokr_w1" in parts:
        first = parts["lokr_w1"]
    else:
        first, rank = parts["lokr_w1_a"] @ parts["lokr_w1_b"], parts["lokr_w1_b"].shape[0]
    if "lokr_w2" in parts:
        return *_whole(torch.kron(first, parts["lokr_w2"].flatten(1))), rank
    a, b = parts["lokr_w2_a"], parts["lokr_w2_b"]
    rank = b.shape[0]
    if "lokr_t2" in parts:
        core = torch.einsum("ijkl,ir,jp->rpkl", parts["lokr_t2"], a, b)
        return *_whole(torch.kron(first, core.flatten(1))), rank
    if first.shape[1] * rank >= min(first.shape[0] * a.shape[0], first.shape[1] * b.shape[1]):
        return *_whole(torch.kron(first, a @ b)), rank
    return torch.kron(first, a), torch.kron(torch.eye(first.shape[1]), b), rank


def _cored(core: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """A convolution's change from Tucker's decomposition, ``(out, in, h, w)``."""
    return torch.einsum("ijkl,jr,ip->prkl", core, b, a)


def _whole(change: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Two factors of which one is the change itself, whichever makes the rank smaller."""
    out, inputs = change.shape
    if out <= inputs:
        return torch.eye(out), change
    return change, torch.eye(inputs)
