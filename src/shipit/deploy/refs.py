"""The refs that an environment uses on the remote."""

from typing import Final

LOCKS: Final = "refs/shipit/lock/"
ENVIRONMENTS: Final = "refs/shipit/env/"
ENTRY: Final = "deployment.json"
DECISION: Final = "decision.json"
RECORD: Final = "lock.json"
TAGS: Final = "tags"
"""Where an environment takes releases from, instead of a branch."""


def lock_ref(environment: str) -> str:
    """Who holds it deploys there, and nobody else."""
    return f"{LOCKS}{environment}"


def ledger_ref(environment: str) -> str:
    """Its commits are the deployments of the environment, newest first."""
    return f"{ENVIRONMENTS}{environment}"
