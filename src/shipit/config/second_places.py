"""Places in which a project often repeats its version, beside the one that is written."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence

from shipit.config.modules import NAMES, ROOTS, module_paths
from shipit.config.paths import plain_location
from shipit.config.sources import PYPROJECT

_MODULES = ("_version", "__version__", "version", "__about__", "about", "_about")
_FILES = (
    f"{PYPROJECT}:project.version",
    f"{PYPROJECT}:tool.poetry.version",
    "setup.cfg:metadata.version",
    "setup.py:version",
    "Cargo.toml:package.version",
    "package.json:version",
    "meson.build:version",
    "CMakeLists.txt:VERSION",
    "CITATION.cff:version",
    "codemeta.json:version",
    ".zenodo.json:version",
    "sonar-project.properties:sonar.projectVersion",
    "Dockerfile:version",
    "Dockerfile:org.opencontainers.image.version",
    "Chart.yaml:appVersion",
    "chart/Chart.yaml:appVersion",
    "helm/Chart.yaml:appVersion",
    *(f"{folder}/conf.py:{key}" for folder in ("docs", "docs/source", "doc") for key in ("release", "version")),
    f"{PYPROJECT}:tool.bumpversion.current_version",
    ".bumpversion.toml:tool.bumpversion.current_version",
    ".bumpversion.cfg:bumpversion.current_version",
    "setup.cfg:bumpversion.current_version",
    f"{PYPROJECT}:tool.bumpver.current_version",
    "VERSION",
    "VERSION.txt",
    "version.txt",
)


def second_places(written: Sequence[str], name: str, folder: str = "", modules: Iterable[str] = ()) -> list[str]:
    """Locations that may hold the version of a project of this name as well, in its folder.

    `modules` are packages that are there, whatever their names are.
    """
    known = {plain_location(one) for one in written}
    module = re.sub(r"[-.]+", "_", name)
    likely = dict.fromkeys([module, module.lower(), *modules])
    variables = (place for one in likely if one for place in _variables(one))
    charts = [f"charts/{name}/Chart.yaml:appVersion"] if name else []
    found = (plain_location(posixpath.join(folder, one)) for one in (*_FILES, *charts, *variables))
    return [one for one in dict.fromkeys(found) if one not in known]


def _variables(module: str) -> Iterator[str]:
    for root in ROOTS:
        for path in module_paths(module, [root]):
            yield from (f"{path}:{variable}" for variable in NAMES)
        for inner in _MODULES:
            yield from (f"{root}{module}/{inner}.py:{variable}" for variable in NAMES)
