"""Learned networks that take pictures to a larger size, and how they are run."""
