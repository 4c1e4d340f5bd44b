"""The starter's parts, all stock classes in the shapes that Kandinsky 2.2's pipelines expect."""

from __future__ import annotations

from dataclasses import dataclass

from diffusers import DDIMScheduler, PriorTransformer, UNet2DConditionModel, VQModel
from diffusers.schedulers import UnCLIPScheduler
from transformers import (
    CLIPImageProcessor,
    CLIPTextConfig,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)

from studio.training.space import WIDTH

LATENT_CHANNELS = 12
"""Channels of the latents."""

GRID = 16
"""Side of the latents that the decoder is trained on; one cell is 8 pixels."""

TEXT_LENGTH = 32
"""Tokens in an encoded prompt, start and end included."""

IMAGE_SIDE = 128
"""Width and height of the pictures that the image tower reads, in pixels."""

PATCH = 16
"""Side of the image tower's patches, in pixels."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the trained parts are; small ones make the smoke run quick."""

    decoder_widths: tuple[int, ...] = (64, 64, 128)
    head_width: int = 32
    context_width: int = 64
    text_layers: int = 2
    prior_layers: int = 3
    image_width: int = 128
    image_layers: int = 6


SMOKE_SIZES = Sizes(
    decoder_widths=(32, 32),
    text_layers=1,
    prior_layers=1,
    image_width=32,
    image_layers=1,
)


def build_autoencoder() -> VQModel:
    """The autoencoder: 8 by 8 pixels to :data:`LATENT_CHANNELS` numbers and back."""
    return VQModel(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(16, 32, 64, 64),
        layers_per_block=1,
        latent_channels=LATENT_CHANNELS,
        sample_size=128,
        num_vq_embeddings=16,
        norm_num_groups=4,
        vq_embed_dim=LATENT_CHANNELS,
        scaling_factor=1.0,
        norm_type="group",
        mid_block_add_attention=False,
    )


def build_decoder(sizes: Sizes, *, inpaint: bool) -> UNet2DConditionModel:
    """The denoiser; for inpainting it also reads the kept latents and where they are kept.

    Its output has twice the latents' channels because the pipelines split it when guidance is on
    and drop the second half, which is therefore never trained.
    """
    levels = len(sizes.decoder_widths)
    return UNet2DConditionModel(
        sample_size=GRID,
        in_channels=2 * LATENT_CHANNELS + 1 if inpaint else LATENT_CHANNELS,
        out_channels=2 * LATENT_CHANNELS,
        act_fn="silu",
        down_block_types=(
            "ResnetDownsampleBlock2D",
            *("SimpleCrossAttnDownBlock2D",) * (levels - 1),
        ),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        up_block_types=("SimpleCrossAttnUpBlock2D",) * (levels - 1) + ("ResnetUpsampleBlock2D",),
        block_out_channels=sizes.decoder_widths,
        layers_per_block=1,
        attention_head_dim=sizes.head_width,
        norm_num_groups=16,
        resnet_time_scale_shift="scale_shift",
        cross_attention_dim=sizes.context_width,
        encoder_hid_dim=WIDTH,
        encoder_hid_dim_type="image_proj",
        addition_embed_type="image",
    )


def build_text_tower(sizes: Sizes, tokenizer: CLIPTokenizer) -> CLIPTextModelWithProjection:
    """CLIP's text encoder; its hidden size is the embedding's width, as the prior expects."""
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=4 * WIDTH,
        projection_dim=WIDTH,
        num_hidden_layers=sizes.text_layers,
        num_attention_heads=WIDTH // 32,
        max_position_embeddings=TEXT_LENGTH,
        hidden_act="quick_gelu",
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return CLIPTextModelWithProjection(config)


def build_image_tower(sizes: Sizes) -> CLIPVisionModelWithProjection:
    """CLIP's image encoder, a small vision transformer."""
    config = CLIPVisionConfig(
        hidden_size=sizes.image_width,
        intermediate_size=4 * sizes.image_width,
        projection_dim=WIDTH,
        num_hidden_layers=sizes.image_layers,
        num_attention_heads=sizes.image_width // 32,
        image_size=IMAGE_SIDE,
        patch_size=PATCH,
        hidden_act="quick_gelu",
    )
    return CLIPVisionModelWithProjection(config)


def build_image_processor() -> CLIPImageProcessor:
    """Resizes and normalises pictures for the image tower."""
    side = {"height": IMAGE_SIDE, "width": IMAGE_SIDE}
    return CLIPImageProcessor(size={"shortest_edge": IMAGE_SIDE}, crop_size=side)


def build_prior(sizes: Sizes) -> PriorTransformer:
    """The prior: from a prompt to an image embedding (Ramesh et al. 2022, unCLIP)."""
    return PriorTransformer(
        num_attention_heads=WIDTH // 32,
        attention_head_dim=32,
        num_layers=sizes.prior_layers,
        embedding_dim=WIDTH,
        num_embeddings=TEXT_LENGTH,
        additional_embeddings=4,
    )


def build_prior_scheduler() -> UnCLIPScheduler:
    """The prior's noise schedule: it predicts the embedding itself."""
    return UnCLIPScheduler(
        num_train_timesteps=1000,
        variance_type="fixed_small_log",
        clip_sample=True,
        clip_sample_range=5.0,
        prediction_type="sample",
    )


def build_decoder_scheduler() -> DDIMScheduler:
    """The decoder's noise schedule: velocity prediction down to pure noise.

    Rescaled so that the last step holds no trace of the picture (Lin et al. 2023): otherwise very
    bright and very dark pictures come out too grey.
    """
    return DDIMScheduler(
        num_train_timesteps=1000,
        beta_schedule="linear",
        beta_start=0.00085,
        beta_end=0.012,
        clip_sample=False,
        set_alpha_to_one=True,
        prediction_type="v_prediction",
        timestep_spacing="trailing",
        rescale_betas_zero_snr=True,
    )
