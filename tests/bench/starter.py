"""How well the starter follows prompts: a table, measured by a judge that knows drawings alone.

::

    python -m tests.bench.starter                     the shipped weights, 96 prompts
    python -m tests.bench.starter --count 300 --starter DIR --sheet sheet.png
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import (
    KandinskyV22InpaintPipeline,
    KandinskyV22Pipeline,
    KandinskyV22PriorPipeline,
)
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from studio import paths
from studio.training.codec import to_unit
from studio.training.image_tower import to_clip
from studio.training.judge import Judge, Verdict, load_judge, single_scenes, truth
from studio.training.world.captions import NOUNS, PLACES, caption
from studio.training.world.draw import draw_scene
from studio.training.world.sampling import is_held_out
from studio.training.world.scene import SIDE, Scene

JUDGE = Path(__file__).parents[1] / "training" / "judge.safetensors"
Pictures = NDArray[np.uint8]
BATCH = 16


@dataclass(frozen=True)
class Settings:
    """How pictures are made; the defaults are the starter's own."""

    steps: int = 20
    guidance: float = 3.0
    prior_steps: int = 10
    prior_guidance: float = 2.5


class Studio:
    """The starter through the stock pipelines, in batches, with fixed seeds."""

    def __init__(self, folder: Path, settings: Settings = Settings()) -> None:
        load: dict[str, Any] = {"local_files_only": True}
        self.settings = settings
        self.prior = KandinskyV22PriorPipeline.from_pretrained(folder / "prior", **load)
        self.decoder = KandinskyV22Pipeline.from_pretrained(folder / "decoder", **load)
        self.inpaint = KandinskyV22InpaintPipeline.from_pretrained(folder / "inpaint", **load)
        for pipeline in (self.prior, self.decoder, self.inpaint):
            pipeline.set_progress_bar_config(disable=True)

    def imagine(self, prompts: Sequence[str], seed: int) -> tuple[Tensor, Tensor]:
        """Image embeddings of the prompts, and the unconditional ones."""
        embeddings = self.prior(
            list(prompts),
            num_inference_steps=self.settings.prior_steps,
            guidance_scale=self.settings.prior_guidance,
            generator=torch.Generator().manual_seed(seed),
        )
        return embeddings.image_embeds, embeddings.negative_image_embeds

    def paint(self, embeddings: tuple[Tensor, Tensor], seed: int) -> Pictures:
        """Pictures of the embeddings."""
        return _bytes(self.decoder(**self._arguments(embeddings, seed)).images)

    def repaint(
        self, pictures: Pictures, repainted: Pictures, embeddings: tuple[Tensor, Tensor], seed: int
    ) -> Pictures:
        """The pictures with their mask's (``(n, h, w)``, 255 where) area painted anew."""
        painted = []
        for row in range(len(pictures)):  # the stock pipeline keeps only the first of a batch
            one = (embeddings[0][row : row + 1], embeddings[1][row : row + 1])
            result = self.inpaint(
                image=Image.fromarray(pictures[row]),
                mask_image=Image.fromarray(repainted[row]),
                **self._arguments(one, seed + row),
            )
            painted.append(_bytes(result.images)[0])
        return np.stack(painted)

    def draw(self, prompts: Sequence[str], seed: int = 0) -> Pictures:
        """Pictures of the prompts, uint8 of shape ``(n, SIDE, SIDE, 3)``."""
        batches = []
        for start in range(0, len(prompts), BATCH):
            embeddings = self.imagine(prompts[start : start + BATCH], seed + start)
            batches.append(self.paint(embeddings, seed + start))
        return np.concatenate(batches)

    @torch.no_grad()
    def read_pictures(self, pictures: Pictures) -> Tensor:
        """The image tower's embeddings."""
        embeddings: Tensor = self.prior.image_encoder(to_clip(pictures)).image_embeds
        return embeddings

    @torch.no_grad()
    def read_texts(self, texts: Sequence[str]) -> Tensor:
        """The text tower's embeddings."""
        tokenizer = self.prior.tokenizer
        ids = tokenizer(
            list(texts),
            padding="max_length",
            truncation=True,
            max_length=tokenizer.model_max_length,
            return_tensors="pt",
        ).input_ids
        embeddings: Tensor = self.prior.text_encoder(ids).text_embeds
        return embeddings

    def _arguments(self, embeddings: tuple[Tensor, Tensor], seed: int) -> dict[str, Any]:
        return {
            "image_embeds": embeddings[0],
            "negative_image_embeds": embeddings[1],
            "height": SIDE,
            "width": SIDE,
            "num_inference_steps": self.settings.steps,
            "guidance_scale": self.settings.guidance,
            "generator": torch.Generator().manual_seed(seed),
            "output_type": "np",
        }


