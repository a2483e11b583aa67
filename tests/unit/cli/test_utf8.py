"""Under another encoding than UTF-8 the process begins again in the UTF-8 mode of Python, and prints as before."""

import os
import sys

import pytest

from shipit import git_variables
from shipit.cli import utf8


class Replaced(Exception):
    """The process is another one now."""


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines with which the process began again; `sys` says that it was in an old locale."""
    found: list[list[str]] = []

    def execv(path: str, words: list[str]) -> None:
        assert path == sys.executable
        found.append(words)
        raise Replaced

    monkeypatch.setattr(os, "execv", execv)
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "iso8859-1")
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "shipit", "version"])
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    return found


def test_it_begins_again_with_the_same_words(begun: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Replaced):
        utf8.require()
    assert begun == [[sys.executable, "-X", "utf8", "-m", "shipit", "version"]]
    assert os.environ["PYTHONIOENCODING"] == f"{sys.stdout.encoding}:{sys.stdout.errors}"
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "utf-8")
    utf8.require()
    assert len(begun) == 1
    assert "PYTHONIOENCODING" not in os.environ
    assert not [name for name in os.environ if name.startswith("SHIPIT_BEGAN")]


def test_an_encoding_that_somebody_asked_for_stays(begun: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    with pytest.raises(Replaced):
        utf8.require()
    assert os.environ["PYTHONIOENCODING"] == "latin-1"
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "utf-8")
    utf8.require()
    assert os.environ["PYTHONIOENCODING"] == "latin-1"


def test_without_an_output_nothing_is_asked_of_it(begun: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(Replaced):
        utf8.require()
    assert "PYTHONIOENCODING" not in os.environ


def test_variables_that_lead_git_elsewhere_are_forgotten_and_no_other() -> None:
    environment = {"GIT_DIR": "x", "GIT_CONFIG_PARAMETERS": "'a.b=c'", "GIT_SSH_COMMAND": "ssh", "HOME": "/root"}
    git_variables.forget(environment)
    assert environment == {"GIT_CONFIG_PARAMETERS": "'a.b=c'", "GIT_SSH_COMMAND": "ssh", "HOME": "/root"}
