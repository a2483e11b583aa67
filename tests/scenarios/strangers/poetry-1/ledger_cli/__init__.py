__version__ = "3.2.0"


def answer() -> int:
    """The answer."""
    return 42
