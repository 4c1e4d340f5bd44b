"""Qwen-Image and two Qwen-Image-Edits with random weights; all have the same encoders."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from diffusers import (
    AutoencoderKLQwenImage,
    FlowMatchEulerDiscreteScheduler,
    QwenImageEditPipeline,
    QwenImageEditPlusPipeline,
    QwenImagePipeline,
    QwenImageTransformer2DModel,
)
from transformers import (
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2VLImageProcessorPil,
    Qwen2VLProcessor,
)

from tests.helpers.tiny.language import CHAT, attentive, qwen_tokenizer
from tests.helpers.tiny.parts import PAINTING, seed_weights, table

CHANNELS = 4
WIDTH = 16


def save(folder: Path) -> str:
    """Writes ``tiny-qwen``, and two that only edit: ``tiny-qwen-edit``, ``tiny-qwen-edit-plus``."""
    seed_weights(13)
    shared = encoders()
    painter = QwenImagePipeline(**shared, transformer=transformer())
    painter.save_pretrained(folder / "painter")
    for name, kind in editors().items():
        processor = stock_processor(shared["tokenizer"])
        editor = kind(**shared, transformer=transformer(), processor=processor)
        editor.save_pretrained(folder / name)
    painting = {"pipeline": folder / "painter", "edit": folder / "edit-plus"}
    return _table("tiny-qwen", (*PAINTING, "edit"), painting) + "".join(
        _table(f"tiny-qwen-{name}", ("edit",), {"edit": folder / name}) for name in editors()
    )


def editors() -> dict[str, Any]:
    """The pipelines that edit, by the ends of their models' ids."""
    return {"edit": QwenImageEditPipeline, "edit-plus": QwenImageEditPlusPipeline}


def encoders() -> dict[str, Any]:
    """All parts but the transformer."""
    tokenizer = qwen_tokenizer()
    return {
        "scheduler": FlowMatchEulerDiscreteScheduler(
            base_image_seq_len=256,
            max_image_seq_len=8192,
            base_shift=0.5,
            max_shift=0.9,
            shift_terminal=0.02,
            use_dynamic_shifting=True,
        ),
        "vae": autoencoder(),
        "text_encoder": vision_language_model(tokenizer),
        "tokenizer": tokenizer,
    }


def autoencoder() -> AutoencoderKLQwenImage:
    """Its latents have means and deviations of their own."""
    vae = AutoencoderKLQwenImage(
        base_dim=8,
        z_dim=CHANNELS,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        temperal_downsample=[False, True, True],
        latents_mean=[0.1, -0.2, 0.3, 0.0],
        latents_std=[0.5, 0.8, 1.0, 1.2],
    )
    attentive(vae.encoder)
    return vae.eval()


def transformer() -> QwenImageTransformer2DModel:
    return attentive(
        QwenImageTransformer2DModel(
            patch_size=2,
            in_channels=4 * CHANNELS,
            out_channels=CHANNELS,
            num_layers=2,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=WIDTH,
            axes_dims_rope=(8, 4, 4),
        )
    )


def vision_language_model(tokenizer: Any) -> Qwen2_5_VLForConditionalGeneration:
    """Qwen 2.5 VL."""
    rope = {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 1000000.0}
    ids = tokenizer.convert_tokens_to_ids
    config = Qwen2_5_VLConfig(
        text_config={
            "hidden_size": WIDTH,
            "intermediate_size": WIDTH,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 2,
            "rope_parameters": rope,
            "vocab_size": len(tokenizer),
            "max_position_embeddings": 4096,
            "bos_token_id": None,
            "eos_token_id": None,
        },
        vision_config={
            "depth": 2,
            "hidden_size": WIDTH,
            "intermediate_size": WIDTH,
            "num_heads": 2,
            "out_hidden_size": WIDTH,
        },
        vision_start_token_id=ids("<|vision_start|>"),
        vision_end_token_id=ids("<|vision_end|>"),
        image_token_id=ids("<|image_pad|>"),
        video_token_id=ids("<|video_pad|>"),
    )
    return attentive(Qwen2_5_VLForConditionalGeneration(config))


def picture_processor() -> Qwen2VLImageProcessorPil:
    return Qwen2VLImageProcessorPil(size={"shortest_edge": 28 * 28, "longest_edge": 56 * 56})


def stock_processor(tokenizer: Any) -> Qwen2VLProcessor:
    """The one that is published.

    It saves what it knows of pictures; its tokenizer is the pipeline's.
    """
    pictures = picture_processor()
    processor = filled_by_hand(Qwen2VLProcessor, tokenizer, pictures, CHAT)
    processor.save_pretrained = pictures.save_pretrained
    return processor


def filled_by_hand(kind: Any, tokenizer: Any, pictures: Any, template: str) -> Any:
    """A processor of pictures and texts, which without torchvision cannot be made."""
    processor = kind.__new__(kind)
    processor.image_processor, processor.tokenizer = pictures, tokenizer
    processor.video_processor, processor.chat_template = None, template
    processor.image_token, processor.video_token = "<|image_pad|>", "<|video_pad|>"
    processor.image_token_id = tokenizer.convert_tokens_to_ids("<|image_pad|>")
    processor.video_token_id = tokenizer.convert_tokens_to_ids("<|video_pad|>")
    return processor


def _table(model_id: str, tasks: tuple[str, ...], parts: Mapping[str, Path]) -> str:
    return table(model_id, "qwen_image", tasks, parts, grid=32, guidance=2.0, scheduler="flow")
