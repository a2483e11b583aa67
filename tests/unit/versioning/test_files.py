"""Places that hold the version: what is read, and that nothing but the version changes."""

import json

import pytest

from shipit.errors import Refused, Stop, UsageError
from shipit.versioning.files import read_version, write_version

PYPROJECT = "pyproject.toml:project.version"
PACKAGE = "package.json:version"
VARIABLE = "src/acme/__init__.py:__version__"
CALLS = {"meson.build": "project", "setup.py": "setup"}


def told(stop: Stop) -> str:
    return "\n".join([stop.what, stop.where or "", *stop.evidence, stop.hint or ""])


@pytest.mark.parametrize(
    ("location", "text", "version"),
    [
        (PYPROJECT, '[project]\nversion = "1.0.0"\n', "1.0.0"),
        (PYPROJECT, "project.version = '1.1.0rc1'", "1.1.0rc1"),
        (PYPROJECT, '\ufeff[project]\r\nversion="1.0.0"\r\n', "1.0.0"),
        ("Cargo.toml:package.version", '[package]\nversion = "1.0.0-rc.1"\n', "1.0.0-rc.1"),
        (PACKAGE, '{"version": "1.0.0-rc.1"}', "1.0.0-rc.1"),
        ("package-lock.json:packages..version", '{"packages": {"": {"version": "1.0.0"}}}', "1.0.0"),
        (VARIABLE, '__version__ = "1.0.0"\n', "1.0.0"),
        (VARIABLE, "__version__: str = '1.1.0rc1'  # now\n", "1.1.0rc1"),
        (VARIABLE, '\ufeff__version__ = "1.0.0"\r\n', "1.0.0"),
        ("Chart.yaml:version", "name: acme\nversion: 1.0.0 # chart\n", "1.0.0"),
        ("Chart.yaml:version", "a:\n  version: 3.1\nversion: '1.0.0'\n", "1.0.0"),
        ("openapi.yaml:version", "info:\n  version: 1.0.0\n", "1.0.0"),
        ("Makefile:VERSION", "VERSION := v1.0.0\n", "1.0.0"),
        ("setup.cfg:version", "[metadata]\nversion = 1.0.0\n", "1.0.0"),
        ("app.js:VERSION", "  VERSION: '1.0.0', // now\n", "1.0.0"),
        ("VERSION", "1.0.0\n", "1.0.0"),
        ("src/acme/VERSION.txt", "\ufeff v1.1.0rc1", "1.1.0rc1"),
        ("setup.cfg:metadata.version", "[tool]\nversion = 9.9.9\n[metadata]\nversion = 1.0.0\n[x]\n", "1.0.0"),
        ("meson.build:version", "project('demo', 'c', meson_version: '>=1.2', version: '1.0.0')\n", "1.0.0"),
        ("meson.build:version", "project('a',\n  version: '1.0.0',\n)\ndependency('b', version: '2.0')\n", "1.0.0"),
        ("meson.build:version", "project('a',\n  # version: '0.9.0',\n  version: '1.0.0')\n", "1.0.0"),
        ("setup.py:version", 'setup(name="acme", version="1.0.0")\n', "1.0.0"),
        ("meson.build:version", "subdir('src')\nversion = '1.0.0'\n", "1.0.0"),
        ("setup.py:VERSION", 'VERSION = "1.0.0"\nrun(version=VERSION)\n', "1.0.0"),
        ("setup.py:version", 'version = "1.0.0"\nsetuptools.setup(name="acme", version=version)\n', "1.0.0"),
    ],
)
def test_a_version_is_read_where_the_location_says(location: str, text: str, version: str) -> None:
    assert read_version(location, text) == version


