"""The vendor's own command line deploys to the same stand-in, and ends where shipit does."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shipit.adapters.vercel.client import VercelClient
from shipit.adapters.vercel.target import VercelTarget
from shipit.model import Revision
from tests.support.certificate import loopback
from tests.support.require import require
from tests.support.scanners import PLACE as NODE
from tests.support.vercel import VercelServer
from tests.support.vercel_state import OWNER

PLACE = Path(__file__).parents[3] / ".venv-vercel"
FILES = {"version.json": '{"version": "1.1.0"}', "assets/style.css": "body {}\n", "assets/same.css": "body {}\n"}
NEW = Revision("1.1.0", "1" * 40)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "site"
    for name, text in FILES.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(text)
    return made


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return tmp_path / "certificate.pem"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[VercelServer]:
    context, _ = loopback(tmp_path)
    with VercelServer(context) as made:
        yield made


def tool(server: VercelServer, folder: Path, certificate: Path, *words: str) -> str:
    """What the vendor's command line printed; fails the test unless it ended with 0."""
    program = Path(os.environ.get("SHIPIT_TEST_VERCEL", PLACE)) / "node_modules" / "vercel" / "dist" / "vc.js"
    path = os.pathsep.join((os.environ.get("SHIPIT_TEST_SCANNERS", str(NODE)), os.environ["PATH"]))
    node = shutil.which("node", path=path)
    require(f"{program} and node (make .venv-vercel/ready)", program.exists() and node is not None)
    env = {
        "PATH": path,
        "HOME": str(folder.parent),
        "CI": "1",
        "NODE_EXTRA_CA_CERTS": str(certificate),
        "VERCEL_ORG_ID": OWNER,
        "VERCEL_PROJECT_ID": server.state.id,
        "VERCEL_TELEMETRY_DISABLED": "1",
        "NO_UPDATE_NOTIFIER": "1",
    }
    argv = [str(node), str(program), *words, "--yes", "--api", server.api, "--token", server.state.token]
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def standing(server: VercelServer) -> dict[str, Any]:
    (one,) = server.state.deployments.values()
    return {
        "files": one.files,
        "contents": server.state.files,
        "target": one.target,
        "state": (one.state, one.substate, one.is_staged),
        "leads_to": server.state.leads_to,
        "wish": server.state.wish and (server.state.wish.kind, server.state.wish.to, server.state.wish.status),
    }


def test_both_end_in_the_same_state(server: VercelServer, folder: Path, certificate: Path) -> None:
    printed = tool(server, folder, certificate, "deploy", "--prod", "--skip-domain")
    (one,) = server.state.deployments.values()
    assert printed.strip() == f"https://{one.url}"
    theirs_staged = standing(server)
    tool(server, folder, certificate, "promote", one.id)
    theirs = standing(server)
    with VercelServer() as own:
        client = VercelClient(own.api, own.state.token, OWNER)
        target = VercelTarget(
            name="web",
            environment="production",
            project=own.state.name,
            keep=5,
            limit=10,
            run="run-1",
            deployed=NEW,
            source=lambda: folder,
            connect=lambda: client,
        )
        target.start(NEW, print)
        ours_staged = standing(own)
        target.switch(NEW.reference, print)
        ours = standing(own)
        client.close()
    assert ours_staged == theirs_staged
    assert theirs_staged["state"] == ("READY", "STAGED", True)
    assert ours == theirs
    assert ours["state"] == ("READY", "PROMOTED", True)
