"""Which format a file of weights has; what Sfumato opens, and what it refuses and why.

Pickles are never opened: Python runs whatever they tell it to. They are known by their names
(``.ckpt``, ``.pt``, ``.pth``, ``.bin``) and, under any name, by how they begin.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from studio.core.errors import ModelError
from studio.models.gguf import MAGIC as GGUF_MAGIC
from studio.models.gguf import read_gguf
from studio.models.tensors import Tensors, is_index, opened, read_safetensors, read_sharded

SAFETENSORS: Final = ".safetensors"
GGUF: Final = ".gguf"
PICKLES: Final = frozenset({".ckpt", ".pt", ".pth", ".bin", ".pkl", ".pickle"})
"""Names' endings of files that Python would run; only how many are there is ever told of them."""

_HEAD_BYTES: Final = 512
_LFS: Final = b"version https://git-lfs.github.com/spec/"
_ZIP: Final = b"PK\x03\x04"
_PICKLE_PROTOCOLS: Final = tuple(bytes((0x80, protocol)) for protocol in range(1, 6))
_WEB_PAGES: Final = (b"<!doctype html", b"<html")

_CONVERSION: Final = """\
On a computer that holds nothing of value, a pickle with tensors alone can be converted so:

    import torch
    from safetensors.torch import save_file
    found = torch.load("model.ckpt", map_location="cpu", weights_only=True)
    found = found.get("state_dict", found)
    save_file({n: t.contiguous() for n, t in found.items() if torch.is_tensor(t)},
              "model.safetensors")
"""


def read_tensors(path: Path) -> Tensors:
    """What tensors a file holds, from its header: ``.safetensors``, ``.gguf``, or the index of
    weights in several files.

    Raises:
        ModelError: if it is none of them, may not be opened, or cannot be read, saying why.
    """
    if is_index(path):
        return read_sharded(path)
    suffix = path.suffix.lower()
    head = _head(path)
    _refuse_pickle(path, suffix, head)
    _refuse_stand_in(path, head)
    if head.startswith(GGUF_MAGIC):
        if suffix == SAFETENSORS:
            raise ModelError(f"{path} is a GGUF file by another name: rename it to end in .gguf.")
        return read_gguf(path)
    if suffix == GGUF:
        raise ModelError(f"{path} is no GGUF file, or it is damaged: download it again.")
    if suffix != SAFETENSORS:
        raise ModelError(
            f"{path} is no file of weights that Sfumato reads: it reads .safetensors and .gguf "
            "files, and diffusers folders."
        )
    return read_safetensors(path)


def pickle_refusal(path: Path) -> ModelError:
    """Why a pickle is not opened, and what to do instead."""
    return ModelError(
        f"{path} is a pickle, which can run any program on this computer when it is opened, so "
        "Sfumato never opens it: look for its .safetensors version where it came from, or "
        "convert it in a place where it can do no harm.",
        details=_CONVERSION,
    )


def _head(path: Path) -> bytes:
    with opened(path) as file:
        return file.read(_HEAD_BYTES)


def _refuse_pickle(path: Path, suffix: str, head: bytes) -> None:
    # The length of a safetensors header may begin like a pickle; its brace tells them apart.
    is_pickled = head.startswith(_PICKLE_PROTOCOLS) and head[8:9] != b"{"
    if suffix in PICKLES or is_pickled or (head.startswith(_ZIP) and suffix == SAFETENSORS):
        raise pickle_refusal(path)


def _refuse_stand_in(path: Path, head: bytes) -> None:
    """Refuses what lies in the place of weights after a download that went wrong."""
    if not head:
        raise ModelError(f"{path} is empty: download it again.")
    if head.startswith(_LFS):
        raise ModelError(
            f"{path} is a pointer of Git LFS, not the weights themselves: fetch them with "
            "`git lfs pull`, or download the file from its page."
        )
    if head.lstrip().lower().startswith(_WEB_PAGES):
        raise ModelError(
            f"{path} is a web page, not weights: its site may want you to log in before you "
            "download it."
        )
