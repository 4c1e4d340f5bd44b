"""``sfumato memory``: the device that models run on, and how each fits into its memory."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from studio import app, paths
from studio.cli.output import print_columns, print_json
from studio.engine.tuning import load_tuning
from studio.generation.fitting import fit_words
from studio.generation.memory import GIB
from studio.generation.needs import fitted


def memory(*models: str, json: Annotated[bool, Parameter(negative="")] = False) -> None:
    """Show the device that models run on, and how they fit into its memory.

    Parameters
    ----------
    models
        Ids of models; those that are installed where none is given.
    json
        Print one JSON object a line for each model.
    """
    catalog = app.build_catalog()
    chosen = [catalog.get(each) for each in models] or [m for m in catalog.models if m.installed]
    device, budget = app.find_device()
    mode = load_tuning(paths.config()).memory
    plans = {model.id: fitted(model, budget, mode) for model in chosen}
    if json:
        for model_id, plan in plans.items():
            print_json(
                {
                    "model": model_id,
                    "device": device,
                    "rung": plan.rung.value,
                    "fits": plan.fits,
                    "needed": plan.needed,
                    "free": budget.free,
                    "total": plan.total,
                }
            )
        return
    free = f"{budget.free / GIB:.1f} of {budget.total / GIB:.3g} GB free"
    fits = [
        (each.id, plans[each.id].line if each.installed else fit_words(each, budget))
        for each in chosen
    ]
    print_columns([(device, free), *fits])
