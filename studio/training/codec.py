"""A linear picture codec, exact and untrained, written into the stock autoencoder.

Each block of 8 by 8 pixels becomes its first principal components. That is a convolution with
stride 8, so latents of the whole pool exist after seconds; and it can be written into the weights
of diffusers' ``VQModel`` encoder, whose decoder is then trained to undo it better than linearly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
import torch
from diffusers import VQModel
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

BLOCK = 8
"""Side of a block, in pixels."""

_COLOUR_CHANNELS = 3
_DETAIL_SCALE = 0.3  # the finer components are mostly silence: noise should drown them first
_ENCODER_RANK = 32  # channels that carry a 4 by 4 block between the encoder's second and third step
_STEADY = 30.0  # a constant beside the signal, so large that group norms divide by it alone


@dataclass(frozen=True, slots=True)
class BlockCodec:
    """Principal components of 8 by 8 blocks.

    ``weight`` has shape ``(192, channels)``, its rows ordered by pixel row, column and colour;
    ``bias`` shape ``(channels,)``. A block of pixels in -1 to 1, flattened, times ``weight`` plus
    ``bias`` is its latent: the first three (mean colours) have unit variance, the others
    ``0.3`` squared. ``mean_colour`` of shape ``(channels, 3)`` and ``mean_bias`` of shape ``(3,)``
    lead back from a latent to the block's mean colour.
    """

    weight: Tensor
    bias: Tensor
    mean_colour: Tensor
    mean_bias: Tensor

    def encode(self, pictures: Tensor) -> Tensor:
        """Latents, ``(n, channels, h / 8, w / 8)``, of pictures ``(n, 3, h, w)`` in -1 to 1."""
        kernel = self.weight.T.reshape(-1, BLOCK, BLOCK, 3).permute(0, 3, 1, 2)
        return functional.conv2d(pictures, kernel, self.bias, stride=BLOCK)


def to_unit(pictures: NDArray[np.uint8]) -> Tensor:
    """uint8 pictures ``(n, h, w, 3)`` as floats ``(n, 3, h, w)`` in -1 to 1."""
    return torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


def fit_codec(pictures: NDArray[np.uint8], channels: int) -> BlockCodec:
    """Fits the components to uint8 pictures of shape ``(n, h, w, 3)``."""
    blocks = _blocks(to_unit(pictures))
    mean = blocks.mean(dim=0)
    covariance = (blocks - mean).T @ (blocks - mean) / len(blocks)
    variances, vectors = torch.linalg.eigh(covariance)
    basis = vectors.flip(1)[:, :channels]
    deviations = variances.flip(0)[:channels].sqrt()
    scale = torch.full((channels,), _DETAIL_SCALE)
    scale[:_COLOUR_CHANNELS] = 1
    weight = _limit_rank(basis / deviations * scale)
    inverse = basis * (deviations / scale)
    return BlockCodec(
        weight=weight,
        bias=-(mean @ weight),
        mean_colour=inverse.reshape(BLOCK * BLOCK, 3, channels).mean(dim=0).T,
        mean_bias=mean.reshape(BLOCK * BLOCK, 3).mean(dim=0),
    )


def _blocks(pictures: Tensor) -> Tensor:
    """Every 8 by 8 block as a row of 192 numbers: pixel row, column, colour."""
    n, c, h, w = pictures.shape
    blocks = pictures.reshape(n, c, h // BLOCK, BLOCK, w // BLOCK, BLOCK)
    return blocks.permute(0, 2, 4, 3, 5, 1).reshape(-1, BLOCK * BLOCK * c)


def _quadrants(weight: Tensor) -> Tensor:
    """The weight as ``(4, 48, channels)``: the block's four 4 by 4 quadrants."""
    channels = weight.shape[1]
    parts = weight.reshape(2, 4, 2, 4, 3, channels).permute(0, 2, 1, 3, 4, 5)
    return parts.reshape(4, 48, channels)


def _quadrant_basis(weight: Tensor) -> Tensor:
    """The directions, ``(48, rank)``, of a 4 by 4 block that matter most to the weight."""
    quadrants = _quadrants(weight)
    directions = quadrants.permute(1, 0, 2).reshape(48, -1)
    basis: Tensor = torch.linalg.svd(directions, full_matrices=False)[0]
    return basis[:, :_ENCODER_RANK]


def _limit_rank(weight: Tensor) -> Tensor:
    """The nearest weight that fits through the encoder's channels."""
    basis = _quadrant_basis(weight)
    limited = torch.einsum("ij,kj,qkc->qic", basis, basis, _quadrants(weight))
    channels = weight.shape[1]
    parts = limited.reshape(2, 2, 4, 4, 3, channels).permute(0, 2, 1, 3, 4, 5)
    return parts.reshape(BLOCK * BLOCK * 3, channels)


def write_encoder(autoencoder: VQModel, codec: BlockCodec) -> None:
    """Sets the encoder's weights so that it computes ``codec`` to within rounding."""
    encoder = autoencoder.encoder
    with torch.no_grad():
        _pass_residuals_through(encoder)
        _clear(encoder.conv_in)
        for colour in range(3):
            encoder.conv_in.weight[colour, colour, 1, 1] = 1
        first, second, third = (block.downsamplers[0].conv for block in encoder.down_blocks[:3])
        basis = _quadrant_basis(codec.weight)
        _gather_pixels(first)
        _gather_quadrant(second, basis)
        _gather_block(third, codec, basis)
        _read_signed_pairs(encoder, codec)
        for convolution in (autoencoder.quant_conv, autoencoder.post_quant_conv):
            _clear(convolution)
            convolution.weight[:, :, 0, 0] = torch.eye(convolution.weight.shape[0])


