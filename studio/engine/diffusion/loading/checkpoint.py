"""Models that come as one file with everything in it, in the layout of their makers' own code.

What such a file leaves out lies in a folder of configurations in diffusers' format, without
weights. All tokenizers are CLIP's, so that its byte pairs lie beside these folders, once.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from transformers import CLIPTokenizer

from studio.core.errors import ModelError
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.device.placement import place

MERGES: Final = "clip/merges.txt"
"""The byte pairs, beside the folders of configurations."""

_START, _END, _END_OF_WORD = "<|startoftext|>", "<|endoftext|>", "</w>"
_PRINTABLE: Final = (*range(33, 127), *range(161, 173), *range(174, 256))


def load_checkpoint(kind: Any, file: Path, configs: Path, machine: Machine, **parts: Any) -> Any:
    """A stock pipeline from one file.

    Args:
        kind: the pipeline's class.
        file: a ``.safetensors`` file.
        configs: the folder of its variant.
        machine: where it is put, and in which precision.
        parts: modules to be used in the place of the file's own, and the pipeline's settings.

    Raises:
        ModelError: for any other file, such as one that could run code.
    """
    if file.suffix.lower() != ".safetensors":
        raise ModelError(
            f"{file.name} cannot be used: models are .safetensors files, "
            "so convert it or choose another one."
        )
    pipeline = kind.from_single_file(
        str(file),
        config=str(configs),
        local_files_only=True,
        dtype=machine.dtype,
        **(_tokenizers(configs) | parts),
    )
    pipeline.set_progress_bar_config(disable=True)
    return place(pipeline, machine)


def read_merges(path: Path) -> list[tuple[str, str]]:
    """CLIP's byte pairs, the most frequent first."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split() for line in lines if line and not line.startswith("#version"))
    return [(first, second) for first, second in pairs]


def clip_tokenizer(merges: list[tuple[str, str]], **settings: Any) -> CLIPTokenizer:
    """CLIP's tokenizer: bytes, bytes that end a word, what the pairs make, and two marks.

    Args:
        merges: the byte pairs.
        settings: such as ``pad_token``.
    """
    bytes_ = _byte_letters()
    words = [*bytes_, *(letter + _END_OF_WORD for letter in bytes_)]
    words += [first + second for first, second in merges]
    words += [_START, _END]
    return CLIPTokenizer(
        vocab={word: index for index, word in enumerate(words)}, merges=merges, **settings
    )


def _tokenizers(configs: Path) -> dict[str, CLIPTokenizer]:
    files = {file.parent.name: file for file in configs.glob("tokenizer*/tokenizer_config.json")}
    merges = read_merges(configs.parent / MERGES)
    return {
        name: clip_tokenizer(merges, **json.loads(file.read_text(encoding="utf-8")))
        for name, file in files.items()
    }


def _byte_letters() -> list[str]:
    """A letter that can be seen for each byte: itself, or one from beyond the bytes."""
    others = len([byte for byte in range(256) if byte not in _PRINTABLE])
    return [*map(chr, _PRINTABLE), *(chr(256 + number) for number in range(others))]
