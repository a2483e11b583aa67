__version__ = "2.5.0"


def answer() -> int:
    """The answer."""
    return 42
