"""Where the version is that [project] does not hold: told by the project's own files."""

from pathlib import Path

import pytest

from shipit.config.place import Place
from shipit.config.pyproject import own_name, version_place
from shipit.config.sources import read_package

PROJECT = '[project]\nname = "demo-tool"\ndynamic = ["version"]\n'
VERSION = '__version__ = "1.0.0"\n'


def place(top: Path, pyproject: str, files: dict[str, str], folder: str = "") -> Place:
    for path, text in {**files, "pyproject.toml": pyproject}.items():
        (top / folder / path).parent.mkdir(parents=True, exist_ok=True)
        (top / folder / path).write_text(text)
    return version_place(read_package(top / folder), folder)


def built_by(backend: str, tables: str = "", *requires: str) -> str:
    listed = ", ".join(f'"{one}"' for one in requires)
    return f'[build-system]\nbuild-backend = "{backend}"\nrequires = [{listed}]\n{PROJECT}{tables}'


HATCH = built_by("hatchling.build", "[tool.hatch.version]\n")
SETUPTOOLS = built_by("setuptools.build_meta", "[tool.setuptools.dynamic]\n")
PDM = built_by("pdm.backend", "[tool.pdm.version]\n")
SCIKIT = built_by("scikit_build_core.build", "[tool.scikit-build.metadata.version]\n")
REGEX = 'provider = "scikit_build_core.metadata.regex"\n'


@pytest.mark.parametrize(
    ("pyproject", "files", "found"),
    [
        (HATCH + 'path = "a.py"', {"a.py": VERSION}, "a.py:__version__"),
        (HATCH + 'path = "./a.py"', {"a.py": 'VERSION = "1.0"\n'}, "a.py:VERSION"),
        (HATCH + 'path = "a.py"', {"a.py": 'Version="v1.0"\n__version__ = "1.0"\n'}, "a.py:Version"),
        (SCIKIT + REGEX + 'input = "a.py"', {"a.py": '__version__: str = "1.0"\n'}, "a.py:__version__"),
        (HATCH + 'path = "a.py"\npattern = true', {"a.py": VERSION}, "a.py:__version__"),
        (HATCH + 'path = "a"\npattern = "N: v(?P<version>.+)"', {"a": "N: v1.0.0\n"}, "a:N"),
        (HATCH + 'path = "a"\npattern = "(?P<version>.+)"', {"a": "1.0.0\n"}, "a"),
        (HATCH + 'source = "code"\npath = "a.py"', {"a.py": VERSION}, "a.py:__version__"),
        (HATCH + 'source = "nodejs"', {}, "package.json:version"),
        (
            built_by("hatchling.build"),
            {"hatch.toml": '[version]\npath = "a.py"', "a.py": VERSION},
            "a.py:__version__",
        ),
        (
            SETUPTOOLS + 'version.attr = "demo.__version__"',
            {"demo/__init__.py": VERSION},
            "demo/__init__.py:__version__",
        ),
        (SETUPTOOLS + 'version.attr = "demo.v.N"', {"src/demo/v.py": 'N = "1.0"\n'}, "src/demo/v.py:N"),
        (SETUPTOOLS + 'version.file = "VERSION"', {"VERSION": "1.0.0"}, "VERSION"),
        (SETUPTOOLS + 'version.file = ["VERSION"]', {"VERSION": "1.0.0"}, "VERSION"),
        (
            built_by("setuptools.build_meta"),
            {"setup.cfg": "[metadata]\nversion = 1.0.0\n"},
            "setup.cfg:metadata.version",
        ),
        (PROJECT, {"setup.py": 'from setuptools import setup\nsetup(version="1.0.0")\n'}, "setup.py:version"),
        (PDM + 'source = "file"\npath = "a.py"', {"a.py": VERSION}, "a.py:__version__"),
        (PDM + 'from = "a.py"', {"a.py": VERSION}, "a.py:__version__"),
        (PDM + 'source = "file"\npath = "a.py"', {"a.py": 'VERSION = "1.0.0"\n'}, "a.py:VERSION"),
        (
            PDM + 'source = "file"\npath = "a.py"\npattern = "^release = .(.+).$"',
            {"a.py": 'release = "1.0.0"\n'},
            "a.py:release",
        ),
        (PDM + 'source = "file"\npath = "VERSION"\npattern = "(.+)"', {"VERSION": "1.0.0\n"}, "VERSION"),
        (
            built_by("poetry.core.masonry.api", '[tool.poetry]\nversion = "1"'),
            {},
            "pyproject.toml:tool.poetry.version",
        ),
        (built_by("flit_core.buildapi"), {"demo_tool.py": VERSION}, "demo_tool.py:__version__"),
        (
            built_by("flit_core.buildapi", '[tool.flit.module]\nname = "x"'),
            {"src/x/__init__.py": VERSION},
            "src/x/__init__.py:__version__",
        ),
        (built_by("maturin"), {"Cargo.toml": '[package]\nversion = "1.0.0"'}, "Cargo.toml:package.version"),
        (
            built_by("maturin", '[tool.maturin]\nmanifest-path = "rust/py/Cargo.toml"'),
            {
                "rust/py/Cargo.toml": "[package]\nversion.workspace = true",
                "rust/Cargo.toml": '[workspace.package]\nversion = "1.0"',
            },
            "rust/Cargo.toml:workspace.package.version",
        ),
        (built_by("mesonpy"), {"meson.build": "project('x', version: '1.0')"}, "meson.build:version"),
        (built_by("mesonpy"), {"meson.build": "project(\n  'x',\n  version: '1.0')"}, "meson.build:version"),
        (SCIKIT + REGEX + 'input = "a.py"', {"a.py": VERSION}, "a.py:__version__"),
        (
            SCIKIT + REGEX + 'input = "CMakeLists.txt"\nregex = "VERSION (?P<value>[0-9.]+)"',
            {"CMakeLists.txt": "cmake_minimum_required(VERSION_LESS)\nproject(acme\n  VERSION 1.0.0)\n"},
            "CMakeLists.txt:VERSION",
        ),
        (
            SCIKIT + REGEX + 'input = "c/CMakeLists.txt"\nregex = "ACME_V=(?P<value>[0-9.]+)"',
            {"c/CMakeLists.txt": "project(acme)\nACME_V=1.0.0\n"},
            "c/CMakeLists.txt:ACME_V",
        ),
        (SCIKIT + REGEX + 'input = "a.py"\nregex = "N = .(?P<value>[^\\"]+)"', {"a.py": 'N = "1.0"\n'}, "a.py:N"),
        ('[tool.poetry]\nname = "demo"\nversion = "1.0.0"', {}, "pyproject.toml:tool.poetry.version"),
        ('[tool.flit.metadata]\nmodule = "demo"', {"demo.py": VERSION}, "demo.py:__version__"),
        (
            "",
            {"setup.cfg": "[metadata]\nversion = attr: demo.__version__\n", "demo.py": VERSION},
            "demo.py:__version__",
        ),
        ("", {"setup.cfg": "[metadata]\nversion = file: V.txt\n", "V.txt": "1.0"}, "V.txt"),
        (
            "",
            {
                "setup.cfg": "[metadata]\nversion = attr: demo.v\n[options]\npackage_dir =\n  = lib\n",
                "lib/demo.py": 'v = "1"\n',
            },
            "lib/demo.py:v",
        ),
    ],
)
def test_the_place_is_where_the_backend_reads_it(
    tmp_path: Path, pyproject: str, files: dict[str, str], found: str
) -> None:
    seen = place(tmp_path, pyproject, files)
    assert (seen.files, seen.doubt) == ((found,), "")


