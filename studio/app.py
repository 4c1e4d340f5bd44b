"""The composition root: the one place that knows the concrete gallery, engine and window."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import sys
import time
from collections.abc import Iterator
from functools import partial
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from studio import paths
from studio.core.errors import EngineError, KnownError
from studio.engine.protocol import Engine
from studio.engine.tuning import load_tuning
from studio.files.codec import PngCodec
from studio.gallery.store import Gallery
from studio.generation.catalog import Catalog, load_catalog
from studio.generation.memory import Budget, MemoryMode

if TYPE_CHECKING:
    from studio.models.installing import Installer

LOG_NAME = "sfumato.log"
LOG_BYTES = 1_000_000
LOG_FILES = 3

_DEVICE_SECONDS = 60.0
_POLL_SECONDS = 0.05


def build_catalog() -> Catalog:
    """The models that can be had, and which are installed.

    Raises:
        ModelError: if a list of models cannot be read.
    """
    return load_catalog(paths.models_file(), paths.resources(), paths.config(), paths.data())


def make_installer() -> Installer:
    """What installs models, with the person's choice of hub.

    Raises:
        ModelError: if their settings cannot be read.
    """
    # Clients of the network and the keyring: the window and most commands start without them.
    from studio.models.hub.settings import load_hub_settings
    from studio.models.installing import Installer
    from studio.models.licences import Licences

    config = paths.config()
    return Installer(paths.models(), load_hub_settings(config), Licences(config))


def open_gallery() -> Gallery:
    """The person's gallery.

    Raises:
        GalleryError: if its folder or database cannot be used.
    """
    return Gallery(paths.gallery(), PngCodec(), paths.cache() / "thumbnails")


def make_engine(
    spare_cores: int = 0, memory: MemoryMode | None = None, *, together: bool = False
) -> Engine:
    """The engine: a worker process, which starts when it is first needed.

    Args:
        spare_cores: cores' worth of threads that it leaves to others.
        memory: how it fits models into memory; as in the person's settings where it is None.
        together: it paints candidates together, also where the settings do not say so.

    Raises:
        EngineError: if the settings cannot be read.
    """
    from studio.engine.client import LocalEngine

    tuning = load_tuning(paths.config())
    wanted = msgspec.structs.replace(
        tuning, memory=memory or tuning.memory, together=together or tuning.together
    )
    return LocalEngine(spare_cores=spare_cores, tuning=None if wanted == tuning else wanted)


def find_device() -> tuple[str, Budget]:
    """The device that models run on, and its memory, which only the engine can find out.

    Raises:
        EngineError: if the engine does not answer.
    """
    from studio.engine.client import LocalEngine

    with LocalEngine(spare_cores=0) as engine:
        engine.start()
        deadline = time.monotonic() + _DEVICE_SECONDS
        while (status := engine.status()).budget is None:
            if time.monotonic() > deadline:
                raise EngineError(f"The engine does not answer: see {paths.logs()}.")
            time.sleep(_POLL_SECONDS)
        engine.close(at_once=True)
    return status.device, status.budget


def run_window(files: list[Path]) -> int:
    """Opens the window, with these files in it, and returns its exit code when it is closed.

    Raises:
        KnownError: if there is no screen, or the gallery or the list of models cannot be used.
    """
    if not _has_screen():
        raise KnownError(
            "There is no screen to open the window on: start Sfumato from a desktop, or use a "
            "command such as sfumato generate."
        )
    # What is read in and built for the window stays: looking through it for what does not would
    # take a tenth of the start. `run` lets collections begin once the window is shown.
    gc.disable()
    from studio.gui.application import run

    try:
        with contextlib.closing(open_gallery()) as gallery:
            return run(
                files,
                gallery=gallery,
                read_catalog=build_catalog,
                make_engine=partial(make_engine, spare_cores=1),
                make_installer=make_installer,
            )
    except KnownError as error:
        if not sys.stderr.isatty():  # nobody reads there what was started from a desktop
            from studio.gui.refusal import show_refusal

            show_refusal(error)
        raise


class _LogFile(RotatingFileHandler):
    """A log file that never gets in the way: what a full disk refuses is not logged."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Says nothing."""

    def close(self) -> None:
        """Closes the file, whether or not the rest could be written."""
        with contextlib.suppress(OSError):
            super().close()


@contextlib.contextmanager
def logging_to_file() -> Iterator[Path | None]:
    """Sends logs and warnings to a file as long as it lasts.

    Yields its path, or None where no file can be written; then nothing is logged.
    """
    handler = _log_handler(paths.logs() / LOG_NAME)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    try:
        yield Path(handler.baseFilename) if isinstance(handler, RotatingFileHandler) else None
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)
        handler.close()


def _has_screen() -> bool:
    """Whether Qt has a place to show a window; without one it would abort the process."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")))


def _log_handler(path: Path) -> logging.Handler:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _LogFile(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES - 1, encoding="utf-8")
    except OSError:
        return logging.NullHandler()
