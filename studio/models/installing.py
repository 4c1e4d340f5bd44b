"""Installing a model: asked for, fetched, checked, and then put in place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from studio.core.atomic import reason
from studio.core.errors import ModelError
from studio.generation.catalog import Installable, InstalledPart
from studio.models.control import Control, Stopped
from studio.models.hub.client import STALL_SECONDS, Hub, open_hub
from studio.models.hub.fetching import Wanted, blob_name, fetch
from studio.models.hub.retries import USUAL, Retries
from studio.models.hub.settings import HubSettings
from studio.models.hub.tokens import Token, find_token
from studio.models.licences import Licences
from studio.models.parcels import Parcel, Planner
from studio.models.progress import Meter, Report, Stage
from studio.models.staging import Staging, open_staging, read_origins
from studio.models.twins import Twins, cache_of_the_library
from studio.models.upkeep import absent, damaged_files, remedy

PARALLEL: Final = 3
"""Files on their way at the same time."""

_POLL_SECONDS: Final = 0.05

Result = TypeVar("Result")


class Installer:
    """Installs models and adapters from a hub or an address.

    Args:
        models: folder of the installed models.
        settings: where the hub is.
        licences: the record of those that were accepted.
        token: finds the person's token, when it is needed.
        retries: of what the network refuses for a moment.
        stall: seconds without a byte after which a connection is made anew.
        cache: where the hub's own library keeps files; used again where they are wanted.
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
        cache: Path | None = None,
    ) -> None:
        self._models = models
        self._settings = settings
        self._licences = licences
        self._token = token
        self._retries = retries
        self._stall = stall
        self._cache = cache or cache_of_the_library()

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
        _check_lasting(item, damaged)
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
        retries = replace(self._retries, waiting=meter.wait)
        async with open_hub(self._settings, self._token(), retries, self._stall) as hub:
            planner = Planner(hub, staging, origins)

            async def plan() -> list[Parcel]:
                meter.begin(Stage.LISTING)
                return [await planner.parcel(part) for part in parts]

            parcels = await _attended(plan, control, meter)
            delivery = _Delivery(hub, staging, Twins(self._models, self._cache), parcels, meter)
            staging.check_space(delivery.room, item.title)
            await _attended(delivery.fetch, control, meter)
        meter.begin(Stage.FINISHING, delivery.total, delivery.total)
        for parcel in parcels:
            staging.publish(parcel.role, set(parcel.files), parcel.origin)


class _Delivery:
    """The files of an installation, on their way."""

    def __init__(
        self, hub: Hub, staging: Staging, twins: Twins, parcels: Sequence[Parcel], meter: Meter
    ) -> None:
        self._hub = hub
        self._staging = staging
        self._twins = twins
        self._meter = meter
        self._files = [
            (parcel.role, name, wanted)
            for parcel in parcels
            for name, wanted in parcel.files.items()
        ]
        self.total = sum(wanted.size for _, _, wanted in self._files)

    @property
    def room(self) -> int:
        """Bytes that they will take on the drive, besides what is there already."""
        waiting = [wanted for _, _, wanted in self._waiting()]
        return _to_come(wanted for wanted in waiting if not self._twins.on_this_drive(wanted))

    async def fetch(self) -> None:
        """Fetches what lacks; it may be cut off at any time, and begun again."""
        waiting = self._waiting()
        to_come = _to_come(wanted for _, _, wanted in waiting)
        self._meter.begin(Stage.FETCHING, self.total, self.total - to_come)
        await _in_parallel(partial(self._fetch_one, *file) for file in waiting)

    async def _fetch_one(self, role: str, name: str, wanted: Wanted) -> None:
        checksum = None
        if not wanted.arrived:
            checksum = await self._twins.take(wanted, self._meter)
        if checksum is None:
            checksum = await fetch(self._hub, wanted, self._meter)
        self._staging.finish(role, name, checksum)

    def _waiting(self) -> list[tuple[str, str, Wanted]]:
        return [file for file in self._files if not _is_finished(self._staging, *file)]


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
            raise absent(item, part)


def _check_lasting(item: Installable, damaged: Mapping[str, set[str]]) -> None:
    """What was imported or comes with the program can be fetched from nowhere."""
    for part in item.parts:
        if part.role in damaged and (words := remedy(item, part.role)):
            raise ModelError(f"The {part.role} of {item.title} in {part.path} is damaged: {words}.")


def _is_finished(staging: Staging, role: str, name: str, wanted: Wanted) -> bool:
    found = staging.finished(role, name)
    return (
        found is not None
        and found.size == (wanted.size or found.size)
        and wanted.sha256 in {"", found.sha256}
        and wanted.blob in {"", blob_name(wanted.target)}
    )


def _to_come(files: Iterable[Wanted]) -> int:
    return sum(max(wanted.size - wanted.arrived, 0) for wanted in files)


def _names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
