"""What a builder must be given, and what it is: the ports of the images slice, from below."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from shipit.engine.plan import Problem, Say


class Image(Protocol):
    """What an image is built from; paths are relative to the order's `tree`."""

    @property
    def key(self) -> str: ...

    @property
    def host(self) -> str: ...

    @property
    def file(self) -> str: ...

    @property
    def context(self) -> str: ...

    @property
    def target(self) -> str | None: ...

    @property
    def platforms(self) -> tuple[str, ...]: ...

    @property
    def build_args(self) -> Mapping[str, str]: ...


class Order(Protocol):
    """An image under its full name, with the folder that it is built from."""

    @property
    def image(self) -> Image: ...

    @property
    def name(self) -> str: ...

    @property
    def tree(self) -> Path: ...

    @property
    def labels(self) -> Mapping[str, str]: ...


class Builder(Protocol):
    """A program that builds and pushes; shipit.images.ports says what each method means."""

    @property
    def name(self) -> str: ...

    def problems(self, images: Sequence[Image]) -> Sequence[Problem]: ...

    def labels(self, name: str) -> Mapping[str, str] | None: ...

    def build(self, order: Order, say: Say) -> None: ...

    def push(self, order: Order, say: Say) -> str: ...
