__version__ = "2.3.1"


def answer() -> int:
    """The answer."""
    return 42
