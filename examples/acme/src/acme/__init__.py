"""Notes for language models, and a webhook that remembers what happened."""

__version__ = "1.0.0"
