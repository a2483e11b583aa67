"""What is installed where the project is, and what is lacking there."""

import json
from pathlib import Path
from typing import Any

import pytest

from shipit.adapters.scanners.installed import Environment, Package, python_of, read
from shipit.adapters.scanners.python_project import lacking, lines, nothing, own_name
from shipit.adapters.scanners.running import Unreadable
from shipit.errors import UsageError
from tests.unit.adapters.scanners.conftest import Tree, ended

MARKERS = {"python_version": "3.11", "sys_platform": "linux"}
PROJECT = '[project]\nname = "Acme"\n'


def environment(*packages: Package, nameless: int = 0) -> Environment:
    return Environment(
        python="/venv/bin/python",
        packages={package.name: package for package in packages},
        markers=MARKERS,
        nameless=nameless,
    )


def package(name: str, version: str = "1.0", **changed: Any) -> Package:
    return Package(name=name, version=version, **changed)


def row(name: str | None, version: str | None = "1.0", *, local: bool = False) -> dict[str, Any]:
    return {"name": name, "version": version, "local": local, "requires": []}


def test_the_first_package_of_a_name_counts_as_for_an_import() -> None:
    found = read("python", ended({"packages": [row("A_b", "2"), row("a-b", "1")], "markers": MARKERS}))
    assert found.packages == {"a-b": package("a-b", "2")}
    assert not found.nameless


def test_the_project_and_what_comes_from_a_folder_are_no_business_of_a_service() -> None:
    found = environment(package("acme"), package("mine", local=True), package("flask"))
    assert [one.name for one in found.others("acme")] == ["flask"]
    assert found.left_out("acme") == ["acme", "mine"]


@pytest.mark.parametrize("output", [b"", b"[]", {"packages": [{}], "markers": {}}])
def test_a_python_that_does_not_answer_is_told_with_its_end(output: Any) -> None:
    with pytest.raises(Unreadable, match=r"^python could not list its packages, it printed .* exit code 1"):
        read("python", ended(output, 1))


def test_the_python_of_the_virtual_environment_comes_before_that_on_path(tmp_path: Path) -> None:
    for folder in ("venv/bin", "usr"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "python").write_text("")
        (tmp_path / folder / "python").chmod(0o755)
    path = str(tmp_path / "usr")
    assert python_of({"VIRTUAL_ENV": str(tmp_path / "venv"), "PATH": path}) == str(tmp_path / "venv/bin/python")
    assert python_of({"VIRTUAL_ENV": str(tmp_path / "gone"), "PATH": path}) == str(tmp_path / "usr/python")
    with pytest.raises(UsageError, match=r"no `python` is on PATH"):
        python_of({"VIRTUAL_ENV": None, "PATH": str(tmp_path)})


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"a.js": ""}, "git tracks no [project] in pyproject.toml, no setup.py and no requirements file"),
        ({"pyproject.toml": "[tool.x]\na = 1\n"}, "git tracks no [project]"),
        ({"pyproject.toml": PROJECT}, "the project names no dependency"),
        ({"pyproject.toml": PROJECT + 'dynamic = ["dependencies"]\n'}, ""),
        ({"pyproject.toml": PROJECT + 'dependencies = ["flask"]\n'}, ""),
        ({"pyproject.toml": PROJECT + "optional-dependencies.web = ['flask']\n"}, ""),
        ({"pyproject.toml": PROJECT, "requirements-dev.txt": ""}, ""),
        ({"setup.py": ""}, ""),
        ({"dev-requirements.txt": ""}, ""),
        ({"Pipfile": "[packages]\nflask = '*'\n"}, ""),
        ({"pyproject.toml": "[tool.poetry.dependencies]\nflask = '^2'\n"}, ""),
        ({"api/pyproject.toml": PROJECT + "dependencies = ['flask']\n"}, ""),
        ({"api/pyproject.toml": PROJECT}, "git tracks no [project]"),
    ],
)
def test_nothing_to_scan_follows_from_tracked_files_alone(tree: Tree, files: dict[str, str], why: str) -> None:
    found = nothing(tree(files))
    assert found.startswith(why)
    assert bool(found) == bool(why)


def test_a_pyproject_that_is_no_toml_is_a_usage_error(tree: Tree) -> None:
    with pytest.raises(UsageError, match=r"^pyproject.toml cannot be read"):
        nothing(tree({"pyproject.toml": "["}))


