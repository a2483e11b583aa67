"""An SBOM contains nothing that only this machine or this minute knows."""

import json
from typing import Any

from shipit.adapters.python.sbom import normalized

LOCAL = {"type": "distribution", "url": "file:///home/me/acme.whl"}
PUBLIC = {"type": "website", "url": "https://acme.invalid"}


def tidied(sbom: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(normalized(json.dumps(sbom), 0))
    return found


def component(name: str, *references: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "version": "1.0.0", "bom-ref": name, "externalReferences": list(references)}


def test_what_came_from_a_local_file_is_the_subject_and_forgets_the_path() -> None:
    sbom = tidied(
        {"serialNumber": "x", "components": [component("My.Acme", LOCAL, PUBLIC), component("b", PUBLIC)]}
    )
    subject = sbom["metadata"]["component"]
    assert subject["externalReferences"] == [PUBLIC]
    assert subject["purl"] == "pkg:pypi/my-acme@1.0.0"
    assert [each["name"] for each in sbom["components"]] == ["b"]
    assert "serialNumber" not in sbom


def test_two_local_files_stay_components_without_paths() -> None:
    sbom = tidied({"components": [component("a", LOCAL), component("b", LOCAL)]})
    assert [sorted(each) for each in sbom["components"]] == [["bom-ref", "name", "purl", "version"]] * 2
    assert "component" not in sbom["metadata"]


def test_the_time_is_the_releases_own() -> None:
    assert tidied({})["metadata"]["timestamp"] == "1970-01-01T00:00:00Z"
