"""Random-weight models and a worker that serves them, made once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.engine.client import LocalEngine
from studio.engine.wire import Places
from studio.generation.catalog import Catalog, load_catalog


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``models.toml`` of a random-weight Kandinsky 2.2 named ``tiny``."""
    from tests.helpers.tiny.kandinsky22 import save_kandinsky

    return save_kandinsky(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def tiny_catalog(tiny_models: Path) -> Catalog:
    nowhere = tiny_models.parent / "nowhere"
    return load_catalog(tiny_models, nowhere, nowhere, nowhere)


@pytest.fixture(scope="session")
def tiny_places(tiny_models: Path) -> Places:
    folder = tiny_models.parent
    return Places(
        tiny_models, folder / "resources", folder / "config", folder / "data", folder / "logs"
    )


@pytest.fixture(scope="session")
def tiny_engine(tiny_places: Places) -> Iterator[LocalEngine]:
    """A worker shared by all tests that leave it alive and idle."""
    with LocalEngine(tiny_places) as engine:
        engine.start()
        yield engine


@pytest.fixture(scope="session", autouse=True)
def single_thread() -> None:
    """Tiny models gain nothing from threads, and lose much where the cores are busy."""
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
