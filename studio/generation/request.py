"""What to generate: frozen values that hold everything a generation needs.

A request is small and serialises to JSON with msgspec; the same JSON is sent to the worker, stored
in the gallery, written into picture files and put on a generated layer. The pictures that it
starts from travel beside it as `Attachments`, named by their content, so that the JSON stays small
and the same request with the same pictures, model and machine gives the same pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

import msgspec

from studio.core.errors import RequestError
from studio.core.geometry import Extent
from studio.core.picture import Picture

MIN_SIDE = 16
MAX_SIDE = 4096
MAX_ENLARGED_SIDE = 16_384
MAX_ENLARGED_PIXELS = 150_000_000
MAX_COUNT = 10
MAX_PROMPT = 32_000
MAX_STEPS = 500
MAX_SEED = 2**32 - 1
MAX_LORAS = 16
MAX_GUIDES = 8

Digest: TypeAlias = str
"""`Picture.digest` of an attachment."""

Attachments: TypeAlias = Mapping[Digest, Picture]

Fill = Literal["expand", "blur", "neutral", "none"]
"""What the model sees under the mask at first: the surroundings continued inwards
(a membrane), a blur of what was there, mid grey, or what was there."""


def can_be_held(extent: Extent) -> bool:
    """Whether a picture may be enlarged to this."""
    within = extent.shortest >= 1 and extent.longest <= MAX_ENLARGED_SIDE
    return within and extent.area <= MAX_ENLARGED_PIXELS


def attach(pictures: Iterable[Picture]) -> dict[Digest, Picture]:
    """The attachments of these pictures."""
    return {picture.digest: picture for picture in pictures}


class Lora(msgspec.Struct, frozen=True, kw_only=True):
    """A low-rank adaptation that the model wears.

    Attributes:
        adapter: id from the catalog.
        weight: 0 does nothing, 1 is as it was trained; -4 to 4.
    """

    adapter: str
    weight: float = 1.0

    def __post_init__(self) -> None:
        _check(f"weight of {self.adapter}", self.weight, -4.0, 4.0)


class Guide(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that guides the painting for some of the steps.

    Attributes:
        picture: to be looked at.
        adapter: id from the catalog of what looks at it.
        weight: 0 does nothing; 0 to 2.
        begin, end: the share of the steps after which it begins and ends, 0 to 1.
    """

    picture: Digest
    adapter: str
    weight: float = 1.0
    begin: float = 0.0
    end: float = 1.0

    def __post_init__(self) -> None:
        _check("weight of a picture", self.weight, 0.0, 2.0)
        _check("begin", self.begin, 0.0, 1.0)
        _check("end", self.end, self.begin, 1.0)


class Control(Guide, frozen=True, kw_only=True):
    """Its shapes are followed, by a ControlNet.

    Attributes:
        preprocessor: makes the picture that the ControlNet reads, such as ``canny``; empty where
            it is one already.
        kind: of such a picture, for a ControlNet that reads several kinds; empty stands for what
            the preprocessor makes.
    """

    preprocessor: str = ""
    kind: str = ""


class Reference(Guide, frozen=True, kw_only=True):
    """Its content or style is taken up: by an IP-Adapter, or by the model itself.

    Without an adapter the model has to be one that looks at reference pictures.
    """

    adapter: str = ""


