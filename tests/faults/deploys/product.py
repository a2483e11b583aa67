"""A released product in production: a folder, a service with a process of its own, a forge and an index.

1.1.0 is released, published and live. The push of 1.2.0 has landed, and its release was killed before anything was
published: what the forge and the index have of it, a deployment brings there.
"""

import contextlib
import json
import os
import signal
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from shipit.adapters.local.client import Status, Supervisor
from shipit.adapters.local.process import ProcessTarget
from shipit.adapters.process import words
from shipit.model import Revision
from tests.faults.killer import Blow, Killer
from tests.support import standing
from tests.support.acme import commit, git, refs
from tests.support.place import USUAL, Place, Saved, Stage
from tests.support.run import Ran
from tests.support.served import eventually, free_address, silent

LOCK, LEDGER = "refs/shipit/lock/production", "refs/shipit/env/production"
DEPLOY = ("deploy", "--env", "production", "--yes")
FORMER, NEXT = "1.1.0", "1.2.0"
RUN = 'python -c "import small; small.serve({port})"'
SERVE = '''

def serve(port):
    """Answer with version and commit; any other page is not there."""
    import http.server, json, os

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps({name: os.environ[name.upper()] for name in ("version", "commit")}).encode()
            self.send_response(200 if self.path == "/healthz" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
'''
CHECK = """\
import pathlib, sys

sick = pathlib.Path(__file__).with_name("sick")
sys.exit(sick.exists() and sys.argv[1] in sick.read_text().split())
"""
TABLES = """
[tool.shipit.environments.production]
from = "tags"
publish = true
smoke.checks = [{{ get = "http://{address}/healthz", json = {{ version = "{{version}}", commit = "{{commit}}" }} }}]
smoke.control = "http://{address}/no-such-page"
smoke.run = [{python}, "-I", "-S", "../live/check.py", "{{version}}"]
smoke.answers = 2
smoke.timeout = 20
targets.site = {{ kind = "directory", path = "../live/site", source = "site", role = "frontend" }}

[tool.shipit.environments.production.targets.api]
kind = "process"
path = "../live/api"
run = {run}
address = "{address}"
variables = {{ VERSION = "{{version}}", COMMIT = "{{commit}}" }}
"""


