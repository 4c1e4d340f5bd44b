"""Checkpoints: safetensors and JSON only, so that opening one never runs code from it."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from studio.core.errors import KnownError


class CheckpointError(KnownError):
    """A checkpoint that is damaged or belongs to another model."""


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def save_checkpoint(folder: Path, name: str, step: int, tensors: dict[str, Tensor]) -> None:
    """Writes ``tensors`` as the newest checkpoint of ``name``; the one before goes afterwards.

    Whatever moment this is interrupted in, the index names a complete file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{step:07d}.safetensors"
    save_file(tensors, path)
    index = folder / f"{name}.json"
    partial = index.with_suffix(".part")
    entry = {"file": path.name, "step": step, "sha256": sha256_of(path)}
    partial.write_text(json.dumps(entry))
    os.replace(partial, index)
    for older in folder.glob(f"{name}-*.safetensors"):
        if older != path:
            older.unlink()


def load_checkpoint(folder: Path, name: str) -> tuple[int, dict[str, Tensor]] | None:
    """The newest checkpoint's step and tensors, or None where there is none.

    Raises :class:`CheckpointError` naming the file where it is missing, damaged or altered.
    """
    index = folder / f"{name}.json"
    if not index.exists():
        return None
    try:
        entry = json.loads(index.read_text())
        path, step, expected = folder / entry["file"], int(entry["step"]), entry["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise _refused(index, str(error)) from error
    if not path.exists():
        raise _refused(path, "the file is missing")
    if sha256_of(path) != expected:
        raise _refused(path, "its checksum differs")
    try:
        return step, load_file(path)
    except SafetensorError as error:
        raise _refused(path, str(error)) from error


def _refused(path: Path, reason: str) -> CheckpointError:
    return CheckpointError(
        f"The checkpoint {path} is damaged: delete {path.parent / path.name.split('-')[0]}* "
        "to train this part anew.",
        details=reason,
    )