@pytest.mark.parametrize("line", ["dependencies = 5", "dependencies = 'flask'", "dynamic = 5"])
def test_dependencies_that_are_no_list_are_a_usage_error(tree: Tree, line: str) -> None:
    with pytest.raises(UsageError, match=r"` is no list$"):
        nothing(tree({"pyproject.toml": f"{PROJECT}{line}\n"}))


@pytest.mark.parametrize("text", ["project = 1", "tool = 1\n[project]\nname = 'acme'\n"])
def test_tables_of_another_kind_are_none(tree: Tree, text: str) -> None:
    assert own_name(tree({"pyproject.toml": text})) == "acme"


def test_an_environment_without_what_the_project_needs_is_lacking(tree: Tree) -> None:
    named = (
        "Flask>=2",
        "httpx ; sys_platform == 'win32'",
        "rich[x]",
        "no good!",
        "://u:pw@x",
        "odd ; 'a' in extras",
    )
    needs = f"{PROJECT}dependencies = {json.dumps(named)}\n"
    settings = tree({"pyproject.toml": needs})
    assert lacking(settings, environment(package("flask", "1.0"))) == (
        "Flask 1.0 is installed and not >=2, rich is not installed, "
        "no cannot be read and so not looked for, a dependency cannot be read and so not looked for, "
        "odd cannot be read and so not looked for "
        "in /venv/bin/python"
    )


def test_an_environment_with_all_that_the_project_needs_lacks_nothing(tree: Tree) -> None:
    settings = tree({"pyproject.toml": PROJECT + 'dependencies = ["Flask>=2"]\n'})
    assert not lacking(settings, environment(package("flask", "3.0rc1")))
    assert lacking(settings, environment(package("flask", "3"), nameless=1)).endswith("its metadata is broken")


def test_fact_14_dependencies_that_are_decided_when_building_are_read_from_the_installed_project(
    tree: Tree,
) -> None:
    settings = tree({"pyproject.toml": PROJECT + 'dynamic = ["dependencies"]\n'})
    assert lacking(settings, environment()) == "acme is not installed in /venv/bin/python"
    own = package("acme", requires=("flask", "rich ; extra == 'web'"))
    assert lacking(settings, environment(own)) == "flask is not installed in /venv/bin/python"


def test_without_a_project_the_requirements_at_the_top_must_be_installed(tree: Tree) -> None:
    settings = tree({"requirements.txt": "flask\n", "requirements-dev.txt": "pytest\n"})
    assert lacking(settings, environment()) == "flask is not installed in /venv/bin/python"
    assert not lacking(settings, environment(package("flask")))
    assert len(lines(settings, environment()).loose) == 2


def test_without_a_project_pins_must_be_installed_unless_they_are_asked_about_as_they_are(tree: Tree) -> None:
    settings = tree({"requirements.txt": "-r base.txt\n", "base.txt": "flask==2.0\n"})
    assert lacking(settings, environment()) == "flask is not installed in /venv/bin/python"
    assert not lacking(settings, environment(), with_pins=False)
    assert not lacking(settings, environment(package("flask", "2.0")))


@pytest.mark.parametrize("files", [{"setup.py": ""}, {"poetry.lock": ""}, {"app/requirements.txt": "flask==2.0\n"}])
def test_where_nothing_but_an_installer_is_installed_nothing_of_the_project_is(
    tree: Tree, files: dict[str, str]
) -> None:
    settings = tree(files)
    assert lacking(settings, environment(package("pip"))) == (
        "nothing of the project is installed in /venv/bin/python"
    )
    assert not lacking(settings, environment(package("pip"), package("flask")))


def test_without_a_project_what_poetry_a_pipfile_and_projects_below_name_must_be_installed(tree: Tree) -> None:
    settings = tree(
        {
            "pyproject.toml": "[tool.poetry.dependencies]\npython = '^3.11'\nflask = '^2'\n"
            "rich = { version = '^13', optional = true }\nold = [{ version = '1', python = '<3.12' }]\n",
            "Pipfile": "[packages]\nhttpx = { extras = ['x'], version = '*' }\n",
            "api/pyproject.toml": PROJECT + "dependencies = ['attrs>=20']\n",
        }
    )
    assert lacking(settings, environment()) == (
        "flask is not installed, attrs is not installed, httpx is not installed in /venv/bin/python"
    )
    there = environment(package("flask"), package("attrs", "21"), package("httpx"))
    assert not lacking(settings, there)
