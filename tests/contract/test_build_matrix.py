"""Whole releases with the build backends that people use: wheel and sdist have the version that was decided.

A backend reads the version from a file that the release commit changes, or a plugin of it derives the version
from the tag, which is in the private clone before anybody else can see it.
"""

import email
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.acme import Laid, commit, git
from tests.support.inside import shipit

SHIPIT = """
[tool.shipit]
branches.develop = "develop"
version.files = [{files}]
distribution = {{ isolation = "never", install = false, sbom = false }}
index.path = "../index"
"""
FILES = {
    ".gitignore": "__pycache__/\n*.egg-info/\nbuild/\ndist/\n",
    "README.md": "# small\n\nOne word.\n",
    "src/small/__init__.py": '"""one word"""\n',
}
VERSIONEER = """\
import versioneer
from setuptools import setup

setup(version=versioneer.get_version(), cmdclass=versioneer.get_cmdclass())
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """How a project names its backend; `tables` say how it gets its version, `files` are what it needs beside."""

    requires: tuple[str, ...]
    backend: str
    tables: str = ""
    files: tuple[tuple[str, str], ...] = ()

    def pyproject(self, *, is_static: bool) -> str:
        requires = ", ".join(f'"{name}"' for name in self.requires)
        version = 'version = "1.0.0"' if is_static else 'dynamic = ["version"]'
        return f"""\
[build-system]
requires = [{requires}]
build-backend = "{self.backend}"

[project]
name = "small"
{version}
description = "One word"
readme = "README.md"
requires-python = ">=3.11"

{self.tables}
{SHIPIT.format(files='"pyproject.toml:project.version"' if is_static else "")}"""


STATIC = {
    "setuptools": Backend(requires=("setuptools>=77",), backend="setuptools.build_meta"),
    "hatchling": Backend(requires=("hatchling",), backend="hatchling.build"),
    "flit_core": Backend(requires=("flit_core>=3.9",), backend="flit_core.buildapi"),
    "poetry-core": Backend(requires=("poetry-core>=2",), backend="poetry.core.masonry.api"),
    "pdm-backend": Backend(requires=("pdm-backend",), backend="pdm.backend"),
    "uv_build": Backend(requires=("uv_build>=0.8",), backend="uv_build"),
    "scikit-build-core": Backend(
        requires=("scikit-build-core",),
        backend="scikit_build_core.build",
        tables="[tool.scikit-build]\nwheel.cmake = false",
    ),
}
DERIVED = {
    "setuptools-scm": Backend(
        requires=("setuptools>=77", "setuptools-scm>=8"),
        backend="setuptools.build_meta",
        tables="[tool.setuptools_scm]",
    ),
    "hatch-vcs": Backend(
        requires=("hatchling", "hatch-vcs"),
        backend="hatchling.build",
        tables='[tool.hatch.version]\nsource = "vcs"',
    ),
    "pdm-backend": Backend(
        requires=("pdm-backend",), backend="pdm.backend", tables='[tool.pdm.version]\nsource = "scm"'
    ),
    "poetry-dynamic-versioning": Backend(
        requires=("poetry-core>=2", "poetry-dynamic-versioning>=1.5"),
        backend="poetry_dynamic_versioning.backend",
        tables='[tool.poetry]\nversion = "0.0.0"\n[tool.poetry-dynamic-versioning]\nenable = true',
    ),
    "uv-dynamic-versioning": Backend(
        requires=("hatchling", "uv-dynamic-versioning"),
        backend="hatchling.build",
        tables='[tool.hatch.version]\nsource = "uv-dynamic-versioning"',
    ),
    "versioningit": Backend(
        requires=("setuptools>=77", "versioningit"), backend="setuptools.build_meta", tables="[tool.versioningit]"
    ),
    "setuptools-git-versioning": Backend(
        requires=("setuptools>=77", "setuptools-git-versioning"),
        backend="setuptools.build_meta",
        tables="[tool.setuptools-git-versioning]\nenabled = true",
    ),
    "versioneer": Backend(
        requires=("setuptools>=77", "versioneer"),
        backend="setuptools.build_meta",
        tables="""\
[tool.versioneer]
VCS = "git"
style = "pep440"
versionfile_source = "src/small/_version.py"
versionfile_build = "small/_version.py"
tag_prefix = "v"
""",
        files=(("setup.py", VERSIONEER), ("src/small/_version.py", "")),
    ),
}
NEXT = {"1.1.0": (), "1.1.0-rc.1": ("--pre", "rc")}


def lay(laid: Laid, backend: Backend, *, is_static: bool) -> None:
    """The small product with another backend, and a tag of another product that is nearer than any of its own."""
    git(laid.clone, "rm", "--quiet", "small.py")
    files = {**FILES, **dict(backend.files), "pyproject.toml": backend.pyproject(is_static=is_static)}
    commit(laid.clone, "feat: another backend", files, push=True)
    git(laid.clone, "tag", "other-v9.9.9", "HEAD^")
    git(laid.clone, "push", "--quiet", "origin", "other-v9.9.9")


def versions(folder: Path) -> dict[str, str | None]:
    """The files in a folder, and the version that the metadata inside of each one has."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel:
                [name] = [one for one in wheel.namelist() if one.endswith(".dist-info/METADATA")]
                text = wheel.read(name)
        elif path.name.endswith(".tar.gz"):
            with tarfile.open(path) as sdist:
                [name] = [one for one in sdist.getnames() if one.count("/") == 1 and one.endswith("/PKG-INFO")]
                opened = sdist.extractfile(name)
                text = opened.read() if opened else b""
        else:
            continue  # the page of the project
        found[path.name] = email.message_from_bytes(text)["Version"]
    return found


def released(laid: Laid, version: str) -> dict[str, str | None]:
    """Release and verify it; answers what is on the index."""
    ended = shipit(laid.clone, "release", "--type", "minor", *NEXT[version], "--yes")
    assert ended.code == 0, ended.out + ended.err
    verified = shipit(laid.clone, "verify", "release", f"v{version}")
    assert verified.code == 0, verified.out + verified.err
    return versions(laid.index / "small")


@pytest.mark.parametrize("name", STATIC)
def test_a_version_in_a_file(small_acme: Laid, name: str) -> None:
    lay(small_acme, STATIC[name], is_static=True)
    found = released(small_acme, "1.1.0")
    assert found == {"small-1.1.0-py3-none-any.whl": "1.1.0", "small-1.1.0.tar.gz": "1.1.0"}


@pytest.mark.parametrize("version", NEXT)
@pytest.mark.parametrize("name", DERIVED)
def test_a_version_from_the_tag(small_acme: Laid, name: str, version: str) -> None:
    lay(small_acme, DERIVED[name], is_static=False)
    spelled = version.replace("-rc.", "rc")
    found = released(small_acme, version)
    assert found == {f"small-{spelled}-py3-none-any.whl": spelled, f"small-{spelled}.tar.gz": spelled}
