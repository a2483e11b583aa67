"""The configuration of the sample product with everything around it, and the workflows that belong to it."""

import datetime as dt
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from examples import base_image
from examples.lay_out import ACME, _files

from shipit.project.workflows.source import product_in, workflows

ENVIRONMENTS = ("staging", "production")
_LACKING = ("codeql", "trivy", "trufflehog", "pip-audit", "npm-audit", "sbom", "pip-licenses")
"""Scans whose programs need a network, or are tried elsewhere."""
_REPLACED = ("index", "registry", "environments")
_SETTINGS = """\
[tool.shipit.index]
kind = "url"
url = "{index}/"
simple = "{index}/simple/"
username = "env:INDEX_USERNAME"
password = "env:INDEX_PASSWORD"

[tool.shipit.registry]
host = "{registry}"
namespace = "{namespace}"
username = "env:GITHUB_ACTOR"
password = "env:GITHUB_TOKEN"

[tool.shipit.notify]
run = ["sh", "-c", "cat >> {notified} && echo >> {notified}"]
"""
_ENVIRONMENT = """
[tool.shipit.environments.{name}]
from = "{source}"
wait-for-checks = true
checks-timeout = 1
gates = {gates}
{publish}
smoke.checks = [
  {{ get = "http://127.0.0.1:{port}/healthz", json = {{ version = "{{version}}", commit = "{{commit}}" }} }},
  {{ get = "{site}index.html" }},
]
smoke.control = "http://127.0.0.1:{port}/no-such-page"
smoke.timeout = 20
database = {{ url = "env:{name_in_capitals}_DATABASE_URL", on-failure = "down", backup.path = "{backups}" }}

[tool.shipit.environments.{name}.targets.frontend]
kind = "vercel"
project = "acme-{name}"
team = "acme"
token = "env:VERCEL_TOKEN"
source = "frontend"

[tool.shipit.environments.{name}.targets.backend]
kind = "command"
image = "webhook"
deploy = '''
  sh -c "docker rm --force --volumes acme-{name} >/dev/null 2>&1
         docker run --detach --init --name acme-{name} --publish 127.0.0.1:{port}:8080 \
                    --env ACME_WEBHOOK_SECRET {{image}}"
'''
live = "docker ps --filter name=acme-{name} --no-trunc --format {{{{.Image}}}}"
variables = {{ ACME_WEBHOOK_SECRET = "env:ACME_WEBHOOK_SECRET" }}
"""


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where everything is; `sites` and `ports` are those of the frontends and of the webhooks by environment."""

    folder: Path
    api: str
    index: str
    registry: str
    namespace: str
    sites: Mapping[str, str]
    ports: Mapping[str, int]


def files(addresses: Addresses) -> Mapping[str, bytes]:
    """The files of acme with these addresses, and with the workflows that belong to them."""
    found = {**dict(_files(ACME)), "pyproject.toml": _settings(addresses).encode()}
    with tempfile.TemporaryDirectory(dir=addresses.folder) as place:
        for path in ("pyproject.toml", "frontend/package.json"):
            (Path(place) / path).parent.mkdir(exist_ok=True)
            (Path(place) / path).write_bytes(found[path])
        made = workflows(product_in(Path(place)))
    kept = {path: data for path, data in found.items() if not path.startswith(".github/workflows/")}
    return {**kept, **{path: text.encode() for path, text in made.items()}}


def _settings(addresses: Addresses) -> str:
    document = tomlkit.parse((ACME / "pyproject.toml").read_text("utf-8"))
    table: Any = document["tool"]["shipit"]
    for name in _REPLACED:
        del table[name]
    table["forge"] |= {"kind": "github", "repository": "acme/acme", "api": addresses.api}
    for image in table["images"].values():
        image["build-args"]["BASE"] = base_image.PYTHON
    for scan in _LACKING:
        waiver = {"scan": scan, "reason": "not on this machine", "until": dt.date(2999, 12, 31)}
        table["security"].setdefault("waivers", tomlkit.table())[scan] = waiver
    words = {"index": addresses.index, "registry": addresses.registry, "namespace": addresses.namespace}
    shared = _SETTINGS.format(notified=addresses.folder / "notified.jsonl", **words)
    return "\n".join([tomlkit.dumps(document), shared, *(_environment(addresses, name) for name in ENVIRONMENTS)])


def _environment(addresses: Addresses, name: str) -> str:
    production = name == "production"
    return _ENVIRONMENT.format(
        name=name,
        name_in_capitals=name.upper(),
        source="tags" if production else "develop",
        gates='["tests"]' if production else "[]",
        publish="publish = true" if production else "",
        port=addresses.ports[name],
        site=addresses.sites[name],
        backups=addresses.folder / "backups",
    )
