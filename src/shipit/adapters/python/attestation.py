"""Attestations (PEP 740) that a project's own build command left beside its files."""

import base64
import json
from collections.abc import Sequence
from pathlib import Path

from shipit.adapters.python import distribution
from shipit.engine.plan import Say
from shipit.errors import Refused
from shipit.model import ATTESTATION


def beside(file: Path) -> Path | None:
    """Give the attestation of a file, None where there is none or where it is about other bytes."""
    place = file.with_name(file.name + ATTESTATION)
    return place if place.is_file() and _is_about(file, place.read_bytes()) else None


def left(dist: Sequence[Path], say: Say) -> Sequence[Path]:
    """List the attestations that a build left, and say which of them nobody can use.

    Raises Refused for one that is about other bytes: an index would refuse its file.
    """
    expected = [file.with_name(file.name + ATTESTATION) for file in dist]
    found = sorted(place for folder in {file.parent for file in dist} for place in folder.glob("*.attestation"))
    for place in found:
        if place not in expected:
            say(f"{place.name} is not uploaded: it is not named like one of the files with {ATTESTATION}")
    faults = [file.name for file, place in zip(dist, expected, strict=True) if place in found and not beside(file)]
    if faults:
        raise Refused("an attestation is not about the file that it is named after", evidence=faults)
    return [place for place in expected if place in found]


def _is_about(file: Path, attestation: bytes) -> bool:
    """Whether the file's sha256 is among those that are attested; the signature is the index's business."""
    try:
        statement = json.loads(base64.b64decode(json.loads(attestation)["envelope"]["statement"]))
        attested = [subject["digest"]["sha256"] for subject in statement["subject"]]
    except (ValueError, KeyError, TypeError):
        return False
    return distribution.sha256(file) in attested
