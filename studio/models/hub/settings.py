"""Where the hub is, and whether it may be asked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from studio.core.atomic import reason, write_atomically
from studio.core.errors import ModelError

HUB_FILE: Final = "hub.json"
"""In the config folder."""

DEFAULT_ENDPOINT: Final = "https://huggingface.co"

_TRUE: Final = frozenset({"1", "true", "yes", "on"})


class HubSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The person's choice of hub.

    Attributes:
        endpoint: address of the hub or of a mirror of it.
        offline: nothing is fetched.
    """

    endpoint: str = DEFAULT_ENDPOINT
    offline: bool = False

    def __post_init__(self) -> None:
        if not self.endpoint.startswith(("https://", "http://")):
            raise ValueError("the hub's address begins with https://")


def load_hub_settings(config: Path, environment: Mapping[str, str] = os.environ) -> HubSettings:
    """The settings of the config folder; ``HF_ENDPOINT`` and ``HF_HUB_OFFLINE`` go before them.

    Raises:
        ModelError: if the file or the address cannot be used.
    """
    path = config / HUB_FILE
    try:
        written = path.read_bytes() if path.is_file() else b"{}"
        settings = msgspec.json.decode(written, type=HubSettings)
        endpoint = environment.get("HF_ENDPOINT") or settings.endpoint
        offline = environment.get("HF_HUB_OFFLINE", "").lower() in _TRUE or settings.offline
        return HubSettings(endpoint=endpoint.rstrip("/"), offline=offline)
    except OSError as error:
        raise ModelError(f"{path} cannot be read because {reason(error)}.") from error
    except ValueError as error:
        raise ModelError(
            f"The address of the model hub in {path} or HF_ENDPOINT cannot be used: correct it, "
            "or remove it to use the usual one."
        ) from error


def save_hub_settings(config: Path, settings: HubSettings) -> None:
    """Writes the settings.

    Raises:
        ModelError: if that fails.
    """
    path = config / HUB_FILE
    try:
        config.mkdir(parents=True, exist_ok=True)
        write_atomically(path, msgspec.json.encode(settings))
    except OSError as error:
        raise ModelError(f"{path} cannot be written because {reason(error)}.") from error