class Sampling(msgspec.Struct, frozen=True, kw_only=True, tag_field="task"):
    """What every generation has in common.

    Attributes:
        model: id from the catalog.
        prompt, negative_prompt: at most 32 000 characters each.
        seed: of the first candidate; candidate ``k`` (from 0) has ``seed + k``. 0 to 2**32 - 1.
        count: how many candidates, 1 to 10.
        width, height: of the result in pixels, 16 to 4096; the engine brings the model's native
            size to it.
        steps, guidance, scheduler: None stands for the model's own default.
        rank: score each candidate by CLIP against the prompt.
        upscaler: id of what takes the picture from the model's size to this one: an upscaler, or
            a model that has its own; where it is empty, the model's own, if it has one.
        vae: id of the autoencoder that the model works with in the place of its own; may be empty.
        loras: at most 16.
        controls, references: at most 8 each.

    Raises:
        RequestError: for a value outside its range, with a sentence that says so.
    """

    model: str
    prompt: str = ""
    negative_prompt: str = ""
    seed: int
    count: int = 1
    width: int
    height: int
    steps: int | None = None
    guidance: float | None = None
    scheduler: str | None = None
    rank: bool = False
    upscaler: str = ""
    vae: str = ""
    loras: tuple[Lora, ...] = ()
    controls: tuple[Control, ...] = ()
    references: tuple[Reference, ...] = ()

    def __post_init__(self) -> None:
        for name, text in (("prompt", self.prompt), ("negative prompt", self.negative_prompt)):
            _check_text(name, text)
        _check("number of pictures", self.count, 1, MAX_COUNT)
        _check("seed", self.seed, 0, MAX_SEED)
        _check("width", self.width, MIN_SIDE, MAX_SIDE)
        _check("height", self.height, MIN_SIDE, MAX_SIDE)
        if self.steps is not None:
            _check("number of steps", self.steps, 1, MAX_STEPS)
        if self.guidance is not None:
            _check("guidance", self.guidance, 0.0, 100.0)
        _check("number of LoRAs", len(self.loras), 0, MAX_LORAS)
        _check("number of controls", len(self.controls), 0, MAX_GUIDES)
        _check("number of references", len(self.references), 0, MAX_GUIDES)

    @property
    def extent(self) -> Extent:
        """Width and height of the result."""
        return Extent(self.width, self.height)

    @property
    def needs(self) -> tuple[Digest, ...]:
        """The attachments without which it cannot run."""
        return tuple(guide.picture for guide in (*self.controls, *self.references))

    def seed_of(self, candidate: int) -> int:
        """The seed of a candidate, counted from 0; it wraps beyond the largest seed."""
        return (self.seed + candidate) % (MAX_SEED + 1)


