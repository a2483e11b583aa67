"""An SBOM (CycloneDX) without anything that only this machine or this minute knows."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from packaging.utils import canonicalize_name


def normalized(text: str, time: int) -> bytes:
    """Make an SBOM reproducible; `time` in seconds since the epoch is the release's, not the clock's.

    What was installed from a local file is the release itself: it becomes the SBOM's subject.
    """
    sbom: dict[str, Any] = json.loads(text)
    sbom.pop("serialNumber", None)
    metadata = sbom.setdefault("metadata", {})
    metadata["timestamp"] = datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    subjects = [component for component in sbom.get("components", ()) if _is_local(component)]
    for component in subjects:
        _published(component)
    if len(subjects) == 1:
        metadata["component"] = subjects[0]
        sbom["components"] = [component for component in sbom["components"] if component is not subjects[0]]
    return (json.dumps(sbom, indent=2, ensure_ascii=False) + "\n").encode()


def _is_local(component: Mapping[str, Any]) -> bool:
    return any(_local(reference) for reference in component.get("externalReferences", ()))


def _local(reference: Mapping[str, Any]) -> bool:
    return str(reference.get("url", "")).startswith("file:")


def _published(component: dict[str, Any]) -> None:
    """Name the component as an index will know it, and forget the path it came from."""
    kept = [reference for reference in component["externalReferences"] if not _local(reference)]
    component["externalReferences"] = kept
    if not kept:
        del component["externalReferences"]
    component["purl"] = f"pkg:pypi/{canonicalize_name(component['name'])}@{component['version']}"
