"""The variants of every family: what differs between models that one family runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, TypeAlias

from studio.generation.catalog_entries import Defaults, Task

Role: TypeAlias = Literal["pipeline", "inpaint", "edit", "refiner", "prior", "decoder", "redux"]
"""What a variant's folder is in a model; see `studio.generation.catalog_entries.Part`."""

Tasks: TypeAlias = tuple[Task, ...]


@dataclass(frozen=True)
class Variant:
    """A kind of model within a family.

    Attributes:
        id: as detection gives it.
        title: for people.
        native_size: side in pixels of the area that it was trained on.
        anatomy: variants with the same one are configured alike, so that the denoiser of one
            works in the pipeline of another.
        role: of its folder in a model.
        family: a module of studio/engine/diffusion/families.
        grid: sides of its pictures are multiples of it.
        tasks: what a model of it alone does.
        settings: to begin with.
    """

    id: str
    title: str
    native_size: int
    anatomy: str
    role: Role
    family: str
    grid: int
    tasks: Tasks
    settings: Defaults


_PAINTING: Final[Tasks] = ("text_to_image", "image_to_image", "inpaint")
_UNCLIP: Final[Tasks] = (*_PAINTING, "variation")
_TASKS: Final[dict[Role, Tasks]] = {
    "inpaint": ("inpaint",),
    "edit": ("edit",),
    "refiner": ("image_to_image",),
    "redux": ("variation",),
}
"""What folders in these roles do alone, whatever their family."""


def _variant(
    variant_id: str,
    title: str,
    native_size: int,
    anatomy: str,
    role: Role = "pipeline",
    *,
    family: str,
    grid: int,
    settings: Defaults,
    tasks: Tasks = _PAINTING,
) -> Variant:
    tasks = _TASKS.get(role, tasks)
    return Variant(variant_id, title, native_size, anatomy, role, family, grid, tasks, settings)


def _flow(steps: int, guidance: float) -> Defaults:
    return Defaults(steps=steps, guidance=guidance, scheduler="flow")


def _noise(steps: int, guidance: float, scheduler: str = "dpm++") -> Defaults:
    return Defaults(steps=steps, guidance=guidance, scheduler=scheduler)


_sd = partial(_variant, family="stable_diffusion", grid=64, settings=_noise(25, 7.5))
_unclip = partial(
    _variant, family="stable_unclip", grid=64, settings=_noise(25, 10.0, "ddim"), tasks=_UNCLIP
)
_sdxl = partial(_variant, family="stable_diffusion_xl", grid=64, settings=_noise(30, 6.0))
_sd3 = partial(_variant, family="stable_diffusion_3", grid=16)
_flux = partial(_variant, family="flux", grid=16)
_chroma = partial(_variant, family="chroma", grid=16)
_ovis = partial(_variant, family="ovis_image", grid=16)
_flux2 = partial(_variant, family="flux2", grid=16, tasks=(*_PAINTING, "edit"))
_qwen = partial(_variant, family="qwen_image", grid=16, settings=_flow(50, 4.0))
_z_image = partial(_variant, family="z_image", grid=16)
_longcat = partial(_variant, family="longcat_image", grid=16, settings=_flow(50, 4.5))
_qwen21 = partial(
    _variant, family="qwen_image_21", grid=32, tasks=(*_PAINTING, "variation", "edit")
)
_glm = partial(_variant, family="glm_image", grid=32, tasks=(*_PAINTING, "variation", "edit"))
_krea2 = partial(_variant, family="krea2", grid=16)
_sana = partial(_variant, family="sana", grid=32)
_hunyuan = partial(_variant, family="hunyuan_image", grid=64)
_kandinsky5 = partial(_variant, family="kandinsky5", grid=128)
_hidream = partial(_variant, family="hidream", grid=16)
_lumina = partial(_variant, family="lumina2", grid=16)
_cogview = partial(_variant, family="cogview4", grid=32)
_kandinsky = partial(_variant, family="kandinsky22", grid=64, settings=Defaults(), tasks=_UNCLIP)
_karlo = partial(_variant, family="karlo", grid=64, tasks=_UNCLIP)

