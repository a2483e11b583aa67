"""A folder as package index: what lies in it on no page is seen before anything is touched."""

import hashlib
import json

from tests.faults.matrix import differences
from tests.support.acme import git
from tests.support.place import Place

NAME = "small-1.1.0.tar.gz"
ASKED = ("release", "--type", "minor")


def lay(place: Place, data: bytes) -> str:
    """Put a file of somebody else beside the page, and on no page; returns its sha256."""
    file = place.laid.index / "small" / NAME
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def ours(place: Place) -> str:
    kept = git(place.laid.remote, "show", "refs/shipit/release/v1.1.0:release.json")
    return next(str(file["sha256"]) for file in json.loads(kept)["files"] if file["name"] == NAME)


def test_a_file_on_no_page_refuses_the_release_before_it_is_built(place: Place) -> None:
    there = lay(place, b"somebody's")
    outside, here, writes = place.outside(), place.here(), place.writes()

    said = place.shipit(*ASKED).ended(4).said

    assert f"{NAME} (not listed, sha256 {there})" in said
    assert not differences(place.outside(), outside)
    assert not differences(place.here(), here)
    assert place.writes() == writes
    assert f"{NAME} (not listed" in place.shipit(*ASKED, "--dry-run").said


def test_once_it_is_built_both_sha256_are_told_and_our_own_bytes_go_on(place: Place) -> None:
    folder = place.laid.index / "small"
    place.server.before_push = lambda: lay(place, b"somebody's")  # after the checks, with the first push
    there = hashlib.sha256(b"somebody's").hexdigest()
    place.shipit(*ASKED).ended(5)
    place.server.before_push = None
    outside = place.outside()

    said = place.shipit("release", "--resume").ended(4).said

    wanted = f"sha256 {there} there, "
    here = said.partition(wanted)[2].split()[0].rstrip(")")
    assert len(here) == 64
    assert not differences(place.outside(), outside)
    (folder / NAME).unlink()
    place.shipit("release", "--resume").ended(0)
    assert ours(place) == here
    assert hashlib.sha256((folder / NAME).read_bytes()).hexdigest() == here


def test_what_other_tools_wrote_on_the_pages_stays(place: Place) -> None:
    place.shipit(*ASKED).ended(0)
    page = place.laid.index / "small" / "index.html"
    yanked = page.read_text().replace("small-1.1.0.tar.gz</a>", "small-1.1.0.tar.gz</a> yanked")
    yanked = yanked.replace('">small-1.1.0', '" data-yanked="broken" data-requires-python="&gt;=3.9">small-1.1.0')
    yanked = yanked.replace("  </head>", '    <meta name="pypi:project-status" content="deprecated">\n  </head>')
    page.write_text(yanked)
    place.push_something("fix: more", {"more.txt": "more\n"})
    git(place.clone, "pull", "--quiet", "--rebase", "--autostash")

    place.shipit("release", "--type", "patch").ended(0)

    lines = page.read_text().splitlines()
    added = [line for line in lines if "1.1.1" in line]
    assert len(added) == 2
    assert [line for line in lines if line not in added] == yanked.splitlines()
    place.shipit("verify", "release", "v1.1.0").ended(0)
