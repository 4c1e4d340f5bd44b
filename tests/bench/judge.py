"""Trains the judge by which the starter is measured, on drawings alone.

::

    python -m tests.bench.judge --work DIR    interrupt and repeat as you like

It shares no weights and no embedding space with the starter. What it gets right of fresh drawings
is among the figures of ``python -m tests.bench.starter``.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import torch

from studio.training.judge import PLAN, save_judge, train_judge
from tests.bench.starter import JUDGE


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description="Trains the judge of the starter's pictures.")
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--output", type=Path, default=JUDGE, help="where the judge is written")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (2)")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(options.threads)
    options.work.mkdir(parents=True, exist_ok=True)
    save_judge(train_judge(PLAN, options.work), options.output)


if __name__ == "__main__":
    main()