@pytest.mark.parametrize(
    ("pyproject", "files"),
    [
        (HATCH + 'source = "vcs"', {}),
        (HATCH + 'source = "uv-dynamic-versioning"', {}),
        (built_by("setuptools.build_meta", "", "setuptools-scm>=8"), {}),
        (built_by("setuptools.build_meta", "", "Setuptools_SCM[toml]"), {}),
        (built_by("setuptools.build_meta", "[tool.setuptools_scm]"), {}),
        (built_by("setuptools.build_meta", "", "versioneer"), {}),
        (PDM + 'source = "scm"', {}),
        (PDM + "use_scm = true", {}),
        (built_by("poetry_dynamic_versioning.backend", "[tool.poetry-dynamic-versioning]\nenable = true"), {}),
        ('[tool.poetry]\nversion = "0.0.0"\n[tool.poetry-dynamic-versioning]\nenable = true', {}),
        (SCIKIT + 'provider = "scikit_build_core.metadata.setuptools_scm"', {}),
        ("", {"setup.py": "from setuptools import setup\nsetup(use_scm_version=True)\n"}),
        ("", {"setup.py": "import setuptools, versioneer\nsetuptools.setup(version=versioneer.get_version())\n"}),
    ],
)
def test_what_comes_from_the_tag_is_written_nowhere(tmp_path: Path, pyproject: str, files: dict[str, str]) -> None:
    seen = place(tmp_path, pyproject, files)
    assert (seen.files, seen.doubt) == ((), "")
    assert seen.reason.endswith(": from the tag")


