"""Where the version is that setup.py computes: told by the modules and the files that it names."""

from pathlib import Path

import pytest

from shipit.config.pyproject import version_place
from shipit.config.sources import read_package

VERSION = '__version__ = "1.0.0"\n'
INSIDE = {"demo/__init__.py": VERSION}
FIRST = "demo/__init__.py:__version__"


def found(top: Path, script: str, files: dict[str, str]) -> tuple[str, ...]:
    for path, text in {**files, "setup.py": script}.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text)
    place = version_place(read_package(top))
    assert bool(place.files) is not bool(place.doubt)
    return place.files


@pytest.mark.parametrize(
    ("script", "files", "place"),
    [
        ('setup(name="demo", version="1.0.0")', {}, "setup.py:version"),
        ('NUMBER = "1.0.0"\nsetup(version=NUMBER)', {}, "setup.py:NUMBER"),
        ("import demo\nsetup(version=demo.__version__)", INSIDE, FIRST),
        ("import demo as d\nsetup(version=d.__version__)", INSIDE, FIRST),
        ("import os, demo\nsetup(version=demo.__version__)", INSIDE, FIRST),
        ("import os\nimport re, sys\nimport demo as d\nsetup(version=d.__version__)", INSIDE, FIRST),
        ("from demo import __version__\nsetup(version=__version__)", INSIDE, FIRST),
        ("from os import path, sep\nfrom demo import a, __version__\nsetup(version=__version__)", INSIDE, FIRST),
        ("from demo import __version__ as v\nsetup(version=v)", INSIDE, FIRST),
        ("import demo.v\nsetup(version=demo.v.N)", {"demo/v.py": 'N = "1.0"\n'}, "demo/v.py:N"),
        ("from demo import v\nsetup(version=v.N)", {"demo/v.py": 'N = "1.0"\n'}, "demo/v.py:N"),
        (
            "import demo\nsetup(version=demo.__version__, package_dir={'': 'lib'})",
            {"lib/demo/__init__.py": VERSION},
            "lib/demo/__init__.py:__version__",
        ),
        ('setup(version=open("VERSION").read().strip())', {"VERSION": "1.0.0\n"}, "VERSION"),
        ('setup(version=(here / "demo" / "VERSION").read_text())', {"demo/VERSION": "1.0.0"}, "demo/VERSION"),
        ('v = read(join(dirname(__file__), "demo", "__init__.py"))\nsetup(version=v)', INSIDE, FIRST),
        ('v = read(f"{here}/demo/__init__.py")\nsetup(version=v)', INSIDE, FIRST),
        ('setup(name="demo", version=find("__init__.py"))', INSIDE, FIRST),
        (
            'setup(name="de-mo", version=find("about.py"))',
            {"src/de_mo/about.py": 'VERSION = "1.0"\n'},
            "src/de_mo/about.py:VERSION",
        ),
    ],
)
def test_the_one_file_that_a_script_names_is_the_place(
    tmp_path: Path, script: str, files: dict[str, str], place: str
) -> None:
    assert found(tmp_path, script, files) == (place,)


@pytest.mark.parametrize(
    ("script", "files"),
    [
        ('setup(version=read("VERSION"), x=read("OTHER"))', {"VERSION": "1.0.0", "OTHER": "2.0.0"}),
        ('setup(version=read("README.md"))', {"README.md": "1.0.0 is out\n"}),
        ('setup(version=read("../VERSION"))', {}),
        ('setup(version=os.environ["V"])', {"VERSION": "1.0.0"}),
        ("from demo import missing\nsetup(version=missing)", INSIDE),
        ("from .demo import __version__\nsetup(version=__version__)", INSIDE),
        ("setup(version=demo.__version__)", {}),
        ("setup(version=demo)\nimport demo", {}),
        ('setup(version=read("setup.py"))\nversion = "1.0.0"', {}),
        ("import demo\nsetup(version=demo.__version__, package_dir=find())", {}),
        ("import demo\nsetup(version=demo.__version__, package_dir={'': 1})", {}),
    ],
)
def test_several_files_or_none_are_no_place(tmp_path: Path, script: str, files: dict[str, str]) -> None:
    assert found(tmp_path, script, files) == ()


def test_a_package_that_setup_cfg_finds_in_another_folder_has_the_attribute_there(tmp_path: Path) -> None:
    text = "[metadata]\nversion = attr: demo.__version__\n[options]\npackages = find:\n"
    files = {"setup.cfg": text + "[options.packages.find]\nwhere = lib\n", "lib/demo/__init__.py": VERSION}
    assert found(tmp_path, "setup()", files) == ("lib/demo/__init__.py:__version__",)
