"""How soon the worker is ready, against a bare script that imports and loads the same.

Run with ``python -m tests.bench.worker``. Both are started by turns; the goal is at most 1.3.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from studio import paths
from studio.engine.client import LocalEngine
from studio.engine.wire import Places

_ROUNDS = 5
_POLL_SECONDS = 0.005

_BARE = """
import sys
import torch
from diffusers import KandinskyV22Pipeline, KandinskyV22PriorPipeline
folder = sys.argv[1]
KandinskyV22PriorPipeline.from_pretrained(folder + "/prior", dtype=torch.float32)
KandinskyV22Pipeline.from_pretrained(folder + "/decoder", dtype=torch.float32)
"""


def main() -> None:
    """Prints the medians and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        pairs = [(_bare(), _worker(Path(folder))) for _ in range(_ROUNDS + 1)][1:]
    bare, worker = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(ours / theirs for theirs, ours in pairs)
    print(f"median of {_ROUNDS} pairs: bare {bare:.2f} s, worker {worker:.2f} s, ratio {ratio:.2f}")


def _bare() -> float:
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", _BARE, str(paths.resources() / "starter")],
        check=True,
        capture_output=True,
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
    )
    return time.perf_counter() - begun


def _worker(folder: Path) -> float:
    """From the start of the process to the report that the starter is loaded."""
    places = Places(paths.models_file(), paths.resources(), folder, folder, folder)
    begun = time.perf_counter()
    with LocalEngine(places, spare_cores=0) as engine:
        engine.start("starter")
        while not engine.status().model:
            time.sleep(_POLL_SECONDS)
        return time.perf_counter() - begun


if __name__ == "__main__":
    main()