def _bytes(images: NDArray[np.float32]) -> Pictures:
    return np.rint(images * 255).astype(np.uint8)


def prompt(scene: Scene, rng: np.random.Generator) -> str:
    """Kind, colour, place and backdrop of the scene's one thing, all said."""
    thing, backdrop = scene.things[0], scene.backdrop
    words = [thing.shade.value] if thing.shade != "plain" else []
    words += [thing.colour.value, NOUNS[thing.kind][0]]
    article = "an" if words[0][0] in "aeiou" else "a"
    place = {"left": "on the left", "right": "on the right", "centre": ""}[thing.column]
    if thing.row != "middle":
        place = f"at the {thing.row} {thing.column}".removesuffix(" centre")
    where = (
        PLACES[backdrop.setting][int(rng.integers(len(PLACES[backdrop.setting])))]
        if backdrop.colour is None
        else f"on {'an' if backdrop.colour == 'orange' else 'a'} {backdrop.colour} background"
    )
    return " ".join([article, *words, place, where]).replace("  ", " ")


def share(rows: Sequence[bool]) -> float:
    """Per cent of true rows."""
    return 100 * sum(rows) / max(1, len(rows))


def agreement(seen: Sequence[Verdict], asked: Sequence[Verdict], *names: str) -> float:
    """Per cent of pictures where all of ``names`` are as asked."""
    return share(
        [
            all(getattr(one, name) == getattr(other, name) for name in names)
            for one, other in zip(seen, asked, strict=True)
        ]
    )


def follow_prompts(studio: Studio, judge: Judge, scenes: list[Scene]) -> list[tuple[str, float]]:
    """Kind, colour, backdrop and place in pictures of prompts that say them all."""
    rng = np.random.default_rng(1)
    asked = [truth(scene) for scene in scenes]
    start = time.perf_counter()
    pictures = studio.draw([prompt(scene, rng) for scene in scenes])
    seconds = (time.perf_counter() - start) / len(scenes)
    seen = judge.look(pictures)
    rare = [
        row
        for row, scene in enumerate(scenes)
        if is_held_out(scene.things[0].kind, scene.things[0].colour, scene.backdrop.setting)
    ]
    return [
        ("kind right", agreement(seen, asked, "kind")),
        ("colour right", agreement(seen, asked, "colour")),
        ("backdrop right", agreement(seen, asked, "backdrop")),
        ("place right (column and row)", agreement(seen, asked, "column", "row")),
        ("kind, colour and backdrop right", agreement(seen, asked, "kind", "colour", "backdrop")),
        (
            f"held-out combinations, kind and colour right (n = {len(rare)})",
            agreement([seen[r] for r in rare], [asked[r] for r in rare], "kind", "colour"),
        ),
        ("seconds a picture, in batches of 16", seconds),
    ]


