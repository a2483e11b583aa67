"""The deployment part of a demo: two environments go live, and a version that never gets healthy is taken back."""

import json
import os
import signal
import socket
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from examples.lay_out import Laid, git
from examples.stage import Question, check, heading, show

from shipit.adapters.local.client import Supervisor

SECRET = {"ACME_WEBHOOK_SECRET": "only for this demo"}
HEALTHY = 'self._answer(HTTPStatus.OK, {**identity(), "events": events})'
SICK = 'self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, {**identity(), "events": events})'


def free_ports() -> tuple[int, int]:
    """Two that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


def deploy(laid: Laid, tag: str, ports: tuple[int, int]) -> None:
    """Run the commands a person would type, and ask both addresses what answers there."""

    def shown(why: str, command: str, expected: int = 0) -> None:
        show(laid.clone, why, command, expected, SECRET)

    shown("What would a deployment of develop to staging do?", "shipit deploy --env staging --dry-run")
    shown("Deploy develop to staging.", "shipit deploy --env staging --yes")
    shown(f"Deploy {tag} to production.", "shipit deploy --env production --yes")
    shown("Where is what?", "shipit status")
    good = git(laid.remote, "rev-parse", "develop")
    make_sick(laid)
    shown(
        "Somebody pushed a version whose health page answers 500. It gets no traffic, and is taken back.",
        "shipit deploy --env staging --yes",
        expected=7,
    )
    shown("And now?", "shipit status")
    shown("What has happened to staging?", "shipit deploy history --env staging")
    check("And what answers?", questions(laid, tag, good, ports))


def make_sick(laid: Laid) -> None:
    """Commit a version to develop that is built and installed, but never gets healthy."""
    git(laid.clone, "pull", "--quiet", "--ff-only")
    page = laid.clone / "src" / "acme" / "webhook.py"
    page.write_text(page.read_text("utf-8").replace(HEALTHY, SICK), encoding="utf-8")
    git(laid.clone, "commit", "--quiet", "--message", "feat(webhook): a new health page", "src/acme/webhook.py")
    git(laid.clone, "push", "--quiet", "origin", "develop")


def questions(laid: Laid, tag: str, good: str, ports: tuple[int, int]) -> Iterator[Question]:
    version, staging, production = tag.removeprefix("v"), *ports
    yield "staging answers with the commit from before", lambda: answer(staging)["commit"] == good
    yield (
        f"production answers with {tag} and its commit",
        lambda: (
            (answer(production)["version"], answer(production)["commit"])
            == (version, git(laid.remote, "rev-parse", f"{tag}^{{commit}}"))
        ),
    )
    for name in ("staging", "production"):
        page = laid.folder / "live" / name / "site" / "current" / "index.html"
        yield f"the frontend of {name} is served", partial(shows_acme, page)
    yield (
        "no lock is left on the remote",
        lambda: not git(laid.remote, "for-each-ref", "refs/shipit/lock/"),
    )


def shows_acme(page: Path) -> bool:
    return "acme" in page.read_text("utf-8").lower()


def answer(port: int) -> dict[str, str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as page:
        found: dict[str, str] = json.load(page)
    return found


def end_services(laid: Laid, ports: tuple[int, int]) -> None:
    """End the supervisors, and with them the services."""
    for name, port in zip(("staging", "production"), ports, strict=True):
        path = laid.folder / "live" / name / "webhook"
        status = Supervisor(path=path, address=f"127.0.0.1:{port}", fence=0).status() if path.exists() else None
        if status:
            os.kill(status.pid, signal.SIGTERM)
    heading("The services of the demo are ended.")
