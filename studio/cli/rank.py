"""``sfumato rank``: how well pictures fit a text, by CLIP."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from studio.cli.output import print_columns, print_json
from studio.cli.session import open_session
from studio.generation.request import Ranking, attach


def rank(
    prompt: str,
    /,
    *images: Path,
    model: str | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Score pictures by how well they fit a text, and print the best first.

    Parameters
    ----------
    prompt
        The text.
    images
        The pictures.
    model
        Id of the model whose CLIP is asked; the default model where it is not given.
    json
        Print one JSON object a line for each picture.
    """
    with open_session() as session:
        chosen = session.catalog.default if model is None else session.catalog.get(model)
        pictures = [session.read(image) for image in images]
        digests = tuple(picture.digest for picture in pictures)
        request = Ranking(model=chosen.id, prompt=prompt, pictures=digests)
        started = time.monotonic()
        scores = session.scores(request, attach(pictures))
        seconds = (time.monotonic() - started) / len(images)
    found = sorted(zip(scores, images, pictures, strict=True), key=lambda it: it[0], reverse=True)
    if not json:
        print_columns((f"{score:.4f}", str(image)) for score, image, _ in found)
        return
    for score, image, picture in found:
        print_json(
            {
                "path": str(image),
                "seed": None,
                "model": chosen.id,
                "width": picture.width,
                "height": picture.height,
                "score": score,
                "seconds": round(seconds, 3),
            }
        )
