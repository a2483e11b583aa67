__version__ = "0.6.1"


def answer() -> int:
    """The answer."""
    return 42
