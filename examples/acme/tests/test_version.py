import json
import tomllib
from pathlib import Path

import acme

TOP = Path(__file__).parent.parent
SHORT = {"-alpha.": "a", "-beta.": "b", "-rc.": "rc"}


def of_python(version: str) -> str:
    """1.1.0-rc.1 of npm as Python spells it: 1.1.0rc1."""
    for long, short in SHORT.items():
        version = version.replace(long, short)
    return version


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    frontend = json.loads((TOP / "frontend" / "package.json").read_text(encoding="utf-8"))

    assert acme.__version__ == project["version"] == of_python(frontend["version"])
