"""Both HTML pages in a real browser, at two widths, dark and light: no barrier, no request, nothing too wide."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import sample_pages
from tests.support.require import require
from tests.support.scanners import scanners

MODULES = Path(__file__).parents[3] / ".venv-browser"
LOOK = Path(__file__).with_name("look.mjs")
LIGHT, DARK = "rgb(246, 247, 249)", "rgb(18, 22, 27)"
Seen = list[dict[str, Any]]


@pytest.fixture(scope="module")
def look() -> Callable[..., Seen]:
    """Opens pages; see look.mjs for what comes back."""
    browser = shutil.which("chromium")
    require("chromium", browser is not None)
    require(f"puppeteer-core in {MODULES} (make .venv-browser/ready)", (MODULES / "node_modules").is_dir())
    node = scanners("node") / "node"

    def run(*pages: Path) -> Seen:
        done = subprocess.run(
            [str(node), str(LOOK), str(browser), str(MODULES), "-", *map(str, pages)],
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
            env={**os.environ, "NODE_OPTIONS": ""},
        )
        assert done.returncode == 0, done.stderr
        return list(json.loads(done.stdout))

    return run


@pytest.fixture(scope="module")
def seen(look: Callable[..., Seen], tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder = tmp_path_factory.mktemp("pages")
    (folder / "status.html").write_bytes(sample_pages.status())
    (folder / "security.html").write_bytes(sample_pages.security())
    return look(folder / "status.html", folder / "security.html")


def test_each_page_was_seen_at_each_width_in_each_scheme(seen: Seen) -> None:
    found = {(one["page"], one["width"], one["scheme"]): one["background"] for one in seen}
    assert found == {
        (page, width, scheme): colour
        for page in ("status.html", "security.html")
        for width in (390, 1280)
        for scheme, colour in (("light", LIGHT), ("dark", DARK))
    }


@pytest.mark.parametrize("what", ["barriers", "requests", "said"])
def test_nothing_grave_is_found(seen: Seen, what: str) -> None:
    """Barriers for people, requests that leave the page, and complaints of the browser about its policy."""
    assert {(one["page"], one["width"], one["scheme"]): one[what] for one in seen if one[what]} == {}


def test_no_page_is_wider_than_its_screen(seen: Seen) -> None:
    assert {one["wide"] for one in seen} == {0}


def test_the_keyboard_meets_a_way_to_the_content_first(seen: Seen) -> None:
    assert {one["focus"] for one in seen} == {"Skip to the content"}


def test_what_is_wrong_would_be_found(look: Callable[..., Seen], tmp_path: Path) -> None:
    wrong = (
        '<!DOCTYPE html><html lang="en"><head><title>x</title></head><body><main><h1>x</h1>'
        '<p style="color:#999;background:#fff">hardly to be read</p><img src="other.png">'
        '<div style="width:2000px">wide</div></main></body></html>'
    )
    (tmp_path / "wrong.html").write_text(wrong)
    for one in look(tmp_path / "wrong.html"):
        assert {barrier.partition(":")[0] for barrier in one["barriers"]} == {"color-contrast", "image-alt"}
        assert [url.rpartition("/")[2] for url in one["requests"]] == ["other.png"]
        assert one["wide"] > 0
