"""Requirements files as shipit reads them: what is pinned, what is not, and what is left to say."""

import pytest

from shipit.adapters.scanners.requirements import Pin, files, read, sort
from tests.unit.adapters.scanners.conftest import Tree

MARKERS = {"python_version": "3.11", "sys_platform": "linux"}


def test_requirements_files_are_known_by_their_names() -> None:
    tracked = [
        "requirements.txt",
        "requirements-dev.txt",
        "app/requirements/base.txt",
        "dev-requirements.txt",
        "notes.txt",
        "requirements.in",
    ]
    assert files(tracked) == tracked[:4]


@pytest.mark.parametrize(
    ("line", "kind", "text"),
    [
        ("Flask_Login==1.0.0", "pin", "flask-login==1.0.0"),
        ("flask[async]==1.0", "pin", "flask==1.0"),
        ('flask==1.0 ; python_version > "3"', "pin", "flask==1.0"),
        ("", "", ""),
        ("--index-url https://x", "", ""),
        ("-c constraints.txt", "", ""),
        ("-e .", "local", "-e ."),
        ("./wheels/x.whl", "local", "./wheels/x.whl"),
        ("-r not-tracked.txt", "others", "-r not-tracked.txt"),
        ("-rnot-tracked.txt", "others", "-rnot-tracked.txt"),
        ("--require-hashes", "", ""),
        ("--extra-index-url https://x", "", ""),
        ("x @ https://host/x.whl", "others", "x from an address"),
        ("flask>=1", "loose", "flask>=1"),
        ("flask", "loose", "flask"),
        ("flask==2.*", "loose", "flask==2.*"),
        ("flask===2.0", "loose", "flask===2.0"),
        ("flask!!", "others", ""),
        ("flask ; 'a' in extras", "others", ""),
        ("https://u:pw@host/x.whl", "others", ""),
        ("-r https://u:pw@host/r.txt", "others", ""),
        ("-e git+https://u:pw@host/x#egg=x", "local", ""),
        ("x @ https://u:pw@host/x.whl ; sys_platform == 'win32'", "skipped", "x"),
    ],
)
def test_each_line_is_of_one_kind(line: str, kind: str, text: str) -> None:
    assert sort(line, MARKERS) == (kind, text)


def test_fact_12_a_line_whose_marker_is_false_is_skipped_and_said() -> None:
    assert sort('flask==1.0 ; sys_platform == "win32"', MARKERS)[0] == "skipped"


def test_fact_12_files_that_a_file_names_are_read_with_it(tree: Tree) -> None:
    settings = tree({
        "requirements.txt": "# all\n-r deps/base.txt\n-r gone.txt\n"
        "flask==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n",
        "deps/base.txt": "rich==13.0  # why\n-r ../requirements.txt\n-e .\nhttpx\n",
    })  # fmt: skip
    found = read(settings.tree, settings.tracked, MARKERS)
    assert found.pins == (
        Pin(name="flask", version="1.0", path="requirements.txt"),
        Pin(name="rich", version="13.0", path="deps/base.txt"),
    )
    assert found.others == ("requirements.txt:3 -r gone.txt",)
    assert found.local == ("deps/base.txt:3 -e .",)
    assert found.loose == ("deps/base.txt:4 httpx",)
    assert found.needed == ("httpx",)


def test_a_last_line_that_goes_on_is_read(tree: Tree) -> None:
    settings = tree({"requirements.txt": "flask==1.0 \\"})
    assert [pin.name for pin in read(settings.tree, settings.tracked, MARKERS).pins] == ["flask"]
