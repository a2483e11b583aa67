"""Releases and their assets on GitHub: found by tag, drafts included, compared by sha256."""

import contextlib
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from shipit.adapters.github.client import GitHubClient, mentions
from shipit.adapters.http import download
from shipit.adapters.http.client import Request
from shipit.errors import Denied, LeaseLost, Unavailable
from shipit.model import ForgeRelease
from shipit.versioning.number import Version
from shipit.versioning.tags import version_of


class Releases:
    """Plays release.ports.Releases; every method raises Unavailable or Denied."""

    client: GitHubClient

    def release(self, tag: str) -> ForgeRelease | None:
        # by tag GitHub finds only published releases; its drafts stand in the list, and only there
        published = self.client.find(f"~/releases/tags/{quote(tag, safe='')}")
        if published:
            return self._read(published)
        drafts = [found for found in self.client.pages("~/releases") if found["tag_name"] == tag]
        if len(drafts) > 1:
            raise Denied(
                f"{len(drafts)} draft releases claim the tag {tag}",
                evidence=[f"{found['html_url']} created {found['created_at']}" for found in drafts],
                hint="delete all but one of them on GitHub, then run again",
            )
        return self._read(drafts[0]) if drafts else None

    def create_draft(self, tag: str, title: str, body: str, *, prerelease: bool) -> ForgeRelease:
        wanted = {"tag_name": tag, "name": title, "body": body, "draft": True, "prerelease": prerelease}
        try:
            answer = self.client.write("POST", "~/releases", wanted, accept=(422,))
        except Unavailable:
            # never posted twice: GitHub makes a second draft of the same tag without a word
            found = self.release(tag)
            if found is None:
                raise
            return found
        if answer.status_code != 422:
            return self._read(self.client.http.decoded(answer))
        found = self.release(tag) if mentions(answer, "already_exists") else None
        if found is None:
            raise self.client.http.denial(answer)
        return found

    def upload(self, release: ForgeRelease, name: str, path: Path) -> None:
        data = path.read_bytes()
        with contextlib.suppress(Unavailable, LeaseLost):
            return self._put(release, name, data)
        # looking first makes the second try safe: an asset's name exists once per release
        try:
            self._put(release, name, data)
        except (Unavailable, LeaseLost):
            if not self._holds(self._current(release), name, data):
                raise

    def publish(self, release: ForgeRelease, tag_format: str) -> None:
        body = {"draft": False, "make_latest": "true" if self._is_newest(release, tag_format) else "false"}
        try:
            self.client.write("PATCH", f"~/releases/{release.id}", body)
        except Unavailable:
            if self._current(release)["draft"]:
                raise

    def _current(self, release: ForgeRelease) -> Mapping[str, Any]:
        return cast("Mapping[str, Any]", self.client.get(f"~/releases/{release.id}"))

    def _put(self, release: ForgeRelease, name: str, data: bytes) -> None:
        found = self._current(release)
        if not self._holds(found, name, data):
            self._send(found["upload_url"], name, data)

    def _is_newest(self, release: ForgeRelease, tag_format: str) -> bool:
        """An older line's release does not take "latest" from a newer one; other packages' have other numbers."""
        own = version_of(release.tag, tag_format)
        if own is None or release.prerelease:
            return False
        latest = self.client.find("~/releases/latest")
        found = version_of(latest["tag_name"], tag_format) if latest else None
        others = [found] if found else self._published(tag_format) if latest else []
        return all(other.precedence <= own.precedence for other in others)

    def _published(self, tag_format: str) -> Iterable[Version]:
        """The final versions of one package that everybody sees."""
        tags = (found["tag_name"] for found in self.client.pages("~/releases") if not found["draft"])
        found = (version_of(tag, tag_format) for tag in tags)
        return (version for version in found if version and version.is_final)

    def _holds(self, found: Mapping[str, Any], name: str, data: bytes) -> bool:
        """Tell whether the file is there with this content; removes what is left of a broken upload.

        Raises Denied when other content stands under the name.
        """
        asset = next((asset for asset in found["assets"] if asset["name"] == name), None)
        if asset is None:
            return False
        if asset["state"] != "uploaded":
            self.client.delete(f"~/releases/assets/{asset['id']}")
            return False
        here, there = hashlib.sha256(data).hexdigest(), self._sha256(asset)
        if there != here:
            raise Denied(
                f"another file stands on the release under the name {name}",
                where=asset["browser_download_url"],
                evidence=[f"there: sha256 {there}", f"here:  sha256 {here}"],
                hint="find out which is right; delete the asset on GitHub only if nobody can have used it",
            )
        return True

    def _send(self, upload_url: str, name: str, data: bytes) -> None:
        request = Request(
            method="POST",
            path=upload_url.partition("{")[0],
            params={"name": name},
            # the only type that GitHub's description names; a wheel is one anyway
            headers={"Content-Type": "application/octet-stream"},
            content=data,
        )
        answer = self.client.http.ask(request, accept=[422])
        if answer.status_code == 422:
            denial = self.client.http.denial(answer)
            if mentions(answer, "already_exists"):
                raise LeaseLost(denial.what, where=denial.where, evidence=denial.evidence)
            raise denial
        stored = self.client.http.decoded(answer)
        if stored["name"] != name:
            raise Denied(
                f"GitHub stored {name} as {stored['name']}",
                where=stored["browser_download_url"],
                hint="asset names may contain only letters, digits, dot, dash and underscore",
            )

    def _read(self, found: Mapping[str, Any]) -> ForgeRelease:
        uploaded = [asset for asset in found["assets"] if asset["state"] == "uploaded"]
        return ForgeRelease(
            id=found["id"],
            tag=found["tag_name"],
            title=found["name"] or "",
            body=found.get("body") or "",
            draft=found["draft"],
            prerelease=found["prerelease"],
            url=found["html_url"],
            assets={asset["name"]: self._sha256(asset) for asset in uploaded},
        )

    def _sha256(self, asset: Mapping[str, Any]) -> str:
        """Take GitHub's word; an older Enterprise server has none, so the file is fetched and hashed."""
        algorithm, _, value = (asset.get("digest") or "").partition(":")
        if algorithm == "sha256":
            return str(value)
        request = Request(
            method="GET",
            path=f"/repos/{self.client.repository}/releases/assets/{asset['id']}",
            headers={"Accept": "application/octet-stream"},
        )
        return download.sha256(self.client.http, request) or "unknown: it is too large to be fetched"
