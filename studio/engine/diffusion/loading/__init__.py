"""Models' files: whether they are whole, what is in them, and how they become modules."""
