"""The step that brings the packages to an index."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from shipit.engine.plan import Look, Say, absent, conflict, done
from shipit.errors import Denied, ExternalError, StoppedHalfway
from shipit.model import ATTESTATION
from shipit.release.ports import ArtifactStore, Index
from shipit.release.steps.package import checksums, differences


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Every package on the index with the same sha256; the name alone proves nothing."""

    index: Index
    artifacts: ArtifactStore
    project: str
    version: str
    """PEP 440"""
    name: str = "upload"

    @property
    def summary(self) -> str:
        return f"Upload {self.project} {self.version} to {self.index.name}"

    def look(self) -> Look:
        wanted = checksums(self.artifacts)
        there = self.index.hashes(self.project, self.version)
        in_the_way = self._in_the_way(wanted)
        if not wanted:
            named = [*there, *(_unlisted_text(name, sha) for name, sha in in_the_way.items())]
            return (
                conflict(f"{self.version} is on {self.index.name} already: {', '.join(named)}")
                if named
                else absent()
            )
        there = {**in_the_way, **there}
        missing, equal, other = differences(wanted, there)
        if other:
            return conflict(self._other_text(other, wanted, there))
        if unproven := [name for name in wanted if name not in {*missing, *equal}]:
            return conflict(
                f"{self.index.name} has {', '.join(unproven)}, unproven: it gives no sha256 and no file"
            )
        if missing:
            return absent(_missing_text(missing, equal))
        return done(f"{', '.join(wanted)} with equal sha256")

    def argv(self) -> Sequence[str]:
        return self.index.upload_argv()

    def run(self, say: Say) -> None:
        wanted = checksums(self.artifacts)
        there = {**self._in_the_way(wanted), **self.index.hashes(self.project, self.version)}
        missing, _, other = differences(wanted, there)
        if other:
            raise Denied(self._other_text(other, wanted, there))
        for name in missing:
            say(f"upload {name}")
            with suppress(StoppedHalfway):  # most builds leave no attestation
                self.artifacts.path(name + ATTESTATION)
            try:
                self.index.upload(self.artifacts.path(name), say)
            except ExternalError as error:
                self._require_there(name, wanted, error)
                say(f"{name} is there with equal sha256, though its upload ended with: {error.what}")

    def _require_there(self, name: str, wanted: Mapping[str, str], error: ExternalError) -> None:
        """Look after an upload that failed: its answer may have been lost, and a repetition refused.

        Raises the error itself if the file is not there, Denied if other bytes are.
        """
        try:
            there = self.index.hashes(self.project, self.version)
        except ExternalError:
            raise error from None  # what went wrong first is the reason
        if differences({name: wanted[name]}, there)[2]:
            raise Denied(self._other_text([name], wanted, there), evidence=error.evidence) from error
        if there.get(name) != wanted[name]:
            raise error

    def _in_the_way(self, wanted: Mapping[str, str]) -> dict[str, str | None]:
        """What is unlisted, but for the bytes that an upload of ours left when it was interrupted."""
        unlisted = self.index.unlisted(self.project, self.version)
        return {name: sha for name, sha in unlisted.items() if sha is None or wanted.get(name) != sha}

    def _other_text(self, names: Sequence[str], wanted: Mapping[str, str], there: Mapping[str, str | None]) -> str:
        digests = "; ".join(f"{name}: sha256 {there[name]} there, {wanted[name]} here" for name in names)
        return f"{self.index.name} already has {', '.join(names)} with different content ({digests})"


def _unlisted_text(name: str, sha: str | None) -> str:
    return f"{name} (not listed, {f'sha256 {sha}' if sha else 'and no file'})"


def _missing_text(missing: Sequence[str], equal: Sequence[str]) -> str:
    kinds = ", ".join(f"{'sdist' if name.endswith('.tar.gz') else 'wheel'} missing ({name})" for name in missing)
    return kinds + (f"; {', '.join(equal)} there with equal sha256" if equal else "")
