"""What the next version depends on besides history: the keys of [tool.shipit.version] that are read here."""

from typing import Protocol


class Policy(Protocol):
    """The part of the configuration that decides; config.Versioning plays it."""

    @property
    def tag_format(self) -> str: ...

    @property
    def initial(self) -> str: ...

    @property
    def major_on_zero(self) -> bool: ...

    @property
    def commit_style(self) -> str: ...

    @property
    def squash_bodies(self) -> bool: ...

    @property
    def minor_types(self) -> tuple[str, ...]: ...

    @property
    def patch_types(self) -> tuple[str, ...]: ...
