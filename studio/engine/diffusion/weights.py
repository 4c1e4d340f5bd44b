"""Weights on disk: whether they are there, and whether they are what they were.

Only ``.safetensors`` files are ever loaded. A ``checksums.json`` beside the parts' folders maps
each file, relative to it, to its ``sha256`` and ``size``.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from studio.core.errors import ModelError
from studio.generation.catalog import InstalledPart, ModelInfo
from studio.generation.checksums import CHECKSUMS, Checksums, read_checksums


def verify(model: ModelInfo) -> str:
    """Compares a model's files with their checksums, where there are any.

    Returns:
        A digest that names the weights by content; empty where there are no checksums.

    Raises:
        ModelError: if a part or file is missing or damaged, naming it.
    """
    remedy = _remedy(model)
    for part in model.parts:
        if not part.exists:
            raise ModelError(f"{model.title} lacks its {part.role} in {part.path}: {remedy}.")
        if part.path.is_dir() and not any(part.path.rglob("*.safetensors")):
            raise ModelError(f"{part.path} holds no .safetensors file: {remedy}.")
    folders = sorted({part.path.parent for part in model.parts})
    digests = [
        _verify_folder(folder, model.parts, f"of {model.title}", remedy)
        for folder in folders
        if (folder / CHECKSUMS).is_file()
    ]
    return hashlib.sha256("".join(digests).encode()).hexdigest() if digests else ""


def _remedy(model: ModelInfo) -> str:
    bundled = all(part.source.bundled for part in model.parts)
    return "install Sfumato again" if bundled else "install the model again, or choose another one"


def _verify_folder(folder: Path, parts: tuple[InstalledPart, ...], whose: str, remedy: str) -> str:
    listed = _read_checksums(folder, remedy)
    roots = [part.path for part in parts if part.path.parent == folder]
    found = hashlib.sha256()
    for name, checksum in sorted(listed.items()):
        path = folder / name
        if not any(path.is_relative_to(root) for root in roots):
            continue
        if not path.is_file():
            raise ModelError(f"The file {name} {whose} is missing: {remedy}.")
        if path.stat().st_size != checksum.size or _sha256(path) != checksum.sha256:
            raise ModelError(f"The file {name} {whose} is damaged: {remedy}.")
        found.update(f"{name} {checksum.sha256}\n".encode())
    return found.hexdigest()


def _read_checksums(folder: Path, remedy: str) -> Checksums:
    try:
        return read_checksums(folder)
    except (OSError, ValueError) as error:
        raise ModelError(f"The checksums in {folder} cannot be read: {remedy}.") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
