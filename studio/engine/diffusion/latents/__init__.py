"""Pictures as latents and back: autoencoders, tiles, tokens, and previews on the way."""