@pytest.mark.parametrize(
    ("pyproject", "files", "doubt"),
    [
        (HATCH + 'source = "env"', {}, 'tool.hatch.version has source = "env"'),
        (HATCH + 'source = "code"\npath = "a.py"\nexpression = "f()"', {}, 'expression = "f()"'),
        (HATCH, {}, "tool.hatch.version.path is not set"),
        (HATCH + 'path = "a.py"', {}, "tool.hatch.version.path names a.py, which is not there"),
        (HATCH + 'path = "a.py"', {"a.py": "__version__ = read()\n"}, "a.py, which has no line like __version__ ="),
        (HATCH + 'path = "a.py"\npattern = "(?P<version>[0-9]+)"', {}, "a.py, which is not there"),
        (HATCH + 'path = "a.py"', {"a.py": '__version__: str = "1.0"\n'}, "a.py, which has no line like"),
        (HATCH + 'path = "a.py"', {"a.py": '__version__ = VERSION = "1.0"\n'}, "a.py, which has no line like"),
        (
            PDM + 'source = "file"\npath = "a.py"',
            {"a.py": '__version__: str = "1.0"\nversion = "1.0"\n'},
            "a.py, which has no line like",
        ),
        (
            SCIKIT + REGEX + 'input = "a.py"',
            {"a.py": '__version__: Final[str] = "1.0"\n'},
            "a.py, which has no line like",
        ),
        (HATCH + 'path = "VERSION"', {"VERSION": "1.0.0\n"}, "VERSION, which has no line like"),
        (HATCH + 'source = "code"\npath = "gone.py"', {}, "gone.py, which is not there"),
        (HATCH + 'source = "code"\npath = "VERSION"', {"VERSION": "1.0.0\n"}, "VERSION, which has no line like"),
        (PDM + 'source = "file"\npath = "VERSION"', {"VERSION": "1.0.0\n"}, "VERSION, which has no line like"),
        (SCIKIT + REGEX + 'input = "VERSION"', {"VERSION": "1.0.0\n"}, "VERSION, which has no line like"),
        (
            PDM + 'source = "file"\npath = "a.py"\npattern = "release"',
            {"a.py": 'release = "1"\n'},
            "its pattern finds no version",
        ),
        (HATCH + 'path = "a.py"\npattern = "(?P<version>"', {"a.py": VERSION}, "its pattern finds no version"),
        (
            HATCH + 'path = "a.py"\npattern = "_|(?P<version>[0-9]+)"',
            {"a.py": VERSION},
            "its pattern finds no version",
        ),
        (HATCH + 'path = "a.py"\npattern = "[0-9]+"', {"a.py": VERSION}, "its pattern finds no version"),
        (
            HATCH + 'path = "a"\npattern = "on (?P<version>.+)"',
            {"a": "is on 1.0\n"},
            "a pattern for more than one name",
        ),
        (HATCH + 'path = "/a.py"', {}, "names /a.py"),
        (HATCH + 'path = "../a.py"', {}, "names ../a.py"),
        (SETUPTOOLS + 'version.attr = "demo.v"', {}, "names the module demo, which is neither in . nor in src"),
        (SETUPTOOLS + 'version.attr = "demo.v"', {"demo.py": "v = 1, 0\n"}, "demo.py has no line like v ="),
        (SETUPTOOLS + 'version.file = ["a", "b"]', {}, "names several files"),
        (SETUPTOOLS + 'version.file = "a"', {}, "names a, which is not there"),
        (SETUPTOOLS + 'version.file = "a"', {"a": "x 1.0\n"}, "names a, which holds more than a version"),
        (built_by("setuptools.build_meta"), {}, "neither tool.setuptools.dynamic nor setup.cfg"),
        (PDM + 'source = "call"', {}, 'tool.pdm.version has source = "call"'),
        (built_by("pdm.backend"), {}, "tool.pdm.version is not set"),
        (built_by("poetry.core.masonry.api"), {}, "tool.poetry.version is not set"),
        (built_by("flit_core.buildapi"), {}, "flit's module names the module demo_tool"),
        (built_by("maturin"), {}, "Cargo.toml has no package.version"),
        (built_by("maturin"), {"Cargo.toml": "["}, "Cargo.toml has no package.version"),
        (built_by("mesonpy"), {"meson.build": "project('x', version: files('V'))"}, "meson.build has no version"),
        (SCIKIT, {}, "tool.scikit-build.metadata.version.provider is not set"),
        (SCIKIT + 'provider = "own"', {}, 'has provider = "own"'),
        (built_by("uv_build"), {}, "uv_build takes no dynamic version"),
        (built_by("own"), {}, "the build backend own is not known to shipit"),
        (
            "",
            {"setup.py": "from setuptools import setup\nsetup(version=read('V'))\n"},
            "computes it: version=read('V')",
        ),
    ],
)
def test_what_nobody_can_know_is_told_by_its_key(
    tmp_path: Path, pyproject: str, files: dict[str, str], doubt: str
) -> None:
    seen = place(tmp_path / "top", pyproject, files)
    assert seen.files == ()
    assert doubt in seen.doubt
    assert seen.doubt in seen.reason


