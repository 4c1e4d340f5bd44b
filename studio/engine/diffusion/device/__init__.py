"""What there is to compute with, and how models are fitted into its memory and made fast on it."""
