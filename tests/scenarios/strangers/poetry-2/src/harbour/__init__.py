"""An answer."""


def answer() -> int:
    """The answer."""
    return 42
