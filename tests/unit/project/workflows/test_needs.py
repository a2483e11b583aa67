"""What a job installs, in the words of pip, for projects of several kinds."""

import tomllib
from collections.abc import Mapping

import pytest

from shipit.config.sources import Documents, Source
from shipit.project.workflows.needs import Needs, needs


def found(files: Mapping[str, str], *, has_src: bool = False) -> Needs:
    pyproject = tomllib.loads(files["pyproject.toml"]) if "pyproject.toml" in files else None
    own = Source(file="pyproject.toml", prefix="tool.shipit", raw={})
    return needs(Documents(pyproject, own, text=files.get), has_src=has_src)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"pyproject.toml": '[project]\nname = "a"\n'}, ""),
        ({"pyproject.toml": '[project]\ndynamic = ["dependencies"]\n'}, "."),
        ({"pyproject.toml": "[build-system]\n[tool.poetry.dependencies]\npython = '^3.11'\n"}, ""),
        ({"pyproject.toml": "[build-system]\n[tool.poetry.dependencies]\npython = '^3.11'\nhttpx = '*'\n"}, "."),
        ({"pyproject.toml": "[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\nhttpx = '*'\n"}, ""),
        ({"pyproject.toml": "[tool.uv]\npackage = false\n[project]\ndependencies = ['a']\n"}, ""),
        ({"setup.py": "from setuptools import setup\nsetup()\n"}, "."),
        ({"setup.cfg": "[metadata]\nname = a\n"}, "."),
        ({"requirements.txt": "flask\n"}, "--requirement=requirements.txt"),
        ({}, ""),
    ],
)
def test_the_project_itself_is_installed_where_it_needs_packages(files: Mapping[str, str], words: str) -> None:
    assert " ".join(found(files).words(gates=False)) == words


def test_packages_in_src_are_found_by_being_installed_unless_pytest_looks_for_them() -> None:
    plain = '[project]\nname = "a"\n'
    assert found({"pyproject.toml": plain}, has_src=True).installs == (".",)
    for own in ("[tool.pytest.ini_options]", "[tool.pytest]"):
        assert found({"pyproject.toml": f"{plain}{own}\npythonpath = ['src']\n"}, has_src=True).installs == ()


@pytest.mark.parametrize(
    ("files", "tools", "named"),
    [
        ({"pyproject.toml": "[dependency-groups]\ntest = ['pytest']\nlint = ['ruff']\ndocs = ['mkdocs']\n"},
         "--group=test --group=lint", "pytest ruff"),
        ({"pyproject.toml": "[project]\n[project.optional-dependencies]\ntest = ['pytest>=8']\nlint = ['ruff']\n"},
         ".[test,lint]", "pytest ruff"),
        ({"setup.cfg": "[options.extras_require]\ndev =\n  pytest\n  mypy>=1\n"}, ".[dev]", "mypy pytest"),
        ({"requirements-dev.txt": "-r requirements.txt\npytest\n", "requirements.txt": "flask\n"},
         "--requirement=requirements-dev.txt", "pytest"),
        ({"pyproject.toml": "[tool.poetry.group.dev.dependencies]\npytest = '^8'\nresponses = '*'\n"
          "[tool.poetry.group.docs.dependencies]\nmkdocs = '*'\n[tool.poetry.dev-dependencies]\nblack = '*'\n"},
         "black pytest responses", "black pytest responses"),
        ({"pyproject.toml": "[project.optional-dependencies]\ntest = 'pytest'\n"}, ".[test]", ""),
        ({"pyproject.toml": "[tool.uv]\npackage = false\n[project.optional-dependencies]\ntest = ['pytest']\n"},
         "", ""),
    ],
)  # fmt: skip
def test_what_the_gates_need_comes_from_where_the_project_lists_it(
    files: Mapping[str, str], tools: str, named: str
) -> None:
    one = found(files)
    assert (" ".join(one.tools), " ".join(sorted(one.named))) == (tools, named)


def test_an_extra_brings_the_project_itself() -> None:
    one = found({"pyproject.toml": "[project]\ndependencies = ['a']\noptional-dependencies = { dev = ['b'] }\n"})
    assert (one.words(gates=True), one.words(gates=False)) == ((".[dev]",), (".",))
