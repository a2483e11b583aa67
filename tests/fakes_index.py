"""A package index in memory; tests/contract/test_index.py keeps it honest."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shipit.adapters.python import distribution
from shipit.engine.plan import Problem, Say
from shipit.errors import Denied, ExternalError
from shipit.model import ATTESTATION


@dataclass
class FakeIndex:
    """Plays ports.Index.

    `refusals` maps a file name to what its next upload raises; with a name in `deaf` the file is taken all
    the same, as when a server does its work and the answer gets lost. Of names in `unproven` the index tells no
    sha256 and gives no file; `hidden` maps the name of what is on no page to its sha256. `uploads` lists what was
    tried, `attested` what of it had an attestation beside it.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    refusals: dict[str, ExternalError] = field(default_factory=dict)
    deaf: set[str] = field(default_factory=set)
    unproven: set[str] = field(default_factory=set)
    hidden: dict[str, str | None] = field(default_factory=dict)
    found: list[Problem] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    attested: list[str] = field(default_factory=list)
    name: str = "fake index"

    def problems(self, project: str) -> Sequence[Problem]:
        return tuple(self.found)

    def hashes(self, project: str, version: str) -> Mapping[str, str | None]:
        return {
            name: None if name in self.unproven else hashlib.sha256(data).hexdigest()
            for name, data in sorted(self.files.items())
            if distribution.is_of(name, project, version)
        }

    def unlisted(self, project: str, version: str) -> Mapping[str, str | None]:
        return {name: sha for name, sha in self.hidden.items() if distribution.is_of(name, project, version)}

    def versions(self, project: str) -> Sequence[str]:
        return distribution.versions(self.files, project)

    def upload_argv(self) -> Sequence[str]:
        return ("upload", "<file>", self.name)

    def upload(self, path: Path, say: Say) -> None:
        distribution.parse_known(path.name)
        self.uploads.append(path.name)
        if path.with_name(path.name + ATTESTATION).exists():
            self.attested.append(path.name)
        refusal = self.refusals.pop(path.name, None)
        if refusal is None or path.name in self.deaf:
            self._take(path)
        if refusal is not None:
            raise refusal
        say(f"{path.name} → {self.name}")

    def _take(self, path: Path) -> None:
        data = path.read_bytes()
        if self.files.setdefault(path.name, data) != data:
            raise Denied(f"{path.name} is already on the index with other bytes")
