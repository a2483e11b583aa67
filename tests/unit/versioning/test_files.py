"""Places that hold the version: what is read, and that nothing but the version changes."""

import json

import pytest

from shipit.errors import Refused, Stop, UsageError
from shipit.versioning.files import lock_changes, read_version, write_version

PYPROJECT = "pyproject.toml:project.version"
PACKAGE = "package.json:version"
VARIABLE = "src/acme/__init__.py:__version__"


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
    ],
)
def test_each_file_gets_the_spelling_its_readers_want(location: str, before: str, after: str) -> None:
    text = written(location, before)
    assert write_version(location, text, "1.1.0-rc.1") == text.replace(before, after)


def written(location: str, value: str) -> str:
    path, _, key = location.partition(":")
    *tables, last = key.split(".")
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


@pytest.mark.parametrize("location", ["pyproject.toml", "pyproject.toml:", ":version", ""])
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


LOCK = """\
version = 1

[[package]]
name = "elsewhere"
version = "1.0.0"
source = { registry = "https://index.invalid/simple" }

[[package]]
name = "my-acme"
version = "1.0.0"
source = { editable = "." }
dependencies = [{ name = "elsewhere" }]

[[package]]
name = "zed"
version = "1.0.0"
source = { registry = "https://index.invalid/simple" }
"""


@pytest.mark.parametrize("source", ["editable", "virtual", "directory"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_only_the_own_entry_of_uv_lock_changes(source: str, ending: str) -> None:
    text = LOCK.replace("editable", source).replace("\n", ending)
    at = text.index('"1.0.0"', text.index("my-acme"))
    expected = text[:at] + '"1.1.0rc1"' + text[at + len('"1.0.0"') :]
    assert lock_changes({"uv.lock": text}, "My.Acme", "1.1.0-rc.1") == {"uv.lock": expected}


def test_the_last_entry_of_uv_lock_can_be_the_own_one() -> None:
    text = LOCK[: LOCK.index('[[package]]\nname = "zed"')]
    assert '"1.1.0"' in lock_changes({"uv.lock": text}, "my-acme", "1.1.0")["uv.lock"]


def test_files_that_are_no_lock_files_are_left_alone() -> None:
    assert lock_changes({"pyproject.toml": "[[", "Pipfile.lock": "{"}, "acme", "1.1.0") == {}


def test_a_lock_file_that_is_right_already_is_no_change() -> None:
    assert lock_changes({"sub/uv.lock": LOCK}, "my-acme", "1.0.0") == {}


def test_an_entry_without_a_version_is_left_alone() -> None:
    text = '[[package]]\nname = "acme"\nsource = { virtual = "." }\n'
    assert lock_changes({"uv.lock": text}, "acme", "1.1.0") == {}


@pytest.mark.parametrize("text", ["", LOCK.replace("my-acme", "renamed"), LOCK.replace('"."', '"../other"')])
def test_a_lock_file_without_the_own_entry_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        lock_changes({"uv.lock": text}, "my-acme", "1.1.0")
    assert "0 entries of my-acme" in told(caught.value)
    assert caught.value.hint == "run `uv lock` and commit it"
