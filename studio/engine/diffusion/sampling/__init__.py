"""From noise to latents: the denoising loop, its schedulers, and who is denoised together."""