def fill_holes(studio: Studio, judge: Judge, scenes: list[Scene]) -> list[tuple[str, float]]:
    """The asked thing appears in a box of an empty picture, asked for without its backdrop."""
    asked = [truth(scene) for scene in scenes]
    empty = np.stack([draw_scene(Scene(scene.backdrop, (), scene.seed)) for scene in scenes])
    holes = np.zeros(empty.shape[:3], dtype=np.uint8)
    prompts = []
    for row, scene in enumerate(scenes):
        thing = scene.things[0]
        reach = thing.radius * 1.25 + 4
        top, bottom = max(0, int(thing.y - reach)), int(thing.y + reach)
        left, right = max(0, int(thing.x - reach)), int(thing.x + reach)
        holes[row, top:bottom, left:right] = 255
        prompts.append(f"a {thing.colour} {NOUNS[thing.kind][0]}")
    pictures = studio.repaint(empty, holes, studio.imagine(prompts, 2), 2)
    kept = np.where(holes[..., None] > 0, pictures, empty)
    seen = judge.look(kept)
    return [
        ("inpaint: asked kind in the mask", agreement(seen, asked, "kind")),
        ("inpaint: asked colour in the mask", agreement(seen, asked, "colour")),
        ("inpaint: backdrop still right", agreement(seen, asked, "backdrop")),
    ]


