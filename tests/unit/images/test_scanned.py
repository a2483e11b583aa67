"""The images that a scan of the work tree looks at."""

from pathlib import Path

from shipit.images.scanned import references
from tests.unit.images.yard import MCP, SETTINGS, WEBHOOK, Yard


def test_are_those_of_the_commit_that_is_checked_out(yard: Yard) -> None:
    own = f"develop-{yard.head[:9]}"
    assert references(yard.outside) == (
        ("mcp", f"registry.test/{MCP}:{own}"),
        ("webhook", f"registry.test/{WEBHOOK}:{own}"),
    )


def test_on_no_branch_have_the_name_under_which_they_are_built(yard: Yard) -> None:
    yard.checkout.branch = None
    assert references(yard.outside)[0] == ("mcp", f"registry.test/{MCP}:{yard.head[:9]}")


def test_without_images_there_are_none(tmp_path: Path) -> None:
    yard = Yard(tmp_path, SETTINGS.partition("[tool.shipit.images]")[0])
    assert references(yard.outside) == ()
