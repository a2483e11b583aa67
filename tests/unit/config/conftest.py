"""A work tree that holds nothing but the configuration."""

from pathlib import Path

import pytest

from shipit.config import Config, Settings, load, read
from shipit.errors import UsageError

PROJECT = '[project]\nname = "acme"\nversion = "1.0.0"\n'


class Tree:
    """A folder that git would take for a work tree, and what shipit makes of the files in it."""

    def __init__(self, top: Path) -> None:
        self.top = top
        (top / ".git").mkdir()

    def write(self, pyproject: str | None = None, own: str | None = None, *, project: str = PROJECT) -> "Tree":
        if pyproject is not None:
            (self.top / "pyproject.toml").write_text(project + pyproject)
        if own is not None:
            (self.top / "shipit.toml").write_text(own)
        return self

    @property
    def config(self) -> Config:
        """What the short way makes of it, which is what the long one does."""
        top, config = load(self.top)
        assert (top, config) == (self.top, read(self.top).config)
        return config

    @property
    def settings(self) -> Settings:
        return read(self.top)

    @property
    def refusal(self) -> UsageError:
        with pytest.raises(UsageError) as caught:
            load(self.top)
        assert caught.value.exit_code == 2
        assert caught.value.hint
        return caught.value

    @property
    def mistakes(self) -> tuple[str, ...]:
        return self.refusal.evidence


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)
