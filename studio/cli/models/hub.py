"""``sfumato models hub``: where models come from."""

from __future__ import annotations

from typing import Annotated

import msgspec
from cyclopts import Parameter

from studio import paths
from studio.core.errors import ModelError
from studio.models.hub.settings import HubSettings, load_hub_settings, save_hub_settings


def choose_hub(
    address: str | None = None,
    /,
    *,
    offline: Annotated[bool | None, Parameter(negative="--online")] = None,
) -> None:
    """Print or choose the model hub that models are downloaded from.

    The environment variables HF_ENDPOINT and HF_HUB_OFFLINE go before what is chosen here.

    Parameters
    ----------
    address
        Of a mirror, such as https://mirror.example; "default" for the usual hub. A token that
        you stored goes to it too, so choose one that you trust.
    offline
        Whether nothing may be downloaded.
    """
    if address is not None or offline is not None:
        _choose(address, offline)
    settings = load_hub_settings(paths.config())
    print(f"{settings.endpoint}{', offline' if settings.offline else ''}")


def _choose(address: str | None, offline: bool | None) -> None:
    config = paths.config()
    settings = load_hub_settings(config, {})
    try:
        if address is not None:
            endpoint = HubSettings().endpoint if address == "default" else address.rstrip("/")
            settings = HubSettings(endpoint=endpoint, offline=settings.offline)
    except ValueError as error:
        raise ModelError(f"{address} is no address of a hub: begin it with https://.") from error
    if offline is not None:
        settings = msgspec.structs.replace(settings, offline=offline)
    save_hub_settings(config, settings)
