"""What a file or folder is, from its headers alone."""

from __future__ import annotations

from pathlib import Path

from studio.core.atomic import reason
from studio.core.errors import ModelError
from studio.models.detection.files import Detected, detect_file
from studio.models.detection.folders import detect_folder


def detect(path: Path) -> Detected:
    """What lies at a path: a file of weights, a diffusers folder, or one module of it.

    Only headers and configurations are read, so it takes milliseconds for gigabytes; still, on
    a drive that sleeps or a network's, not for a thread that must not wait.

    Raises:
        ModelError: if it cannot be read, may not be opened, is damaged, or is nothing that
            Sfumato knows, saying what was seen and what to do.
    """
    try:
        is_folder = path.is_dir()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {reason(error)}.") from error
    return detect_folder(path) if is_folder else detect_file(path)
