import json
import tomllib
from pathlib import Path

import acme

TOP = Path(__file__).parent.parent


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    frontend = json.loads((TOP / "frontend" / "package.json").read_text(encoding="utf-8"))

    assert acme.__version__ == project["version"] == frontend["version"]