class TextToImage(Sampling, frozen=True, kw_only=True, tag="text_to_image"):
    """A picture from words alone."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.prompt.strip():
            raise RequestError("The prompt is empty: write what the picture should show.")


class ImageToImage(Sampling, frozen=True, kw_only=True, tag="image_to_image"):
    """A picture repainted: ``strength`` 0 keeps it, 1 forgets it."""

    source: Digest
    strength: float = 0.6

    def __post_init__(self) -> None:
        super().__post_init__()
        _check("strength", self.strength, 0.0, 1.0)

    @property
    def needs(self) -> tuple[Digest, ...]:
        """The picture that it starts from, and those that guide it."""
        return (self.source, *super().needs)


class Inpaint(Sampling, frozen=True, kw_only=True, tag="inpaint"):
    """The masked part of a picture redone; an outpaint is one whose mask holds the new area.

    Attributes:
        source: RGB or RGBA; what is transparent there is unknown, and must be masked.
        mask: ``L``, of the source's size; 255 = repaint, values between = partly.
        strength: 1 forgets what was under the mask.
        fill: what the model sees under the mask at first.
        feather: width in pixels of the blend ring, which lies inside the mask.
    """

    source: Digest
    mask: Digest
    strength: float = 1.0
    fill: Fill = "expand"
    feather: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        _check("strength", self.strength, 0.0, 1.0)
        _check("feather", self.feather, 0, 512)

    @property
    def needs(self) -> tuple[Digest, ...]:
        """The picture, its mask, and those that guide it."""
        return (self.source, self.mask, *super().needs)


class Variation(Sampling, frozen=True, kw_only=True, tag="variation"):
    """The picture's CLIP image embedding decoded anew (unCLIP).

    ``strength`` 0 is almost the same picture, 1 only its idea.
    """

    source: Digest
    strength: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        _check("strength", self.strength, 0.0, 1.0)

    @property
    def needs(self) -> tuple[Digest, ...]:
        """The picture that is varied, and those that guide it."""
        return (self.source, *super().needs)


class InstructionEdit(Sampling, frozen=True, kw_only=True, tag="edit"):
    """A picture changed as the prompt says, such as "make the sky pink", by a model that can.

    `references` without an adapter are further pictures that the instruction may speak of.
    """

    source: Digest

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.prompt.strip():
            raise RequestError("The prompt is empty: write what should change.")

    @property
    def needs(self) -> tuple[Digest, ...]:
        """The picture that is changed, and those that it speaks of."""
        return (self.source, *super().needs)


class Ranking(msgspec.Struct, frozen=True, kw_only=True, tag_field="task", tag="ranking"):
    """How well each picture fits a text, by CLIP."""

    model: str
    prompt: str
    pictures: tuple[Digest, ...]

    def __post_init__(self) -> None:
        _check_text("prompt", self.prompt)
        if not self.prompt.strip():
            raise RequestError("The prompt is empty: write what to rank the pictures by.")
        if not self.pictures:
            raise RequestError("There is no picture to rank: name at least one.")

    @property
    def needs(self) -> tuple[Digest, ...]:
        """The pictures to be scored."""
        return self.pictures


class Upscale(msgspec.Struct, frozen=True, kw_only=True, tag_field="task", tag="upscale"):
    """A picture made larger by an upscaler, by which nothing is left to chance.

    Attributes:
        model: id of the upscaler, or of a model that has its own.
        source: ``RGB`` or ``RGBA``; how transparent it is, is kept.
        width, height: of the result in pixels, 1 to 16 384, and at most 150 million in all.
        prompt: what the picture was made from, where that is known; it is found by it.

    Raises:
        RequestError: for a value outside its range, with a sentence that says so.
    """

    model: str
    source: Digest
    width: int
    height: int
    prompt: str = ""

    def __post_init__(self) -> None:
        _check_text("prompt", self.prompt)
        if not can_be_held(self.extent):
            raise RequestError(
                f"The picture would be {self.extent}: enlarge it to at most {MAX_ENLARGED_SIDE} "
                f"pixels a side and {MAX_ENLARGED_PIXELS // 1_000_000} million in all."
            )

    @property
    def extent(self) -> Extent:
        """Width and height of the result."""
        return Extent(self.width, self.height)

    @property
    def needs(self) -> tuple[Digest, ...]:
        """The picture that is enlarged."""
        return (self.source,)

    @property
    def negative_prompt(self) -> str:
        """Nothing: it is said of pictures that are painted."""
        return ""

    @property
    def seed(self) -> int:
        """Of no consequence."""
        return 0

    @property
    def count(self) -> int:
        """One."""
        return 1

    def seed_of(self, candidate: int) -> int:
        """Of no consequence: there is one result, and always the same."""
        return self.seed


Generation: TypeAlias = TextToImage | ImageToImage | Inpaint | Variation | InstructionEdit
"""A request that a model paints."""

Making: TypeAlias = Generation | Upscale
"""A request whose result is candidates."""

Request: TypeAlias = Making | Ranking
"""Anything the engine runs."""


def to_json(request: Request) -> bytes:
    """The request as one line of JSON, without its pictures."""
    return msgspec.json.encode(request)


def from_json(text: bytes | str) -> Request:
    """The request that `to_json` wrote.

    Raises:
        RequestError: if it is not a request, or holds a value outside its range.
    """
    try:
        request: Request = msgspec.json.decode(text, type=Request)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RequestError(f"This is not a generation request: {error}.") from error
    return request


def _check(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise RequestError(f"The {name} is {value}: choose one from {low:.12g} to {high:.12g}.")


def _check_text(name: str, text: str) -> None:
    if len(text) > MAX_PROMPT:
        raise RequestError(f"The {name} has {len(text)} characters: shorten it to {MAX_PROMPT}.")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise RequestError(f"The {name} holds half of a character: write it again.")
