"""The scanners' own programs, in an environment that is not shipit's, and made-up Python environments for them."""

import os
import shutil
import sys
import venv
from collections.abc import Mapping
from pathlib import Path

from tests.support.require import require

PLACE = Path(__file__).parents[2] / ".venv-scanners" / "bin"


def scanners(*names: str) -> Path:
    """The folder with these programs, named by SHIPIT_TEST_SCANNERS; skips or fails without them."""
    place = Path(os.environ.get("SHIPIT_TEST_SCANNERS", PLACE))
    for name in names:
        require(f"{name} in {place} (make .venv-scanners/ready)", shutil.which(name, path=str(place)) is not None)
    return place


def environment(folder: Path, packages: Mapping[str, Mapping[str, str]]) -> Path:
    """Make an environment in which these packages seem to be installed, with these fields; returns its `bin`."""
    venv.create(folder, symlinks=True, with_pip=False)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    site = folder / "lib" / version / "site-packages"
    for name, fields in packages.items():
        place = site / f"{name.replace('-', '_')}-{fields['Version']}.dist-info"
        place.mkdir()
        lines = {"Metadata-Version": "2.4", "Name": name, **fields}
        (place / "METADATA").write_text("".join(f"{key}: {value}\n" for key, value in lines.items()), "utf-8")
    return folder / "bin"
