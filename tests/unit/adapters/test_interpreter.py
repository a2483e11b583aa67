"""Which Python a project asks for, in the text of its pyproject.toml."""

import pytest

from shipit.adapters.python.interpreter import version_problem


def asking(wanted: str) -> str:
    return f'[project]\nname = "acme"\nrequires-python = "{wanted}"\n'


@pytest.mark.parametrize("wanted", [">=3.11", "~=3.11", ">=3.8,!=3.9.*", "==3.*"])
def test_a_python_that_fits_is_no_problem(wanted: str) -> None:
    assert version_problem(asking(wanted), "3.11.7") is None
    assert version_problem(asking(wanted), "3.13.0rc1") is None


@pytest.mark.parametrize("wanted", [">=3.12", "<3.11", "==3.10.*", ">3.11.7"])
def test_one_that_does_not_fit_is_told_with_both(wanted: str) -> None:
    found = version_problem(asking(wanted), "3.11.7")
    assert found
    assert "Python 3.11.7" in found.evidence
    assert found.hint


@pytest.mark.parametrize("text", [None, "", "[", "project = 1", '[project]\nname = "acme"', asking("new")])
def test_what_says_nothing_or_cannot_be_read_is_no_problem(text: str | None) -> None:
    assert version_problem(text) is None
