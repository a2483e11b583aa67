"""200 MB of files for Vercel: sent from the disk, in bounded memory, each content once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.vercel import VercelServer

MEGABYTE = 1_000_000
WHOLE, LARGEST = 200, 60
"""Megabytes in all, and of one file."""
BOUND = 150
"""Megabytes that the process may need at most, Python and its libraries included."""
SENDING = """
import re, sys
from pathlib import Path
from shipit.adapters.vercel.client import VercelClient
from shipit.adapters.vercel.target import VercelTarget
from shipit.model import Revision

new = Revision("1.1.0", "1" * 40)
api, token, folder = sys.argv[1:]
target = VercelTarget(
    name="web", environment="production", project="acme-production", keep=5, limit=10, run="run-1", deployed=new,
    source=lambda: Path(folder), connect=lambda: VercelClient(api, token),
)
target.start(new, print)
# not ru_maxrss: that begins with what the process had that started this one
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1000)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "site"
    made.mkdir()
    rest, number = WHOLE * MEGABYTE, 0
    while rest > 0:
        size = min(rest, LARGEST * MEGABYTE)
        with (made / f"{number}.bin").open("wb") as file:
            file.write(b"%d" % number)
            file.truncate(size)  # sparse: nothing of it takes room on the disk
        rest, number = rest - size, number + 1
    return made


def test_large_outputs_are_streamed(folder: Path) -> None:
    with VercelServer() as server:
        done = subprocess.run(
            [sys.executable, "-c", SENDING, server.api, server.state.token, str(folder)],
            env={name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")},
            capture_output=True,
            text=True,
            timeout=100,
            check=True,
        )
        assert sum(server.state.files.values()) == WHOLE * MEGABYTE
        assert len(server.state.uploaded) == len(list(folder.iterdir()))
        (one,) = server.state.alive
        assert sorted(one.files) == sorted(path.name for path in folder.iterdir())
    peak = int(done.stdout.splitlines()[-1])
    assert peak < BOUND, f"{peak} MB for {WHOLE} MB of files"
