"""`shipit changelog adopt`, as people run it."""

from pathlib import Path

import pytest

from shipit.changelog.insertion import MARKER
from tests.scenarios.test_light_commands import Shell, shell

__all__ = ["shell"]


@pytest.fixture
def log(shell: Shell) -> Path:
    return shell.top / "CHANGELOG.md"


def test_a_file_is_adopted_once_and_takes_the_next_version(shell: Shell, log: Path) -> None:
    log.write_text("# History\n\nHow we work.\n\n## Epoch of the ancients\n\n- began\n\n## Thanks\n")
    shell.commit("feat: y")
    assert shell.shipit("changelog", "--write").code == 4
    first = shell.shipit("changelog", "adopt")
    assert (first.code, first.out) == (0, "")
    assert f"which go to CHANGELOG.md:6: {MARKER}" in first.err
    adopted = log.read_text()
    assert (
        adopted.replace(f"{MARKER}\n\n", "")
        == "# History\n\nHow we work.\n\n## Epoch of the ancients\n\n- began\n\n## Thanks\n"
    )
    assert "nothing to do: new versions go to CHANGELOG.md:6" in shell.shipit("changelog", "adopt").err
    assert log.read_text() == adopted
    assert shell.shipit("changelog", "--write").code == 0
    assert log.read_text().startswith(f"# History\n\nHow we work.\n\n{MARKER}\n\n## [1.1.0]")


def test_without_a_file_it_says_what_makes_one(shell: Shell, log: Path) -> None:
    log.unlink()
    ran = shell.shipit("changelog", "adopt")
    assert ran.code == 4
    assert "there is no CHANGELOG.md to adopt" in ran.err
    assert "shipit changelog --all --write" in ran.err