@dataclass
class Product:
    """The product on a stage. Its processes run only between `begin` and `end`."""

    stage: Stage
    place: Place
    address: str

    @classmethod
    def make(cls, stage: Stage, killer: Killer) -> "Product":
        address = free_address()
        tables = TABLES.format(address=address, python=json.dumps(sys.executable), run=json.dumps(RUN))
        made = cls(stage, stage.place(USUAL + tables, work_in_hand=False), address)
        made.live.mkdir()
        (made.live / "check.py").write_text(CHECK)
        made._commit("serve", {"small.py": (made.place.clone / "small.py").read_text() + SERVE})
        made.run(killer, "release", "--type", "minor", "--yes").ended(0)
        made.run(killer, *DEPLOY).ended(0)
        made._commit("serve more", {})
        ran = made.run(killer, "release", "--type", "minor", "--yes", blow=Blow("push/push/1", "after"))
        assert ran.code == -9, ran.said
        return made

    def _commit(self, what: str, more: Mapping[str, str]) -> None:
        git(self.place.clone, "pull", "--quiet", "--ff-only", "origin", "develop")
        commit(self.place.clone, f"feat: {what}", {"site/index.html": f"{what}\n", **more}, push=True)

    def run(self, killer: Killer, *said: str, where: Path | None = None, blow: Blow | None = None) -> Ran:
        return killer.run(where or self.place.clone, *said, env=self.place.environment, blow=blow)

    @property
    def live(self) -> Path:
        return self.place.laid.folder / "live"

    @cached_property
    def former(self) -> Revision:
        return Revision(FORMER, git(self.place.laid.remote, "rev-parse", f"v{FORMER}^{{commit}}"))

    @property
    def reference(self) -> str:
        """What targets call the next version."""
        return Revision(NEXT, git(self.place.laid.remote, "rev-parse", f"v{NEXT}^{{commit}}")).reference

    def sicken(self, *versions: str) -> None:
        """From now on the critical paths of these versions fail, and those of no other."""
        (self.live / "sick").write_text(" ".join(versions))

    def save(self) -> Saved:
        self.end()
        return self.stage.save(self.place)

    def begin(self, saved: Saved) -> None:
        """Put everything back, and let what is live run again."""
        self.end()
        self.stage.restore(self.place, saved)
        self._target.start(self.former, silent)
        assert eventually(lambda: self.answer().get("version") == FORMER)

    def end(self) -> None:
        """End the supervisor and all that it has started."""
        status = self._status()
        if status:
            os.kill(status.pid, signal.SIGTERM)
        assert eventually(lambda: not self._status() and not self.processes(), 15)

    def processes(self) -> list[int]:
        """All that the supervisor has started and still runs."""
        mark, found = f"SHIPIT_SUPERVISED={self.live / 'api'}".encode(), []
        for path in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                found += [int(path.parent.name)] if mark in path.read_bytes().split(b"\0") else []
        return found

    def answer(self) -> Mapping[str, str]:
        """What the service says at its public address; nothing where it does not answer."""
        try:
            with urllib.request.urlopen(f"http://{self.address}/healthz", timeout=10) as response:
                found: Mapping[str, str] = json.load(response)
                return found
        except OSError:
            return {}

    def served(self) -> list[str]:
        """The version of each target that users see."""
        link = self.live / "site" / "current"
        site = link.readlink().name.partition("-")[0] if link.is_symlink() else ""
        return [site, self.answer().get("version", "")]

    def entries(self) -> list[dict[str, Any]]:
        """The ledger, newest first."""
        remote = self.place.laid.remote
        shas = git(remote, "rev-list", LEDGER).split()
        return [json.loads(git(remote, "show", f"{sha}:deployment.json")) for sha in shas]

    def history(self) -> list[str]:
        return [f"{one['decision']['revision']['version']} {one['outcome']}" for one in self.entries()]

    def standing(self) -> standing.Standing:
        """How the shared world stands, as far as two deployments of the same leave the same."""
        outside = {**self.place.outside()}
        outside["refs"] = {name: sha for name, sha in refs(self.place.laid.remote).items() if name != LEDGER}
        entries = [
            {
                "revision": entry["decision"]["revision"],
                "replaces": entry["decision"]["replaces"],
                **{name: entry[name] for name in ("targets", "outcome")},
            }
            for entry in self.entries()
        ]
        return {**outside, "entries": entries, "served": self.served(), "kept": self.kept(), "runs": self.runs()}

    def kept(self) -> list[list[str]]:
        """What lies in the folders of versions, two levels deep; environments have no name that counts."""
        return [self._kept(self.live / part / "versions") for part in ("site", "api")]

    @staticmethod
    def _kept(folder: Path) -> list[str]:
        found = [path for pattern in ("*", "*/*") for path in folder.glob(pattern)]
        others = {".lock", ".fence", "log", "log.1"}
        names = (str(path.relative_to(folder)) for path in found if path.name not in others)
        return sorted(name.partition("/environment-")[0] + "/environment" * ("/env" in name) for name in names)

    def runs(self) -> list[str]:
        """The versions of the service that run, once those that are to end have ended; as many processes."""
        eventually(lambda: not any(one.stopping for one in self._children().values()), 15)
        eventually(lambda: len(self.processes()) == len(self._children()), 5)
        return [*sorted(self._children()), f"{len(self.processes())} processes"]

    def _children(self) -> Mapping[str, Any]:
        status = self._status()
        return status.children if status else {}

    def _status(self) -> Status | None:
        return Supervisor(path=self.live / "api", address=self.address, fence=0).status()

    @property
    def _target(self) -> ProcessTarget:
        fence = int((self.live / "api" / "versions" / ".fence").read_text())
        return ProcessTarget(
            name="api",
            path=self.live / "api",
            keep=5,
            run=words(RUN),
            address=self.address,
            variables=lambda seen: {"VERSION": seen.version, "COMMIT": seen.commit},
            wheel=lambda _: Path("nothing is built"),
            fence=fence,
        )
