"""Recipes as text: our own JSON, and the form that AUTOMATIC1111's web UI made common."""

from __future__ import annotations

import msgspec

from studio.generation.recipe import Recipe
from studio.generation.request import ImageToImage, Inpaint, Upscale, Variation

KEYWORD = "sfumato"
"""The keyword of our own JSON in a PNG file."""
PARAMETERS_KEYWORD = "parameters"
"""The keyword of the widely understood form in a PNG file."""


def recipe_to_json(recipe: Recipe) -> str:
    """The recipe as one line of JSON."""
    return msgspec.json.encode(recipe).decode()


def recipe_from_json(text: str | bytes) -> Recipe | None:
    """The recipe that `recipe_to_json` wrote; None where the text is something else."""
    try:
        content = text.encode() if isinstance(text, str) else text
        recipe: Recipe = msgspec.json.decode(content, type=Recipe)
    except (msgspec.MsgspecError, UnicodeError):
        return None
    return recipe


def recipe_to_parameters(recipe: Recipe) -> str:
    """The recipe in A1111's `parameters` form: prompt, negative prompt, and a line of settings.

    Settings that were left to the model are not in it.
    """
    request = recipe.request
    if isinstance(request, Upscale):
        return _enlarged(recipe, request)
    settings = {
        "Steps": request.steps,
        "Sampler": request.scheduler,
        "CFG scale": request.guidance,
        "Seed": recipe.seed,
        "Size": str(request.extent),
        "Model": request.model,
        "Model hash": recipe.model_digest[:10] or None,
        "Denoising strength": _strength(recipe),
        "Version": recipe.software,
    }
    known = ", ".join(f"{name}: {value}" for name, value in settings.items() if value is not None)
    negative = request.negative_prompt
    lines = [request.prompt, f"Negative prompt: {negative}" if negative else "", known]
    return "\n".join(line for line in lines if line)


def _enlarged(recipe: Recipe, request: Upscale) -> str:
    """In the web UI's words for a picture that an upscaler made larger."""
    settings = {
        "Size": str(request.extent),
        "Postprocess upscaler": request.model,
        "Version": recipe.software,
    }
    known = ", ".join(f"{name}: {value}" for name, value in settings.items())
    return "\n".join(line for line in (request.prompt, known) if line)


def _strength(recipe: Recipe) -> float | None:
    match recipe.request:
        case ImageToImage(strength=strength) | Inpaint(strength=strength):
            return strength
        case Variation(strength=strength):
            return strength
        case _:
            return None