@pytest.mark.parametrize(
    ("location", "before", "after"),
    [
        (PYPROJECT, '"1.0.0"', '"1.1.0rc1"'),
        ("sub/pyproject.toml:tool.poetry.version", '"1.0.0"', '"1.1.0rc1"'),
        ("other.toml:project.version", '"1.0.0"', '"1.1.0rc1"'),
        ("Cargo.toml:package.version", '"1.0.0"', '"1.1.0-rc.1"'),
        (PACKAGE, '"1.0.0"', '"1.1.0-rc.1"'),
        (VARIABLE, '"1.0.0"', '"1.1.0rc1"'),
        ("setup.cfg:version", "1.0.0", "1.1.0rc1"),
        ("Chart.yaml:version", "1.0.0", "1.1.0-rc.1"),
        ("VERSION", "1.0.0", "1.1.0-rc.1"),
        ("setup.cfg:metadata.version", "1.0.0", "1.1.0rc1"),
        ("meson.build:version", "'1.0.0'", "'1.1.0-rc.1'"),
        ("setup.py:version", '"1.0.0"', '"1.1.0rc1"'),
    ],
)
def test_each_file_gets_the_spelling_its_readers_want(location: str, before: str, after: str) -> None:
    text = written(location, before)
    assert write_version(location, text, "1.1.0-rc.1") == text.replace(before, after)


def written(location: str, value: str) -> str:
    path, _, key = location.partition(":")
    *tables, last = key.split(".")
    if path in CALLS:
        return f"{CALLS[path]}('acme', {key}={value})\n"
    if path.endswith(".cfg"):
        return f"[{'.'.join(tables)}]\n{last} = {value}\n"
    if not key:
        return f"{value}\n"
    if path.endswith(".toml"):
        return f"[{'.'.join(tables)}]\n{last} = {value}\n"
    if path.endswith(".json"):
        return f'{{"{key}": {value}}}\n'
    return f"{key}{': ' if path.endswith('.yaml') else ' = '}{value}\n"


def test_every_other_byte_of_a_toml_file_stays() -> None:
    text = (
        '\ufeff# version = "1.0.0"\r\n[tool.a]\r\nversion = "1.0.0"\r\n\r\n[project]   # the one\r\n'
        "dependencies=[ 'b == \"1.0.0\"' ]\r\nversion   = '1.0.0'\t# keep me\r\nname = \"acme\""
    )
    assert write_version(PYPROJECT, text, "1.1.0") == text.replace("'1.0.0'\t", "'1.1.0'\t")


def test_every_other_byte_of_a_json_file_stays() -> None:
    text = (
        '{\r\n\t"engines" : {"version":"1.0.0"},\r\n\t"name": "1.0.0",\r\n\t"version"  :\t"1.0.0", "z": 1.50\r\n}'
    )
    after = write_version(PACKAGE, text, "2.0.0")
    assert after == text.replace('"version"  :\t"1.0.0"', '"version"  :\t"2.0.0"')
    assert json.loads(after)["version"] == "2.0.0"


def test_a_place_where_the_new_version_would_break_the_file_is_passed_over() -> None:
    text = '[known]\n"1.0.0" = 1\n"2.0.0" = 2\n[project]\nversion = "1.0.0"\n'
    assert write_version(PYPROJECT, text, "2.0.0") == text.replace('version = "1.0.0"', 'version = "2.0.0"')


def test_writing_the_version_that_is_there_changes_nothing() -> None:
    text = '[project]\nversion = "1.0.0"\n'
    assert write_version(PYPROJECT, text, "1.0.0") == text


def test_what_is_written_can_be_read_back() -> None:
    for location, value in ((PYPROJECT, '"0.1.0"'), (PACKAGE, '"0.1.0"'), (VARIABLE, "'0.1.0'")):
        once = write_version(location, written(location, value), "1.1.0-rc.1")
        assert write_version(location, once, "1.1.0-rc.1") == once
        assert read_version(location, once) in {"1.1.0rc1", "1.1.0-rc.1"}