def extend(studio: Studio, judge: Judge, scenes: list[Scene]) -> list[tuple[str, float]]:
    """The right half painted anew for a prompt that names only the backdrop's thing."""
    asked = [truth(scene) for scene in scenes]
    empty = np.stack([draw_scene(Scene(scene.backdrop, (), scene.seed)) for scene in scenes])
    holes = np.zeros(empty.shape[:3], dtype=np.uint8)
    holes[:, :, SIDE // 2 :] = 255
    rng = np.random.default_rng(3)
    prompts = [prompt(scene, rng) for scene in scenes]
    pictures = studio.repaint(empty, holes, studio.imagine(prompts, 3), 3)
    seen = judge.look(np.where(holes[..., None] > 0, pictures, empty))
    return [("outpaint: backdrop continued", agreement(seen, asked, "backdrop"))]


def vary(studio: Studio, judge: Judge, scenes: list[Scene]) -> list[tuple[str, float]]:
    """Pictures from drawings' own image embeddings."""
    asked = [truth(scene) for scene in scenes]
    embeddings = studio.read_pictures(np.stack([draw_scene(scene) for scene in scenes]))
    null = studio.prior.get_zero_embed(len(scenes)).detach()
    seen = judge.look(studio.paint((embeddings, null), 4))
    return [
        ("variation: same kind", agreement(seen, asked, "kind")),
        ("variation: same colour", agreement(seen, asked, "colour")),
        ("variation: same backdrop", agreement(seen, asked, "backdrop")),
    ]


def retrieve(studio: Studio, scenes: list[Scene]) -> list[tuple[str, float]]:
    """Each of 100 drawings finds its own full caption among 100."""
    rng = np.random.default_rng(5)
    texts = torch.nn.functional.normalize(
        studio.read_texts([prompt(scene, rng) for scene in scenes])
    )
    drawings = torch.nn.functional.normalize(
        studio.read_pictures(np.stack([draw_scene(scene) for scene in scenes]))
    )
    best = (drawings @ texts.T).argmax(dim=1)
    return [
        (
            f"retrieval: a drawing finds its caption among {len(scenes)}",
            share((best == torch.arange(len(scenes))).tolist()),
        )
    ]


def rank(studio: Studio, judge: Judge, scenes: list[Scene], of: int = 4) -> list[tuple[str, float]]:
    """Whether the starter's own CLIP picks better pictures than chance does."""
    rng = np.random.default_rng(6)
    prompts = [prompt(scene, rng) for scene in scenes]
    asked = [truth(scene) for scene in scenes]
    texts = torch.nn.functional.normalize(studio.read_texts(prompts))
    right, scores = [], []
    for candidate in range(of):
        pictures = studio.draw(prompts, seed=1000 * candidate)
        seen = judge.look(pictures)
        right.append(
            [
                (one.kind, one.colour, one.backdrop) == (two.kind, two.colour, two.backdrop)
                for one, two in zip(seen, asked, strict=True)
            ]
        )
        images = torch.nn.functional.normalize(studio.read_pictures(pictures))
        scores.append((images * texts).sum(dim=1))
    best = torch.stack(scores).argmax(dim=0).tolist()
    chosen = [right[candidate][row] for row, candidate in enumerate(best)]
    everything = [answer for answers in right for answer in answers]
    return [
        (f"all right, mean of {of}", share(everything)),
        (f"all right, best of {of} by its own CLIP", share(chosen)),
    ]


def judge_itself(judge: Judge, scenes: list[Scene]) -> list[tuple[str, float]]:
    """The judge on fresh drawings: how far its word can be trusted."""
    seen = judge.look(np.stack([draw_scene(scene) for scene in scenes]))
    asked = [truth(scene) for scene in scenes]
    return [
        (f"the judge on drawings: {name}", agreement(seen, asked, name))
        for name in ("kind", "colour", "backdrop")
    ]


def autoencode(studio: Studio, scenes: list[Scene]) -> list[tuple[str, float]]:
    """How much of a drawing survives the autoencoder."""
    drawings = to_unit(np.stack([draw_scene(scene) for scene in scenes]))
    movq = studio.decoder.movq
    with torch.no_grad():
        latents = movq.encode(drawings).latents
        painted = movq.decode(latents, force_not_quantize=True).sample
    error = ((painted.clamp(-1, 1) - drawings) / 2).square().mean()
    return [("autoencoder, dB", float(-10 * torch.log10(error)))]


def contact_sheet(studio: Studio, scenes: list[Scene], path: Path, columns: int = 8) -> list[str]:
    """Writes pictures of captions in rows, and returns the captions in the same order."""
    rng = np.random.default_rng(7)
    prompts = [caption(scene, rng) for scene in scenes]
    pictures = studio.draw(prompts, seed=7)
    rows = [
        np.concatenate(list(pictures[start : start + columns]), axis=1)
        for start in range(0, len(pictures), columns)
    ]
    sheet = Image.fromarray(np.concatenate(rows))
    sheet.quantize(palette=sheet.quantize(128)).save(path, optimize=True)
    return prompts


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description="Measures the starter model.")
    parser.add_argument("--starter", type=Path, default=paths.resources() / "starter")
    parser.add_argument("--count", type=int, default=96, help="prompts of one thing (96)")
    parser.add_argument("--steps", type=int, default=Settings.steps)
    parser.add_argument("--guidance", type=float, default=Settings.guidance)
    parser.add_argument("--prior-steps", type=int, default=Settings.prior_steps)
    parser.add_argument("--prior-guidance", type=float, default=Settings.prior_guidance)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="prompts alone")
    parser.add_argument("--sheet", type=Path, help="where to write a contact sheet")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    studio = Studio(
        options.starter,
        Settings(options.steps, options.guidance, options.prior_steps, options.prior_guidance),
    )
    judge = load_judge(JUDGE)
    scenes = single_scenes(options.count, np.random.default_rng(2026))
    some = scenes[: max(24, options.count // 3)]
    parts: list[Callable[[], list[tuple[str, float]]]] = [
        lambda: follow_prompts(studio, judge, scenes)
    ]
    if not options.quick:
        parts += [
            lambda: judge_itself(judge, single_scenes(500, np.random.default_rng(77))),
            lambda: autoencode(studio, some),
            lambda: fill_holes(studio, judge, some),
            lambda: extend(studio, judge, some),
            lambda: vary(studio, judge, some),
            lambda: retrieve(studio, single_scenes(100, np.random.default_rng(78))),
            lambda: rank(studio, judge, some),
        ]
    for part in parts:
        for name, figure in part():
            print(f"{name:64} {figure:6.1f}", flush=True)
    if options.sheet:
        for text in contact_sheet(studio, scenes[:48], options.sheet):
            print(text)


if __name__ == "__main__":
    main()