_ALL: Final = (
    _sd("sd-1", "Stable Diffusion 1", 512, "sd-1"),
    _sd("sd-1-inpaint", "Stable Diffusion 1 Inpainting", 512, "sd-1-inpaint", "inpaint"),
    _sd("sd-1-edit", "InstructPix2Pix", 512, "sd-1-edit", "edit"),
    _sd("sd-2-base", "Stable Diffusion 2 Base", 512, "sd-2"),
    _sd("sd-2-768-v", "Stable Diffusion 2", 768, "sd-2"),
    _sd("sd-2-inpaint", "Stable Diffusion 2 Inpainting", 512, "sd-2-inpaint", "inpaint"),
    _unclip("stable-unclip-l", "Stable unCLIP", 768, "stable-unclip-l"),
    _unclip("stable-unclip-h", "Stable unCLIP", 768, "stable-unclip-h"),
    _sdxl("sdxl", "Stable Diffusion XL", 1024, "sdxl"),
    _sdxl("sdxl-v", "Stable Diffusion XL with velocities", 1024, "sdxl"),
    _sdxl("sdxl-inpaint", "Stable Diffusion XL Inpainting", 1024, "sdxl-inpaint", "inpaint"),
    _sdxl("sdxl-edit", "Stable Diffusion XL InstructPix2Pix", 768, "sdxl-edit", "edit"),
    _sdxl("sdxl-refiner", "Stable Diffusion XL Refiner", 1024, "sdxl-refiner", "refiner"),
    _sd3("sd-3-medium", "Stable Diffusion 3 Medium", 1024, "sd-3", settings=_flow(28, 7.0)),
    _sd3("sd-3.5-medium", "Stable Diffusion 3.5 Medium", 1024, "sd-3.5", settings=_flow(40, 4.5)),
    _sd3("sd-3.5-large", "Stable Diffusion 3.5 Large", 1024, "sd-3.5-l", settings=_flow(28, 3.5)),
    _flux("flux-dev", "FLUX.1 dev", 1024, "flux-dev", settings=_flow(28, 3.5)),
    _flux("flux-schnell", "FLUX.1 schnell", 1024, "flux-schnell", settings=_flow(4, 0.0)),
    _flux("flux-fill", "FLUX.1 Fill", 1024, "flux-fill", "inpaint", settings=_flow(50, 30.0)),
    _flux("flux-kontext", "FLUX.1 Kontext", 1024, "flux-dev", "edit", settings=_flow(28, 2.5)),
    _flux("flux-redux", "FLUX.1 Redux", 1024, "flux-redux", "redux", settings=_flow(28, 2.5)),
    _chroma("chroma-hd", "Chroma1-HD", 1024, "chroma", settings=_flow(40, 3.0)),
    _chroma("chroma-base", "Chroma1-Base", 512, "chroma", settings=_flow(40, 3.0)),
    _chroma("chroma-flash", "Chroma1-Flash", 512, "chroma", settings=_flow(16, 1.0)),
    _ovis("ovis-image", "Ovis-Image", 1024, "ovis-image", settings=_flow(50, 5.0)),
    _flux2("flux2-dev", "FLUX.2 dev", 1024, "flux2-dev", settings=_flow(28, 4.0)),
    _flux2("flux2-klein-4b", "FLUX.2 klein 4B", 1024, "flux2-klein-4b", settings=_flow(4, 1.0)),
    _flux2("flux2-klein-9b", "FLUX.2 klein 9B", 1024, "flux2-klein-9b", settings=_flow(4, 1.0)),
    _qwen("qwen-image", "Qwen-Image", 1328, "qwen-image"),
    _qwen(
        "qwen-image-edit", "Qwen-Image-Edit", 1024, "qwen-image", "edit", settings=_flow(40, 4.0)
    ),
    _z_image("z-image", "Z-Image", 1024, "z-image", settings=_flow(50, 4.0)),
    _z_image("z-image-turbo", "Z-Image Turbo", 1024, "z-image", settings=_flow(9, 0.0)),
    _longcat("longcat-image", "LongCat-Image", 1024, "longcat-image"),
    _longcat("longcat-image-edit", "LongCat-Image-Edit", 1024, "longcat-image", "edit"),
    _qwen21("qwen-image-2.1", "Qwen-Image 2.1", 1024, "qwen-2.1", settings=_flow(40, 1.0)),
    _glm("glm-image", "GLM-Image", 1024, "glm-image", settings=_flow(50, 1.5)),
    _krea2("krea-2", "Krea 2 Raw", 1024, "krea-2", settings=_flow(28, 4.5)),
    _krea2("krea-2-turbo", "Krea 2 Turbo", 1024, "krea-2-turbo", settings=_flow(8, 0.0)),
    _sana("sana", "Sana", 1024, "sana", settings=_flow(20, 4.5)),
    _sana("sana-600m", "Sana 0.6B", 1024, "sana-600m", settings=_flow(20, 4.5)),
    _sana("sana-sprint", "Sana Sprint", 1024, "sana-sprint", settings=_flow(2, 4.5)),
    _sana("sana-sprint-600m", "Sana Sprint 0.6B", 1024, "sprint-600m", settings=_flow(2, 4.5)),
    _hidream("hidream-full", "HiDream-I1 Full", 1024, "hidream", settings=_noise(50, 5.0, "unipc")),
    _hidream("hidream-dev", "HiDream-I1 Dev", 1024, "hidream-dev", settings=_noise(28, 0.0, "lcm")),
    _hidream("hidream-fast", "HiDream-I1 Fast", 1024, "hidream", settings=_noise(16, 0.0, "lcm")),
    _lumina("lumina-image-2.0", "Lumina-Image 2.0", 1024, "lumina2", settings=_flow(50, 4.0)),
    _cogview("cogview4", "CogView4", 1024, "cogview4", settings=_flow(50, 3.5)),
    _hunyuan("hunyuan-image", "HunyuanImage 2.1", 2048, "hunyuan", settings=_flow(50, 3.5)),
    _hunyuan(
        *("hunyuan-image-distilled", "HunyuanImage 2.1 Distilled", 2048, "hunyuan-distilled"),
        settings=_flow(8, 3.25),
    ),
    _kandinsky5(
        *("kandinsky-5-image", "Kandinsky 5.0 Image Lite", 1024, "kandinsky-5-image"),
        settings=_flow(50, 3.5),
    ),
    _kandinsky5(
        *("kandinsky-5-image-edit", "Kandinsky 5.0 Image Lite editor", 1024, "kandinsky-5-edit"),
        "edit",
        settings=_flow(50, 3.5),
    ),
    _kandinsky("kandinsky-2.2-prior", "Kandinsky 2.2 prior", 512, "kandinsky-prior", "prior"),
    _kandinsky("kandinsky-2.2", "Kandinsky 2.2", 512, "kandinsky", "decoder"),
    _kandinsky("kandinsky-2.2-inpaint", "Kandinsky 2.2 Inpainting", 512, "inpaint", "inpaint"),
    _karlo("karlo", "Karlo", 256, "karlo", settings=_noise(25, 4.0, "ddpm")),
)

VARIANTS: Final = {variant.id: variant for variant in _ALL}
"""All of them by id."""

FAMILIES: Final = tuple(dict.fromkeys(variant.family for variant in _ALL))
"""The families that a model or adapter can be of."""