@pytest.mark.parametrize("location", ["pyproject.toml", "acme.py", "pyproject.toml:", ":version", ""])
def test_a_location_without_path_or_key_is_a_usage_error(location: str) -> None:
    with pytest.raises(UsageError, match="is not a version location"):
        read_version(location, "")


@pytest.mark.parametrize(
    ("location", "text", "said"),
    [
        (PYPROJECT, "[project\n", "cannot be read"),
        (PYPROJECT, "", "the file holds nothing"),
        (PYPROJECT, '[project]\nname = "acme"\ndynamic = ["version"]\n', "the version is dynamic"),
        (PYPROJECT, "project = 1\n", "no `version`; the file holds project"),
        (PYPROJECT, '[other]\nversion = "1.0.0"\n', "no `project`; the file holds other"),
        (PYPROJECT, "[project]\nversion = 1.0\n", "a float stands there: 1.0"),
        (PACKAGE, "{", "correct package.json"),
        (PACKAGE, "[]", "the file holds list"),
        ("VERSION", "version 1.0.0\n", "write VERSION:NAME"),
        ("setup.cfg:metadata.version", "[a]\nversion = 1.0.0\n", "no line like metadata.version"),
        ("meson.build:version", "project('a', version: files('VERSION'))\n", "no line like version"),
        (VARIABLE, "", 'no line like __version__ = "1.2.3"'),
        (VARIABLE, '__version__ = "1"\n__version__ = "2"\n', '2 places: __version__ = "1"; __version__ = "2"'),
    ],
)
def test_a_place_without_a_version_is_refused_with_file_key_and_finding(
    location: str, text: str, said: str
) -> None:
    with pytest.raises(Refused) as caught:
        write_version(location, text, "1.1.0")
    assert said in told(caught.value)
    assert caught.value.where == location
    assert caught.value.hint


def test_a_version_written_with_escapes_is_refused_and_not_guessed() -> None:
    with pytest.raises(Refused, match="cannot be read or written") as caught:
        write_version(PYPROJECT, '[project]\nversion = "1\\u002e0.0"\n', "1.1.0")
    assert "unusual way" in told(caught.value)


@pytest.mark.parametrize(
    ("location", "text"),
    [
        (
            "CMakeLists.txt:VERSION",
            "cmake_minimum_required(VERSION 3.15)\nproject(demo VERSION 1.0.0 LANGUAGES CXX)\n",
        ),
        ("lib/CMakeLists.txt:VERSION", 'PROJECT(\n  demo\n  VERSION "1.0.0"\n)\n'),
        ("Dockerfile:version", 'FROM python:1.0.0\nLABEL version="1.0.0"\n'),
        ("Dockerfile:VERSION", "FROM a\nARG VERSION=1.0.0\n"),
        ("image/app.Dockerfile:org.opencontainers.image.version", "LABEL org.opencontainers.image.version=1.0.0\n"),
        ("Dockerfile:version", 'LABEL name="demo" \\\n      version="1.0.0" \\\n      vendor="a"\n'),
    ],
)
def test_a_version_in_a_build_of_cmake_or_of_an_image_is_read_and_written(location: str, text: str) -> None:
    assert read_version(location, text) == "1.0.0"
    before, _, after = text.rpartition("1.0.0")
    assert write_version(location, text, "1.1.0") == f"{before}1.1.0{after}"


@pytest.mark.parametrize(
    ("location", "text"),
    [
        ("CMakeLists.txt:VERSION", "cmake_minimum_required(VERSION 3.15)\nproject(demo)\n"),
        ("CMakeLists.txt:VERSION", "project(demo VERSION ${V})\nset(OTHER VERSION 1.0.0)\n"),
        ("CMakeLists.txt:OTHER", "project(demo VERSION 1.0.0)\n"),
        ("notes.txt:version", "LABEL version=1.0.0\n"),
    ],
)
def test_what_is_no_version_of_cmake_or_of_an_image_is_refused(location: str, text: str) -> None:
    with pytest.raises(Refused):
        read_version(location, text)
