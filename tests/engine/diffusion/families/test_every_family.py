"""What holds for the adapters of all families."""

import importlib
import inspect

import pytest

from studio.engine.diffusion.bases.latent import LatentFamily
from studio.engine.diffusion.families import MODULES
from studio.generation.schedulers import schedulers_of


@pytest.mark.parametrize("family", MODULES)
def test_the_schedulers_are_those_that_are_offered_for_the_family(family: str) -> None:
    assert tuple(_adapter_of(MODULES[family]).schedulers) == schedulers_of(family)


def _adapter_of(name: str) -> type[LatentFamily[object]]:
    """The first family that a module has of its own."""
    module = importlib.import_module(name)
    return next(
        found
        for _, found in sorted(inspect.getmembers(module, inspect.isclass))
        if issubclass(found, LatentFamily) and found.__module__ == name
    )