@pytest.mark.parametrize(
    "text",
    [
        "from ._v import __version__\n",
        "from demo._v import (a, __version__)\n",
        "from ._v import n as __version__\n",
    ],
)
def test_an_attribute_is_followed_to_where_it_is_written(tmp_path: Path, text: str) -> None:
    name = "n" if " n as " in text else "__version__"
    files = {"demo/__init__.py": text, "demo/_v.py": f'{name} = "1.0.0"\n'}
    assert place(tmp_path, SETUPTOOLS + 'version.attr = "demo.__version__"', files).files == (f"demo/_v.py:{name}",)


def test_an_attribute_that_is_followed_in_a_circle_ends(tmp_path: Path) -> None:
    files = {"demo/__init__.py": "from .a import v\n", "demo/a.py": "from demo import v\n"}
    assert "demo" in place(tmp_path, SETUPTOOLS + 'version.attr = "demo.v"', files).doubt


def test_a_package_may_lie_in_a_folder_of_its_own(tmp_path: Path) -> None:
    tables = 'version.attr = "demo.v"\n[tool.setuptools.package-dir]\ndemo = "lib/x"\n'
    assert place(tmp_path, SETUPTOOLS + tables, {"lib/x/__init__.py": 'v = "1"\n'}).files == (
        "lib/x/__init__.py:v",
    )


def test_a_place_in_a_sub_folder_is_seen_from_the_top(tmp_path: Path) -> None:
    seen = place(tmp_path, HATCH + 'path = "../shared/v.py"', {"../shared/v.py": VERSION}, "backend")
    assert seen.files == ("shared/v.py:__version__",)


@pytest.mark.parametrize(
    ("pyproject", "text", "key"),
    [
        (HATCH + "path = '{there}'", VERSION, "tool.hatch.version.path"),
        (HATCH + "path = '{there}'\npattern = \"(?P<version>.+)\"", "1.0.0\n", "tool.hatch.version.path"),
        (SETUPTOOLS + "version.file = '{there}'", "1.0.0\n", "tool.setuptools.dynamic.version.file"),
    ],
)
def test_a_file_that_is_there_but_is_named_from_the_root_is_none(
    tmp_path: Path, pyproject: str, text: str, key: str
) -> None:
    there = tmp_path / "top" / "VERSION"
    seen = place(tmp_path / "top", pyproject.replace("{there}", str(there)), {"VERSION": text})
    assert (seen.files, seen.doubt) == (
        (),
        f"{key} names {there}, which is not a path from the project's folder",
    )


def test_a_place_out_of_the_repository_is_none(tmp_path: Path) -> None:
    seen = place(tmp_path / "top", HATCH + 'path = "../v.py"', {"../v.py": VERSION})
    assert (seen.files, "leads out of the repository" in seen.doubt) == ((), True)


@pytest.mark.parametrize(
    ("pyproject", "files", "name"),
    [
        (PROJECT, {}, "demo-tool"),
        ('[tool.poetry]\nname = "demo"', {}, "demo"),
        ('[tool.flit.metadata]\nmodule = "demo"', {}, "demo"),
        ("", {"setup.cfg": "[metadata]\nname = demo\n"}, "demo"),
        ("", {"setup.py": 'import setuptools\nsetuptools.setup(name="demo")\n'}, "demo"),
        ("", {"setup.py": "setup(\n", "setup.cfg": "no section\n"}, ""),
        ("[project]\n", {"setup.cfg": "[metadata]\nname = demo\n"}, ""),
    ],
)
def test_the_name_is_that_of_the_file_that_has_one(
    tmp_path: Path, pyproject: str, files: dict[str, str], name: str
) -> None:
    place(tmp_path, pyproject, files)
    assert own_name(read_package(tmp_path)) == name


def test_a_script_that_nests_too_deeply_is_told_and_ends_nothing(tmp_path: Path) -> None:
    script = f"from setuptools import setup\nsetup(version={' + '.join(['a'] * 3000)})\n"
    assert "setup.py" in place(tmp_path, PROJECT, {"setup.py": script}).doubt


def test_a_script_that_python_reads_but_that_nests_too_deeply_for_us_is_named(tmp_path: Path) -> None:
    script = f"from setuptools import setup\nsetup(version={' + '.join(['a'] * 500)})\n"
    compile(script, "setup.py", "exec")
    seen = place(tmp_path, PROJECT, {"setup.py": script})
    assert (seen.files, seen.doubt) == ((), "setup.py is nested too deeply to be read")