def _gather_pixels(convolution: nn.Conv2d) -> None:
    """Two by two pixels side by side in 12 channels."""
    _clear(convolution)
    for y in range(2):
        for x in range(2):
            for colour in range(3):
                convolution.weight[(y * 2 + x) * 3 + colour, colour, y, x] = 1


def _gather_quadrant(convolution: nn.Conv2d, basis: Tensor) -> None:
    """A 4 by 4 block in the coordinates of ``basis``."""
    _clear(convolution)
    for pixel_y in range(4):
        for pixel_x in range(4):
            source = (pixel_y % 2 * 2 + pixel_x % 2) * 3
            row = (pixel_y * 4 + pixel_x) * 3
            target = convolution.weight[:_ENCODER_RANK, source : source + 3]
            target[:, :, pixel_y // 2, pixel_x // 2] = basis[row : row + 3].T


def _pair(channel: int, channels: int, groups: int, width: int) -> int:
    """Where the positive copy of a latent channel rides; its negative copy is next to it."""
    per_group = channels // groups
    return channel // per_group * (width // groups) + 2 * (channel % per_group)


def _gather_block(convolution: nn.Conv2d, codec: BlockCodec, basis: Tensor) -> None:
    """Each latent channel and its negative, beside two large constants in every norm group."""
    _clear(convolution)
    bias = cast(Tensor, convolution.bias)
    channels, groups, width = codec.weight.shape[1], 4, convolution.out_channels
    inner = torch.einsum("ij,qic->qjc", basis, _quadrants(codec.weight))
    for channel in range(channels):
        at = _pair(channel, channels, groups, width)
        for quadrant in range(4):
            taps = convolution.weight[at : at + 2, :_ENCODER_RANK, quadrant // 2, quadrant % 2]
            taps[0], taps[1] = inner[quadrant, :, channel], -inner[quadrant, :, channel]
        bias[at], bias[at + 1] = codec.bias[channel], -codec.bias[channel]
    for group in range(groups):
        end = (group + 1) * (width // groups)
        bias[end - 2], bias[end - 1] = _STEADY, -_STEADY


def _read_signed_pairs(encoder: nn.Module, codec: BlockCodec) -> None:
    """Reads the latents back: ``silu(z) - silu(-z)`` is ``z``."""
    norm, out = cast(nn.GroupNorm, encoder.conv_norm_out), cast(nn.Conv2d, encoder.conv_out)
    channels, groups = codec.weight.shape[1], norm.num_groups
    group_width = norm.num_channels // groups
    norm.weight.fill_(_STEADY * (2 / group_width) ** 0.5)
    norm.bias.zero_()
    _clear(out)
    for channel in range(channels):
        at = _pair(channel, channels, groups, norm.num_channels)
        out.weight[channel, at, 1, 1] = 1
        out.weight[channel, at + 1, 1, 1] = -1


def start_decoder(autoencoder: VQModel, codec: BlockCodec) -> None:
    """Sets the decoder's weights so that, before training, it paints each block's mean colour."""
    carried, steady = 12, 4.0
    decoder = autoencoder.decoder
    with torch.no_grad():
        _pass_residuals_through(decoder)
        for block in decoder.up_blocks[:3]:
            convolution = block.upsamplers[0].conv
            convolution.weight[:carried] = 0
            convolution.bias[:carried] = 0
            for channel in range(carried):
                convolution.weight[channel, channel, 1, 1] = 1
        entry = decoder.conv_in
        entry.weight[:carried] = 0
        for colour in range(3):
            at, towards = 4 * colour, codec.mean_colour[:, colour]
            entry.weight[at, :, 1, 1], entry.weight[at + 1, :, 1, 1] = towards, -towards
            mean = float(codec.mean_bias[colour])
            entry.bias[at : at + 4] = torch.tensor([mean, -mean, steady, -steady])
        norm = decoder.conv_norm_out
        group_width = norm.num_channels // norm.num_groups
        norm.weight[:carried] = ((2 * steady**2 + 0.8) / group_width) ** 0.5
        _clear(decoder.conv_out)
        for colour in range(3):
            decoder.conv_out.weight[colour, 4 * colour, 1, 1] = 1
            decoder.conv_out.weight[colour, 4 * colour + 1, 1, 1] = -1


def _pass_residuals_through(module: nn.Module) -> None:
    """Silences the residual blocks: their second convolution gives nothing, shortcuts copy."""
    for block in module.modules():
        if type(block).__name__ != "ResnetBlock2D":
            continue
        residual = cast(_ResidualBlock, block)
        _clear(residual.conv2)
        if residual.conv_shortcut is not None:
            _clear(residual.conv_shortcut)
            weight = residual.conv_shortcut.weight
            shared = min(weight.shape[:2])
            weight[:shared, :shared, 0, 0] = torch.eye(shared)


def _clear(convolution: nn.Conv2d) -> None:
    convolution.weight.zero_()
    if convolution.bias is not None:
        convolution.bias.zero_()


class _ResidualBlock(Protocol):
    """What is used here of diffusers' ``ResnetBlock2D``."""

    conv2: nn.Conv2d
    conv_shortcut: nn.Conv2d | None
