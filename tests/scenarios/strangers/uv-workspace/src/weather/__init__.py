"""The weather."""


def main() -> None:
    """Say it."""
