"""A workflow without a fault, and what is found in it once something is changed."""

from collections.abc import Mapping
from typing import Any

import msgspec

from shipit.adapters.marked_yaml import read
from shipit.config import Config
from shipit.project.ci.command import findings
from shipit.project.ci.document import Document, Finding, Node
from shipit.project.ci.workflow import FOLDER, Workflow

SHA = "0123456789" * 4
LINT = f"""\
on:
  push:
  pull_request:
permissions: {{ contents: read }}
jobs:
  lint:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@{SHA} # v7.0.1
      - run: shipit verify lint
"""
DEPLOY = f"""\
on:
  push:
    branches: [develop]
permissions: {{ contents: write }}
concurrency:
  group: deploy
  cancel-in-progress: false
jobs:
  staging:
    runs-on: ubuntu-24.04
    environment: staging
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@{SHA} # v7.0.1
      - run: shipit deploy --env staging
"""


def config(**tables: Any) -> Config:
    return msgspec.convert(tables, Config)


def workflow(path: str, text: str) -> Workflow:
    name = path if "/" in path else f"{FOLDER}/{path}"
    return Workflow(Document(path=name, root=read(text.encode(), name, Node), lines=text.splitlines()))


def found(files: Mapping[str, str], settings: Config | None = None) -> list[Finding]:
    """The findings in these files, each once."""
    return sorted(set(findings([workflow(*one) for one in files.items()], settings or Config())))


def rules(text: str, settings: Config | None = None) -> list[tuple[str, int]]:
    """Rule and line of each finding in one workflow."""
    return [(one.rule, one.line) for one in found({"one.yml": text}, settings)]


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)
