"""``sfumato models install``, ``verify`` and ``remove``."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from studio import app, paths
from studio.cli.errors import UsageError
from studio.cli.models.attention import interruptible, shown
from studio.cli.output import print_json
from studio.core.errors import ModelError
from studio.core.units import file_size
from studio.models.licences import Licences
from studio.models.upkeep import farewell, remedy, remove, verify


def install(
    *names: str,
    accept_licence: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Download models and adapters, or what lacks of them, and check every file.

    It continues where it was stopped, and mends what is damaged.

    Parameters
    ----------
    names
        Their ids, from "sfumato models list".
    accept_licence
        Accept their licences, where those ask for it: read them first.
    json
        Print one JSON object a line: how far it is, and what was installed.
    """
    catalog = app.build_catalog()
    items = [catalog.installable(name) for name in _some(names)]
    installer = app.make_installer()
    if accept_licence:
        licences = Licences(paths.config())
        for item in filter(licences.is_open, items):
            licences.accept(item)
    for item in items:
        with interruptible() as control, shown(item.title, json) as report:
            installer.install(item, report, control)
        there = app.build_catalog().installable(item.id)
        if json:
            print_json({"event": "installed", "id": there.id, "size_bytes": there.size_bytes})
        else:
            print(f"{there.title} is installed: {file_size(there.size_bytes)}.")


def verify_models(*names: str, json: Annotated[bool, Parameter(negative="")] = False) -> None:
    """Compare every file of installed models and adapters with its checksum.

    The exit code is 3 where a file is missing or damaged.

    Parameters
    ----------
    names
        Their ids, from "sfumato models list".
    json
        Print one JSON object a line for each.
    """
    catalog = app.build_catalog()
    damaged: list[str] = []
    for item in [catalog.installable(name) for name in _some(names)]:
        with interruptible() as control, shown(item.title, as_json=False) as report:
            verdict = verify(item, report, control)
        if json:
            faults = [{"path": str(fault.path), "what": fault.what} for fault in verdict.faults]
            print_json({"id": item.id, "checked": verdict.checked, "faults": faults})
        else:
            for fault in verdict.faults:
                print(f"{fault.path} {fault.what}")
            if not verdict.checked:
                print(f"{item.title} lies where it was found, without checksums to compare with.")
            elif not verdict.faults:
                print(f"{item.title}: {verdict.checked} files are what they should be.")
        if verdict.faults:
            what_to_do = remedy(item, verdict.faults[0].role) or f"sfumato models install {item.id}"
            damaged.append(f"{item.title} cannot be relied on: {what_to_do}.")
    if damaged:
        raise ModelError(" ".join(damaged))


def remove_models(*names: str) -> None:
    """Remove installed models and adapters, and what was downloaded of them.

    Parameters
    ----------
    names
        Their ids, from "sfumato models list".
    """
    catalog = app.build_catalog()
    for item in [catalog.installable(name) for name in _some(names)]:
        print(farewell(item, remove(item, paths.models())))


def _some(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise UsageError("Name one or more models, by their ids from sfumato models list.")
    return names
