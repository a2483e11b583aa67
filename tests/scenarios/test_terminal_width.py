"""`version --why` and the dry run on terminals of different widths, as a real terminal gets them."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from shipit.versioning.columns import columns
from tests.support.repository import PEOPLE, Repository

SUBJECT = "feat(api): rename what everybody has used since the very beginning, so that its name says what it is"
WIDE = "fix: mend 数据库连接池在并发情况下泄漏连接的问题以及相关的文档说明和测试用例都已经更新完成了"
PYPROJECT = """[project]
name = "tool"
version = "1.0.0"
[tool.shipit]
index.kind = "none"
forge.kind = "none"
gates.tests.run = "python -c pass"
"""
RUN = """
import sys
from shipit.cli.main import main
try:
    main()
finally:
    print(f"rich: {'rich' in sys.modules}", file=sys.stderr)
"""


@pytest.fixture
def here(tmp_path: Path) -> Repository:
    """A repository with a bare remote, and two long messages since its last release."""
    remote = Repository(tmp_path / "origin.git")
    remote.git("config", "--bool", "core.bare", "true")
    made = Repository(tmp_path / "here")
    made.git("remote", "add", "origin", str(remote.top / ".git"))
    (made.top / "pyproject.toml").write_text(PYPROJECT)
    made.git("add", ".")
    made.commit("feat: start", tag="v1.0.0")
    made.commit(SUBJECT)
    made.commit(WIDE)
    made.git("push", "--quiet", "--tags", "origin", "HEAD")
    return made


def on_terminal(where: Path, width: int, *words: str) -> tuple[list[str], str]:
    """The lines that a terminal of so many columns gets, and what goes to stderr; a release writes there alone."""
    inner, outer = pty.openpty()
    fcntl.ioctl(outer, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    names = {name: text for name, text in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    is_release = words[0] == "release"
    child = subprocess.Popen(
        [sys.executable, "-c", RUN, *words],
        cwd=where,
        env={**names, **PEOPLE, "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        stdout=outer,
        stderr=outer if is_release else subprocess.PIPE,
    )
    os.close(outer)
    data = b""
    while chunk := _read(inner):
        data += chunk
    _, err = child.communicate(timeout=60)
    os.close(inner)
    assert child.returncode == 0, data + (err or b"")
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", data.decode()).replace("\r", "")
    return text.splitlines(), (err or b"").decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the child has closed the other side
        return b""


@pytest.mark.parametrize("width", [38, 60, 80, 120])
def test_why_fits_the_terminal_breaks_no_word_and_loads_nothing_that_draws(here: Repository, width: int) -> None:
    lines, err = on_terminal(here.top, width, "version", "--why")

    assert max(map(columns, lines)) <= width
    assert lines[0].startswith("1.1.0: minor, after v1.0.0:")
    assert lines[-1] == "1.1.0"
    words = {word for line in lines for word in line.split()}
    assert set(SUBJECT.split()) <= words
    unbroken = {word for line in on_terminal(here.top, 400, "version", "--why")[0] for word in line.split()}
    assert {word for word in words if word.isascii()} <= unbroken
    assert "rich: False" in err


def test_why_has_one_line_for_each_commit_in_a_pipe(here: Repository) -> None:
    words = [sys.executable, "-m", "shipit", "version", "--why"]
    ran = subprocess.run(words, cwd=here.top, capture_output=True, text=True, check=True, timeout=60)
    lines = ran.stdout.splitlines()
    assert [line for line in lines if "asks for a" in line] == lines[3:5]


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("more", [(), ("-v",)], ids=["folded", "all"])
def test_notes_and_patches_of_a_dry_run_fit_the_terminal_and_break_no_word(
    here: Repository, width: int, more: tuple[str, ...]
) -> None:
    lines, _ = on_terminal(here.top, width, "release", "--dry-run", *more)

    start = lines.index("notes, as they are published")
    assert max(map(columns, lines[start:])) <= width
    words = {word for line in lines[start:] for word in line.split()}
    assert set(SUBJECT.partition(": ")[2].split()) <= words
    assert '+version = "1.1.0"' in lines
    assert "+# Changelog" in lines
