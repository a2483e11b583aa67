"""shipit is a command; this package exports nothing but its version."""


def __getattr__(name: str) -> str:
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 - 20 ms that only --version pays

        return version("shipit-release")
    raise AttributeError(name)
