"""What the configuration files of lint, type and test tools say, as far as a verdict depends on it."""

import configparser
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

PYPROJECT = "pyproject.toml"


def table(top: Path, *keys: str, file: str = PYPROJECT) -> Mapping[str, Any]:
    """A table of pyproject.toml, such as `tool`, `mypy`; empty where there is none, or no TOML."""
    try:
        found: Any = tomllib.loads((top / file).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def section(top: Path, file: str, name: str) -> Mapping[str, str]:
    """A section of an INI file; empty where there is none, or no INI."""
    parser = _ini(top / file)
    return dict(parser[name]) if parser.has_section(name) else {}


def _ini(path: Path) -> configparser.ConfigParser:
    """What can be read of an INI file; empty where there is none, or no INI."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(path.read_text("utf-8"))
    except (OSError, ValueError, configparser.Error):
        return configparser.ConfigParser(interpolation=None)
    return parser


def words(value: object) -> list[str]:
    """A list of texts, or a text with one on each line or between commas."""
    if isinstance(value, list):
        return [str(one) for one in value]
    return str(value).replace(",", "\n").split("\n") if value else []


def pytest_options(top: Path) -> str:
    """`addopts`, from whichever file pytest reads."""
    tables: tuple[Mapping[str, Any], ...] = (
        section(top, "pytest.ini", "pytest"),
        section(top, ".pytest.ini", "pytest"),
        table(top, "tool", "pytest", "ini_options"),
        table(top, "tool", "pytest"),
        section(top, "tox.ini", "pytest"),
        section(top, "setup.cfg", "tool:pytest"),
    )
    found = next((one["addopts"] for one in tables if "addopts" in one), "")
    return " ".join(map(str, found)) if isinstance(found, list) else str(found)


def mypy_names_files(top: Path) -> bool:
    """Whether mypy knows what to check by itself."""
    ini = (("mypy.ini", "mypy"), (".mypy.ini", "mypy"), ("setup.cfg", "mypy"))
    tables = [table(top, "tool", "mypy"), *(section(top, *place) for place in ini)]
    return any(one.get(key) for one in tables for key in ("files", "packages", "modules"))


def mypy(top: Path, file: str = "") -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]:
    """The global options of mypy, and those for single modules, each with its patterns as `module`.

    They come from `file` if one is named, else from the first that mypy would read.
    """
    for name in (file,) if file else ("mypy.ini", ".mypy.ini", PYPROJECT, "setup.cfg"):
        if name.endswith(".toml"):
            found = table(top, "tool", "mypy", file=name)
            listed = found.get("overrides")
            modules = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
            modules = [{**one, "module": words(one.get("module"))} for one in modules]
        else:
            parser = _ini(top / name)
            found = dict(parser["mypy"]) if parser.has_section("mypy") else {}
            named = [one for one in parser.sections() if one.startswith("mypy-")]
            modules = [{**parser[one], "module": words(one.removeprefix("mypy-"))} for one in named]
        if found or modules:
            return found, modules
    return {}, ()


def is_on(options: Mapping[str, Any], key: str) -> bool:
    """Whether an option is switched on, in TOML or in an INI file."""
    return str(options.get(key, "")).lower() in {"true", "yes", "on", "1"}


def is_off(options: Mapping[str, Any], key: str) -> bool:
    """Whether an option is named, and switched off."""
    return str(options.get(key, "")).lower() in {"false", "no", "off", "0"}


def uncounted(top: Path, file: str = "") -> Iterator[str]:
    """The patterns of files that coverage leaves out: `omit` of run and report; `file` is one that is named."""
    for part in ("run", "report"):
        yield from words(table(top, "tool", "coverage", part).get("omit"))
        places = ((".coveragerc", part), ("setup.cfg", f"coverage:{part}"), ("tox.ini", f"coverage:{part}"))
        for place in (*places, *([(file, part), (file, f"coverage:{part}")] if file else [])):
            yield from words(section(top, *place).get("omit"))
