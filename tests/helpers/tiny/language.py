"""Language models that read prompts, and their tokenizers with chat templates."""

from __future__ import annotations

from typing import Final, TypeVar

import torch
from tokenizers.processors import TemplateProcessing
from transformers import (
    Gemma2Config,
    Gemma2Model,
    GemmaTokenizer,
    GlmConfig,
    GlmModel,
    LlamaConfig,
    LlamaForCausalLM,
    Mistral3Config,
    Mistral3ForConditionalGeneration,
    PreTrainedTokenizerFast,
    Qwen2TokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
    Qwen3Model,
)

from tests.helpers.tiny.parts import WIDTH

SPECIAL: Final = (
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)

CHAT: Final = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

PARTS: Final = (
    "{% for message in messages %}[{{ message['role'] }}]"
    "{% for part in message['content'] %}{{ part['text'] }}{% endfor %}{% endfor %}"
)

SIZES: Final = {
    "hidden_size": WIDTH,
    "intermediate_size": WIDTH,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
}
"""Of a language model."""

Module = TypeVar("Module", bound=torch.nn.Module)


def attentive(module: Module, factor: float = 3.0) -> Module:
    """A module whose answers depend on all that it is told, to the eye.

    As they are made, those of a few channels hardly differ from one input to another, so that
    pixels would not tell whether they were given the right ones.
    """
    with torch.no_grad():
        for weights in module.parameters():
            weights.mul_(factor)
    return module.eval()


def byte_letters() -> list[str]:
    """The letters that stand for the 256 bytes in byte-level vocabularies, in their order."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [code for code in range(256) if code not in plain]
    return [chr(code) for code in plain] + [chr(256 + index) for index in range(len(others))]


def qwen_tokenizer() -> PreTrainedTokenizerFast:
    """Every byte is a token, and nothing is joined."""
    words = [*byte_letters(), "<|endoftext|>"]
    tokenizer = Qwen2TokenizerFast(
        vocab={word: index for index, word in enumerate(words)}, merges=[], model_max_length=2048
    )
    tokenizer.add_special_tokens({"additional_special_tokens": list(SPECIAL)})
    tokenizer.chat_template = CHAT
    return tokenizer


def qwen3_config(tokenizer: PreTrainedTokenizerFast, layers: int = 2) -> Qwen3Config:
    return Qwen3Config(
        vocab_size=len(tokenizer),
        **SIZES | {"num_hidden_layers": layers},
        head_dim=WIDTH // 2,
        max_position_embeddings=1024,
    )


def qwen3(tokenizer: PreTrainedTokenizerFast) -> Qwen3Model:
    """Qwen 3 without its head."""
    return Qwen3Model(qwen3_config(tokenizer)).eval()


def qwen3_with_head(tokenizer: PreTrainedTokenizerFast, layers: int) -> Qwen3ForCausalLM:
    """Qwen 3 as it is published."""
    return Qwen3ForCausalLM(qwen3_config(tokenizer, layers)).eval()


def mistral_tokenizer() -> PreTrainedTokenizerFast:
    """Every byte is a token; messages are made of parts."""
    tokenizer = qwen_tokenizer()
    tokenizer.chat_template = PARTS
    return tokenizer


def mistral3(tokenizer: PreTrainedTokenizerFast, layers: int) -> Mistral3ForConditionalGeneration:
    """Mistral Small, which sees."""
    text = {
        "model_type": "mistral",
        "vocab_size": len(tokenizer),
        **SIZES,
        "num_hidden_layers": layers,
        "head_dim": WIDTH // 2,
    }
    vision = {
        "model_type": "pixtral",
        "hidden_size": WIDTH,
        "intermediate_size": WIDTH,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 32,
        "patch_size": 16,
    }
    config = Mistral3Config(text_config=text, vision_config=vision, image_token_index=0)
    return attentive(Mistral3ForConditionalGeneration(config))


def gemma_tokenizer() -> PreTrainedTokenizerFast:
    """Every printable ASCII letter is a token."""
    words = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "\N{LOWER ONE EIGHTH BLOCK}"]
    words += [chr(code) for code in range(33, 127)]
    return GemmaTokenizer(
        vocab={word: index for index, word in enumerate(words)}, merges=[], model_max_length=4096
    )


def gemma2(tokenizer: PreTrainedTokenizerFast) -> Gemma2Model:
    """Gemma 2 without its head."""
    config = Gemma2Config(
        vocab_size=len(tokenizer),
        **SIZES,
        head_dim=WIDTH // 2,
        max_position_embeddings=4096,
    )
    return attentive(Gemma2Model(config))


def llama_tokenizer() -> PreTrainedTokenizerFast:
    """Every byte is a token; a text begins with one of its own."""
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=qwen_tokenizer().backend_tokenizer,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        model_max_length=2048,
    )
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<|im_start|> $A", special_tokens=[("<|im_start|>", tokenizer.bos_token_id)]
    )
    return tokenizer


def llama(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """Llama 3 as it is published."""
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        **SIZES,
        max_position_embeddings=2048,
    )
    return attentive(LlamaForCausalLM(config))


def glm(tokenizer: PreTrainedTokenizerFast) -> GlmModel:
    """GLM-4 without its head."""
    config = GlmConfig(
        vocab_size=len(tokenizer),
        **SIZES,
        head_dim=WIDTH // 2,
        max_position_embeddings=2048,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    return attentive(GlmModel(config))
