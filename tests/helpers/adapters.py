"""Adapters as the catalog tells of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from studio.generation.catalog import AdapterInfo
from studio.generation.catalog_entries import Source


def lora_info(file: Path, family: str, **changes: Any) -> AdapterInfo:
    """As the catalog would tell of it; its id is the file's stem."""
    values: dict[str, Any] = {
        "id": file.stem,
        "title": file.stem.title(),
        "kind": "lora",
        "family": family,
        "path": file,
        "installed": True,
        "licence": "",
        "licence_url": "",
        "source": Source(path=str(file)),
    }
    return AdapterInfo(**(values | changes))


def lora_table(file: Path, family: str) -> str:
    """The ``[[adapter]]`` table of a LoRA; its id is the file's stem."""
    return f"""
[[adapter]]
id = {json.dumps(file.stem)}
title = {json.dumps(file.stem.title())}
kind = "lora"
family = {json.dumps(family)}
license = "Apache-2.0"
path = {json.dumps(file.as_posix())}
"""
