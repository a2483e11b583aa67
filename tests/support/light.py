"""The light commands in this process: a repository of its own, and what the command line says of it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from shipit.cli import main
from shipit.errors import Stop
from tests.support.repository import Repository

PYPROJECT = """[project]
name = "tool"
version = "1.0.0"

[tool.shipit.forge]
repository = "acme/tool"
"""


class Clone(Repository):
    """Version 1.0.0 is tagged. Whoever makes one stands in it."""

    def __init__(self, top: Path) -> None:
        super().__init__(top)
        self.write("pyproject.toml", PYPROJECT)
        self.change("feat: start", tag="v1.0.0")

    def write(self, path: str, text: str) -> Path:
        made = self.top / path
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(text, encoding="utf-8", newline="")
        return made

    def read(self, path: str) -> str:
        return (self.top / path).read_bytes().decode()

    def configure(self, *lines: str) -> None:
        """Say this in [tool.shipit], besides what is said already."""
        self.write("pyproject.toml", PYPROJECT + "\n[tool.shipit]\n" + "\n".join(lines) + "\n")

    def change(self, message: str, tag: str = "") -> str:
        """Commit all files as they are."""
        self.git("add", "--all")
        return self.commit(message, tag)

    def shipit(self, *words: str) -> Result:
        """What the command line says; it must end well."""
        result = CliRunner().invoke(main.app, words, prog_name="shipit", catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result

    def data(self, *words: str) -> Any:
        return json.loads(self.shipit(*words, "--json").stdout)

    def stops(self, kind: type[Stop], words: Sequence[str]) -> Stop:
        """How the command line ends with this kind of stop."""
        with pytest.raises(kind) as caught:
            CliRunner().invoke(main.app, words, prog_name="shipit", catch_exceptions=False)
        return caught.value
