"""``python -m studio.training``: draws the picture book and trains the starter on it.

::

    python -m studio.training all --work DIR      everything, into DIR/starter
    python -m studio.training denoiser --work DIR one stage; interrupt and repeat as you like
    python -m studio.training all --smoke --work DIR   one minute, to see that it runs
"""

from __future__ import annotations

import argparse
import logging
import sys
from dataclasses import replace
from pathlib import Path

from studio.core.errors import KnownError
from studio.training.recipe import FULL, SMOKE, Recipe
from studio.training.stages import STAGES, Workshop, run

KNOWN_ERROR = 3
"""Exit code for what the person can mend, as elsewhere in Sfumato."""


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    recipe = SMOKE if options.smoke else FULL
    names = list(STAGES) if options.stage == "all" else [options.stage]
    try:
        if options.steps is not None:
            recipe = _with_steps(recipe, options.stage, options.steps)
        shop = Workshop(recipe, options.work, options.output or options.work / "starter")
        run(names, shop, options.threads)
    except KnownError as error:
        print(error.message, file=sys.stderr)
        return KNOWN_ERROR
    return 0


def _with_steps(recipe: Recipe, stage: str, steps: int) -> Recipe:
    """The recipe with one stage's length changed."""
    match stage:
        case "prior":
            return replace(recipe, prior=replace(recipe.prior, steps=steps))
        case "denoiser":
            return replace(recipe, denoiser=replace(recipe.denoiser, steps=steps))
        case "readings":
            return replace(recipe, readings=replace(recipe.readings, steps=steps))
        case "autoencoder":
            return replace(recipe, autoencoder=replace(recipe.autoencoder, steps=steps))
        case "image-tower":
            return replace(recipe, image_tower=replace(recipe.image_tower, steps=steps))
        case "upsamplers":
            plans = {f: replace(plan, steps=steps) for f, plan in recipe.upsamplers.items()}
            return replace(recipe, upsamplers=plans)
        case _:
            raise KnownError(f"--steps needs one stage that trains, not {stage}.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m studio.training",
        description="Draws the picture book and trains the starter model on it.",
    )
    parser.add_argument("stage", nargs="?", default="all", choices=["all", *STAGES])
    parser.add_argument(
        "--work", type=Path, required=True, help="folder for pictures and checkpoints"
    )
    parser.add_argument("--output", type=Path, help="folder for the starter (WORK/starter)")
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, one minute")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (2)")
    parser.add_argument("--steps", type=int, help="another number of steps for this stage")
    return parser


if __name__ == "__main__":
    sys.exit(main())
