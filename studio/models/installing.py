"""Installing a model: asked for, fetched, checked, and then put in place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from studio.core.atomic import reason
from studio.core.errors import ModelError
from studio.generation.catalog import Installable, InstalledPart
from studio.models.control import Control, Stopped
from studio.models.hub.client import STALL_SECONDS, Hub, RemoteFile, Snapshot, open_hub
from studio.models.hub.fetching import Wanted, blob_name, fetch
from studio.models.hub.retries import USUAL, Retries
from studio.models.hub.selection import MODEL_INDEX, SUFFIXES, choose_files
from studio.models.hub.settings import HubSettings
from studio.models.hub.tokens import Token, find_token
from studio.models.licences import Licences
from studio.models.progress import Meter, Report, Stage
from studio.models.staging import Origin, Staging, open_staging, read_origins
from studio.models.upkeep import damaged_files

PARALLEL: Final = 3
"""Files on their way at the same time."""

_POLL_SECONDS: Final = 0.05
_LARGEST_INDEX: Final = 2**20

Result = TypeVar("Result")


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


class Installer:
    """Installs models and adapters from a hub or an address.

    Args:
        models: folder of the installed models.
        settings: where the hub is.
        licences: the record of those that were accepted.
        token: finds the person's token, when it is needed.
        retries: of what the network refuses for a moment.
        stall: seconds without a byte after which a connection is made anew.
    """

    def __init__(
        self,
        models: Path,
        settings: HubSettings,
        licences: Licences,
        *,
        token: Callable[[], Token | None] = find_token,
        retries: Retries = USUAL,
        stall: float = STALL_SECONDS,
    ) -> None:
        self._models = models
        self._settings = settings
        self._licences = licences
        self._token = token
        self._retries = retries
        self._stall = stall

    def install(self, item: Installable, report: Report, control: Control | None = None) -> None:
        """Fetches what lacks, and what is there but damaged; returns when all is in place.

        It blocks for as long as that takes. What was fetched before stays for the next time,
        however it ends.

        Args:
            item: a model or adapter of the catalog.
            report: hears how far it is, in this thread.
            control: pauses or cancels it from another thread.

        Raises:
            Stopped: once it was cancelled.
            ModelError: if it cannot be installed, with what to do.
        """
        if self._licences.is_open(item):
            raise ModelError(
                f"{item.title} is under the {item.licence}: read it at {item.licence_url}, and "
                "accept it in the model manager or with --accept-licence."
            )
        _check_sources(item)
        control, meter = control or Control(), Meter(report)
        try:
            with open_staging(self._models, item.id, item.title) as staging:
                parts = self._parts_to_fetch(item, staging, meter, control)
                if parts:
                    asyncio.run(self._fetch(item, parts, staging, meter, control))
                staging.clear()
        except OSError as error:
            raise ModelError(
                f"{item.title} cannot be installed in {self._models} because {reason(error)}: "
                "mend that and try again; what was downloaded is kept."
            ) from error

    def _parts_to_fetch(
        self, item: Installable, staging: Staging, meter: Meter, control: Control
    ) -> list[InstalledPart]:
        """Those that are missing; damaged ones are taken back so that the good files stay."""
        fetched = [part for part in item.parts if part.source.hub or part.source.url]
        damaged = damaged_files(item, meter, control)
        for part in fetched:
            folder = self._models / item.id / part.role
            bad = damaged.get(part.role, set())
            if bad and folder.is_dir():
                staging.adopt(part.role, _names(folder) - bad)
        return [part for part in fetched if not part.exists]

    async def _fetch(
        self,
        item: Installable,
        parts: Sequence[InstalledPart],
        staging: Staging,
        meter: Meter,
        control: Control,
    ) -> None:
        origins = read_origins(self._models / item.id)
        async with open_hub(self._settings, self._token(), self._retries, self._stall) as hub:
            planner = _Planner(hub, staging, origins)

            async def plan() -> list[Parcel]:
                meter.begin(Stage.LISTING)
                return [await planner.parcel(part) for part in parts]

            parcels = await _attended(plan, control, meter)
            lacking = [
                (parcel.role, name, wanted)
                for parcel in parcels
                for name, wanted in parcel.files.items()
                if not _is_finished(staging, parcel.role, name, wanted)
            ]
            total = sum(wanted.size for parcel in parcels for wanted in parcel.files.values())
            staging.check_space(_bytes_to_come(lacking), item.title)

            async def transfer() -> None:
                waiting = [(r, n, w) for r, n, w in lacking if not _is_finished(staging, r, n, w)]
                meter.begin(Stage.FETCHING, total, total - _bytes_to_come(waiting))
                await _in_parallel(
                    partial(_fetch_one, hub, staging, role, name, wanted, meter)
                    for role, name, wanted in waiting
                )

            await _attended(transfer, control, meter)
        meter.begin(Stage.FINISHING, total, total)
        for parcel in parcels:
            staging.publish(parcel.role, set(parcel.files), parcel.origin)


class _Planner:
    """Finds what the parts need."""

    def __init__(self, hub: Hub, staging: Staging, origins: dict[str, Origin]) -> None:
        self._hub = hub
        self._staging = staging
        self._origins = origins

    async def parcel(self, part: InstalledPart) -> Parcel:
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


async def _fetch_one(
    hub: Hub, staging: Staging, role: str, name: str, wanted: Wanted, meter: Meter
) -> None:
    staging.finish(role, name, await fetch(hub, wanted, meter))


async def _in_parallel(work: Iterable[Callable[[], Awaitable[None]]]) -> None:
    """Does the work, some at a time; the first failure ends all of it."""
    turns = asyncio.Semaphore(PARALLEL)

    async def in_turn(one: Callable[[], Awaitable[None]]) -> None:
        async with turns:
            await one()

    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(in_turn(one))
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _attended(
    work: Callable[[], Awaitable[Result]], control: Control, meter: Meter
) -> Result:
    """Does work that may be paused, for which it is dropped and begun anew, and cancelled.

    Raises:
        Stopped: once cancelled, whatever it was waiting for.
    """
    while True:
        task = asyncio.ensure_future(work())
        try:
            while not task.done() and not control.cancelled and not control.paused:
                await asyncio.wait({task}, timeout=_POLL_SECONDS)
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
        if control.cancelled:
            raise Stopped
        if not task.cancelled():
            return task.result()
        meter.pause()
        while control.paused and not control.cancelled:
            await asyncio.sleep(_POLL_SECONDS)


def _check_sources(item: Installable) -> None:
    for part in item.parts:
        if not part.source.hub and not part.source.url and not part.exists:
            raise ModelError(
                f"The {part.role} of {item.title} should lie in {part.path} and is not there: "
                "connect the drive, or import it again."
            )


def _is_finished(staging: Staging, role: str, name: str, wanted: Wanted) -> bool:
    found = staging.finished(role, name)
    return (
        found is not None
        and found.size == (wanted.size or found.size)
        and wanted.sha256 in {"", found.sha256}
        and wanted.blob in {"", blob_name(wanted.target)}
    )


def _bytes_to_come(lacking: Iterable[tuple[str, str, Wanted]]) -> int:
    return sum(max(wanted.size - wanted.arrived, 0) for _, _, wanted in lacking)


def _names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
