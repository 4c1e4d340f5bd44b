"""How far a text encoder reads."""

from __future__ import annotations

from typing import Any


def unread_end(tokenizer: Any, framed: str, prompt: str, limit: int, *, closing: int = 0) -> str:
    """The end of a prompt that lies beyond a tokenizer's reach.

    Args:
        tokenizer: a fast one, which knows where its tokens lie in the text.
        framed: what is given to it, the prompt somewhere in it.
        prompt: as it stands there.
        limit: tokens that are read, those that the tokenizer adds included.
        closing: how many of those it adds at the end.

    Returns:
        What is not read; empty where all of it is, or where the frame has changed the prompt.
    """
    answer = tokenizer(framed, return_offsets_mapping=True, verbose=False)
    if len(answer.input_ids) <= limit:
        return ""
    cut, start = answer.offset_mapping[limit - closing][0], framed.rfind(prompt)
    return framed[max(cut, start) : start + len(prompt)] if start >= 0 else ""


def unread_in_template(pipeline: Any, prompt: str) -> str:
    """The same of a stock pipeline that puts prompts into a template.

    Args:
        pipeline: counts its limit from behind the template's beginning.
        prompt: as the person wrote it.
    """
    framed = pipeline.prompt_template_encode.format(prompt)
    limit = pipeline.tokenizer_max_length + pipeline.prompt_template_encode_start_idx
    return unread_end(pipeline.tokenizer, framed, prompt, limit)


def beyond(tokenizer: Any, text: str, limit: int) -> str:
    """The same of a text that stands by itself, behind which the tokenizer puts one token.

    Args:
        tokenizer: a fast one.
        text: of any length.
        limit: tokens that are read, the one at the end included.
    """
    return unread_end(tokenizer, text, text, limit, closing=1)
