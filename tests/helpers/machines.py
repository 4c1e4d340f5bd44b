"""The machines that tests compute on."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import torch

from studio.engine.diffusion.device.machine import Machine

CPU: Final = Machine(torch.device("cpu"), torch.float32, "CPU")
HALF: Final = replace(CPU, dtype=torch.bfloat16)
