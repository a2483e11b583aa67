"""A path of the configuration means the same file however it is spelled, on real servers."""

from tests.support.acme import commit, git
from tests.support.place import Place

ODD = """
[tool.shipit.changelog]
file = "./docs//CHANGES.md"
"""
FILES = '["./pyproject.toml:project.version", ".//small.py:__version__", "sub/./VERSION.txt/:version"]'


def test_files_with_a_dot_and_double_slashes_hold_the_version_that_is_released(place: Place) -> None:
    git(place.clone, "stash", "--quiet", "--include-untracked")
    text = (place.clone / "pyproject.toml").read_text()
    text = text.replace('["pyproject.toml:project.version", "small.py:__version__"]', FILES) + ODD
    commit(
        place.clone, "feat: odd paths", {"pyproject.toml": text, "sub/VERSION.txt": "version: 1.0.0\n"}, push=True
    )

    place.shipit("release").ended(0)

    def show(path: str) -> str:
        return git(place.laid.remote, "show", f"v1.1.0:{path}")

    assert 'version = "1.1.0"' in show("pyproject.toml")
    assert '__version__ = "1.1.0"' in show("small.py")
    assert show("sub/VERSION.txt").strip() == "version: 1.1.0"
    assert "## [1.1.0]" in show("docs/CHANGES.md")
    place.shipit("verify", "release", "v1.1.0").ended(0)
