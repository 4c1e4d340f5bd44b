"""The roles of a model's parts that the program knows by name.

`studio.generation.catalog_entries.Part` says what they are.
"""

from __future__ import annotations

from typing import Final

PIPELINE: Final = "pipeline"
CHECKPOINT: Final = "checkpoint"
TRANSFORMER: Final = "transformer"
"""A denoiser in the place of the pipeline's own."""
VAE: Final = "vae"
INPAINT: Final = "inpaint"
EDIT: Final = "edit"
REFINER: Final = "refiner"
REDUX: Final = "redux"
PRIOR: Final = "prior"
DECODER: Final = "decoder"
LLAMA: Final = "text_encoder_4"
"""As HiDream's pipelines call it, of which it is published apart."""
