"""What of a part has to be fetched, from where, and to which place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from studio.core.errors import ModelError
from studio.generation.catalog import InstalledPart
from studio.models.hub.client import Hub, RemoteFile, Snapshot
from studio.models.hub.fetching import Wanted
from studio.models.hub.selection import MODEL_INDEX, SUFFIXES, choose_files
from studio.models.staging import Origin, Staging

_LARGEST_INDEX: Final = 2**20


@dataclass(frozen=True)
class Parcel:
    """What of a part has to be there.

    Attributes:
        role: the part's.
        files: by their names below its folder, with slashes.
        origin: where they come from.
    """

    role: str
    files: dict[str, Wanted]
    origin: Origin


class Planner:
    """Finds what parts need.

    Args:
        hub: to ask.
        staging: where files are brought together.
        origins: of the parts that are or were installed, whose revisions are kept to.
    """

    def __init__(self, hub: Hub, staging: Staging, origins: Mapping[str, Origin]) -> None:
        self._hub = hub
        self._staging = staging
        self._origins = origins

    async def parcel(self, part: InstalledPart) -> Parcel:
        """What a part needs.

        Raises:
            ModelError: if the hub or server does not say, or it is nothing that may be fetched.
        """
        return await (self._from_hub(part) if part.source.hub else self._from_address(part))

    async def _from_hub(self, part: InstalledPart) -> Parcel:
        source = part.source
        before = self._origins.get(part.role, Origin())
        known = before.revision if before.hub == source.hub else ""
        snapshot = await self._hub.snapshot(source.hub, source.revision or known)
        index = None if source.files else await self._index(snapshot)
        files = {
            choice.name: self._wanted(part.role, choice.name, snapshot, choice.remote)
            for choice in choose_files(snapshot.files, source, index)
        }
        return Parcel(part.role, files, Origin(hub=source.hub, revision=snapshot.commit))

    async def _index(self, snapshot: Snapshot) -> dict[str, Any] | None:
        if MODEL_INDEX not in {file.path for file in snapshot.files}:
            return None
        body = await self._hub.read(snapshot, MODEL_INDEX, _LARGEST_INDEX)
        try:
            return msgspec.json.decode(body, type=dict[str, Any])
        except ValueError as error:
            raise ModelError(
                f"{MODEL_INDEX} of {snapshot.repository} cannot be read: do not use this "
                "repository, or use another mirror."
            ) from error

    async def _from_address(self, part: InstalledPart) -> Parcel:
        source = part.source
        name = source.file_name
        if Path(name).suffix.lower() not in SUFFIXES:
            raise ModelError(
                f"{source.url} is no .safetensors or .gguf file: other files of weights can run "
                "programs, and are never downloaded."
            )
        wanted = Wanted(
            address=source.url,
            whose=source.url,
            name=name,
            target=self._staging.place(part.role, name),
            size=await self._hub.size_of(source.url),
            sha256=source.sha256,
        )
        return Parcel(part.role, {name: wanted}, Origin(url=source.url))

    def _wanted(self, role: str, name: str, snapshot: Snapshot, remote: RemoteFile) -> Wanted:
        return Wanted(
            address=self._hub.address(snapshot, remote.path),
            whose=snapshot.repository,
            name=remote.path,
            target=self._staging.place(role, name),
            size=remote.size,
            sha256=remote.sha256,
            blob=remote.blob,
        )
