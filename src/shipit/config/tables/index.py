"""[tool.shipit.index]: where the package is published."""

from typing import Annotated, Literal

from msgspec import Meta

from shipit.config.tables.section import Section
from shipit.config.tables.values import Secret, Url, spell_paths


class Index(Section, frozen=True):
    """Where the package is published."""

    kind: Annotated[
        Literal["directory", "pypi", "testpypi", "url", "none"], Meta(description="what kind of index it is")
    ] = "directory"
    path: Annotated[
        str, Meta(description="directory: a PEP 503 tree, relative to the repository's top", min_length=1)
    ] = "dist/index"
    url: Annotated[Url | None, Meta(description="url: the upload address")] = None
    simple: Annotated[
        Url | None, Meta(description="url: the simple index, if it is not url + /simple/; devpi: url + /+simple/")
    ] = None
    username: Annotated[Secret | None, Meta(description="user name for uploads; `__token__` if left out")] = None
    password: Annotated[
        Secret | None, Meta(description="password or token; pypi without one uses trusted publishing")
    ] = None

    def __post_init__(self) -> None:
        spell_paths(self, "path")
