"""diffusers' pipeline classes: which family each is run by, and in which role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from studio.models.detection.variants import Role


@dataclass(frozen=True)
class PipelineClass:
    """What a folder of a pipeline's class is.

    Attributes:
        family: a module of studio/engine/diffusion/families.
        role: of the folder in a model.
        variant: where the denoiser's shapes do not tell or do not matter; else the usual one.
        apart: parts that its index names and that may lie elsewhere.
    """

    family: str
    role: Role
    variant: str
    apart: tuple[str, ...] = ()


_SD: Final = PipelineClass("stable_diffusion", "pipeline", "sd-1")
_XL: Final = PipelineClass("stable_diffusion_xl", "pipeline", "sdxl")
_SD3: Final = PipelineClass("stable_diffusion_3", "pipeline", "sd-3-medium")
_FLUX: Final = PipelineClass("flux", "pipeline", "flux-dev")
_KONTEXT: Final = PipelineClass("flux", "edit", "flux-kontext")
_CHROMA: Final = PipelineClass("chroma", "pipeline", "chroma-hd")
_KLEIN: Final = PipelineClass("flux2", "pipeline", "flux2-klein-4b")
_QWEN: Final = PipelineClass("qwen_image", "pipeline", "qwen-image")
_QWEN_EDIT: Final = PipelineClass("qwen_image", "edit", "qwen-image-edit")
_Z_IMAGE: Final = PipelineClass("z_image", "pipeline", "z-image")
_SPRINT: Final = PipelineClass("sana", "pipeline", "sana-sprint")
_HIDREAM: Final = PipelineClass(
    "hidream", "pipeline", "hidream-full", apart=("text_encoder_4", "tokenizer_4")
)
_PRIOR: Final = PipelineClass("kandinsky22", "prior", "kandinsky-2.2-prior")
_DECODER: Final = PipelineClass("kandinsky22", "decoder", "kandinsky-2.2")
_UNCLIP: Final = PipelineClass("stable_unclip", "pipeline", "stable-unclip-h")
_KARLO: Final = PipelineClass("karlo", "pipeline", "karlo")

PIPELINES: Final = {
    "StableDiffusionPipeline": _SD,
    "StableDiffusionImg2ImgPipeline": _SD,
    "StableDiffusionInpaintPipeline": PipelineClass("stable_diffusion", "inpaint", "sd-1-inpaint"),
    "StableDiffusionInstructPix2PixPipeline": PipelineClass(
        "stable_diffusion", "edit", "sd-1-edit"
    ),
    "StableDiffusionXLPipeline": _XL,
    "StableDiffusionXLImg2ImgPipeline": _XL,
    "StableDiffusionXLInpaintPipeline": PipelineClass(
        "stable_diffusion_xl", "inpaint", "sdxl-inpaint"
    ),
    "StableDiffusionXLInstructPix2PixPipeline": PipelineClass(
        "stable_diffusion_xl", "edit", "sdxl-edit"
    ),
    "StableDiffusion3Pipeline": _SD3,
    "StableDiffusion3Img2ImgPipeline": _SD3,
    "StableDiffusion3InpaintPipeline": _SD3,
    "FluxPipeline": _FLUX,
    "FluxImg2ImgPipeline": _FLUX,
    "FluxInpaintPipeline": _FLUX,
    "FluxFillPipeline": PipelineClass("flux", "inpaint", "flux-fill"),
    "FluxKontextPipeline": _KONTEXT,
    "FluxKontextInpaintPipeline": _KONTEXT,
    "FluxPriorReduxPipeline": PipelineClass("flux", "redux", "flux-redux"),
    "ChromaPipeline": _CHROMA,
    "ChromaImg2ImgPipeline": _CHROMA,
    "ChromaInpaintPipeline": _CHROMA,
    "Flux2Pipeline": PipelineClass("flux2", "pipeline", "flux2-dev"),
    "Flux2KleinPipeline": _KLEIN,
    "Flux2KleinInpaintPipeline": _KLEIN,
    "QwenImagePipeline": _QWEN,
    "QwenImageImg2ImgPipeline": _QWEN,
    "QwenImageInpaintPipeline": _QWEN,
    "QwenImageEditPipeline": _QWEN_EDIT,
    "QwenImageEditInpaintPipeline": _QWEN_EDIT,
    "QwenImageEditPlusPipeline": _QWEN_EDIT,
    "QwenImage21Pipeline": PipelineClass("qwen_image_21", "pipeline", "qwen-image-2.1"),
    "ZImagePipeline": _Z_IMAGE,
    "ZImageImg2ImgPipeline": _Z_IMAGE,
    "ZImageInpaintPipeline": _Z_IMAGE,
    "LongCatImagePipeline": PipelineClass("longcat_image", "pipeline", "longcat-image"),
    "LongCatImageEditPipeline": PipelineClass("longcat_image", "edit", "longcat-image-edit"),
    "GlmImagePipeline": PipelineClass("glm_image", "pipeline", "glm-image"),
    "Krea2Pipeline": PipelineClass("krea2", "pipeline", "krea-2"),
    "SanaPipeline": PipelineClass("sana", "pipeline", "sana"),
    "SanaSprintPipeline": _SPRINT,
    "SanaSprintImg2ImgPipeline": _SPRINT,
    "HiDreamImagePipeline": _HIDREAM,
    "HunyuanImagePipeline": PipelineClass("hunyuan_image", "pipeline", "hunyuan-image"),
    "Lumina2Pipeline": PipelineClass("lumina2", "pipeline", "lumina-image-2.0"),
    "CogView4Pipeline": PipelineClass("cogview4", "pipeline", "cogview4"),
    "OvisImagePipeline": PipelineClass("ovis_image", "pipeline", "ovis-image"),
    "Kandinsky5T2IPipeline": PipelineClass("kandinsky5", "pipeline", "kandinsky-5-image"),
    "Kandinsky5I2IPipeline": PipelineClass("kandinsky5", "edit", "kandinsky-5-image-edit"),
    "KandinskyV22PriorPipeline": _PRIOR,
    "KandinskyV22PriorEmb2EmbPipeline": _PRIOR,
    "KandinskyV22Pipeline": _DECODER,
    "KandinskyV22Img2ImgPipeline": _DECODER,
    "KandinskyV22InpaintPipeline": PipelineClass("kandinsky22", "inpaint", "kandinsky-2.2-inpaint"),
    "UnCLIPPipeline": _KARLO,
    "UnCLIPImageVariationPipeline": _KARLO,
    "StableUnCLIPPipeline": _UNCLIP,
    "StableUnCLIPImg2ImgPipeline": _UNCLIP,
}
"""By the name that ``model_index.json`` gives."""
