"""``sfumato models``: what can be had, and what is installed."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from studio import app
from studio.cli.output import print_columns, print_json


def list_models(*, json: Annotated[bool, Parameter(negative="")] = False) -> None:
    """List the models.

    Parameters
    ----------
    json
        Print one JSON object a line for each model.
    """
    models = app.build_catalog().models
    if json:
        for model in models:
            print_json(
                {
                    "id": model.id,
                    "title": model.title,
                    "family": model.family,
                    "tasks": list(model.tasks),
                    "native_size": model.native_size,
                    "licence": model.licence,
                    "installed": model.installed,
                    "size_bytes": model.size_bytes,
                    "missing": list(model.missing),
                }
            )
        return
    print_columns(
        (
            model.id,
            f"{model.native_size} px",
            f"{model.size_bytes / 1e6:.0f} MB" if model.installed else "not installed",
            model.licence,
            model.title,
        )
        for model in models
    )
