"""What models are told: how words are read, made into image embeddings, and pictures shown."""
