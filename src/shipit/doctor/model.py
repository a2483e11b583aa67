"""Frozen values of the doctor slice: what is needed, and what is known of the place that needs it."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct

from shipit.config import Gate


class Kind(StrEnum):
    """How it is found out whether something is here; `argv` of the need says of what."""

    RUN = "run"
    """A program: run with these words, it prints its version."""
    FILE = "file"
    """A program of the project's own: looked for and never started, since nobody knows what it does."""
    MODULE = "module"
    """A module (second word) of a Python (first word; empty: that of the project), which does not import it."""
    PACKAGE = "package"
    """A package beside shipit."""
    PYTHON = "python"
    """The Python that runs shipit."""
    CLIENT = "client"
    """The client programs of PostgreSQL."""


class Need(Struct, frozen=True, kw_only=True):
    """One tool: how it is asked for, in which versions it will do (empty: in any), and for what.

    `says` must stand in what the program prints, where others go by the same name. Of several `way`s one will do.
    `spared` is another tool and its versions with which this one is not needed.
    """

    tool: str
    kind: Kind
    argv: tuple[str, ...] = ()
    wanted: str = ""
    why: tuple[str, ...]
    is_required: bool = True
    says: str = ""
    way: str = ""
    spared: tuple[str, str] | None = None


class Surroundings(Struct, frozen=True, kw_only=True):
    """What is known of the project beside its configuration.

    `variables` is the environment; `signer` the program that signs tags; `usual` are the gates that answer a
    question where the configuration has none; `nothing` says of scans why there is nothing for them; `keys` are
    those that are set.
    """

    variables: Mapping[str, str]
    today: date
    has_large_files: bool = False
    requires_python: str = ""
    signer: str = "gpg"
    usual: Mapping[str, Sequence[Gate]] = {}
    nothing: Mapping[str, str] = {}
    keys: frozenset[str] = frozenset()
