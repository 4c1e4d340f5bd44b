"""Adapters as the catalog tells of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from studio.generation.catalog import AdapterInfo
from studio.generation.catalog_entries import Source


def lora_info(file: Path, family: str, **changes: Any) -> AdapterInfo:
    """As the catalog would tell of it; its id is the file's stem."""
    return adapter_info(file, "lora", family, **changes)


def adapter_info(path: Path, kind: str, family: str, **changes: Any) -> AdapterInfo:
    """As the catalog would tell of it; its id is the stem of its file or folder."""
    values: dict[str, Any] = {
        "id": path.stem,
        "title": path.stem.title(),
        "kind": kind,
        "family": family,
        "path": path,
        "installed": True,
        "licence": "",
        "licence_url": "",
        "source": Source(path=str(path)),
    }
    return AdapterInfo(**(values | changes))


def lora_table(file: Path, family: str) -> str:
    """The ``[[adapter]]`` table of a LoRA; its id is the file's stem."""
    return adapter_table(file, "lora", family)


def adapter_table(path: Path, kind: str, family: str, **values: object) -> str:
    """An ``[[adapter]]`` table; its id is the stem of its file or folder."""
    table = {
        "id": path.stem,
        "title": path.stem.title(),
        "kind": kind,
        "family": family,
        "license": "Apache-2.0",
        "path": path.as_posix(),
        **values,
    }
    lines = (f"{name} = {json.dumps(value)}" for name, value in table.items())
    return "\n".join(("\n[[adapter]]", *lines, ""))
