"""Ids and titles for what is imported, from the names that files and folders have."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from pathlib import Path
from typing import Final

from studio.generation.catalog_entries import KINDS, UNION

_LONGEST_ID: Final = 60
_LONGEST_TITLE: Final = 80
_SNAPSHOTS: Final = "snapshots"
"""The folder in the hub's cache below which each commit has its own."""
_SAYS_NOTHING: Final = re.compile(
    r"diffusion_pytorch_model|pytorch_lora_weights|pytorch_model|adapter_model|learned_embeds"
    r"|model|unet|transformer|vae|controlnet|lora|checkpoint-\d+",
    re.IGNORECASE,
)


def name_of(path: Path) -> str:
    """What a file or folder is called by people: names that say nothing give way to the folder's.

    >>> name_of(Path("/loras/Ink_v2.safetensors"))
    'Ink_v2'
    >>> name_of(Path("/loras/ink/pytorch_lora_weights.safetensors"))
    'ink'
    >>> name_of(Path("/hub/models--stabilityai--sd-turbo/snapshots/b261"))
    'sd-turbo'
    """
    name = path.stem if path.suffix in {".safetensors", ".gguf"} else path.name
    name = name.removesuffix(".safetensors.index.json").removesuffix(".safetensors.index")
    parent = path.parent
    if parent.name == _SNAPSHOTS:
        return parent.parent.name.rpartition("--")[2]
    return name_of(parent) if _SAYS_NOTHING.fullmatch(name) and parent.name else name


def title_of(name: str) -> str:
    """A name for people.

    >>> title_of("dreamshaper_8")
    'Dreamshaper 8'
    """
    words = " ".join(re.sub(r"[_\s]+", " ", name).split()) or "Imported"
    return (words[:1].upper() + words[1:])[:_LONGEST_TITLE]


def id_of(name: str, taken: Container[str] = ()) -> str:
    """An id that nothing else has, made of what ids are made of.

    >>> id_of("Été_v2 (final)")
    'ete_v2-final'
    >>> id_of("ink", {"ink", "ink-2"})
    'ink-3'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9._-]+", "-", plain).strip("-._")[:_LONGEST_ID] or "imported"
    found, number = slug, 2
    while found in taken:
        found, number = f"{slug}-{number}", number + 1
    return found


def preprocessor_of(name: str) -> str:
    """What a ControlNet of that name wants done to a picture; empty where it does not say."""
    return next((word for word in (UNION, *KINDS) if word in name.lower()), "")
