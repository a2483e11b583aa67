"""Addresses on the web page of a repository."""

from urllib.parse import quote, urlsplit

from msgspec import Struct


class Links(Struct, frozen=True):
    """`base` is the repository's page, such as https://github.com/owner/name; empty for no links."""

    base: str = ""

    def commit(self, sha: str) -> str:
        return f"[`{sha[:7]}`]({self.base}/commit/{sha})" if self.base else f"`{sha[:7]}`"

    def issue(self, reference: str) -> str:
        """`#12` or `owner/name#12`; GitHub leads from issues to pull requests by itself.

        GitLab's `!12` has a page of its own; other forges' stays without an address.
        """
        if reference.startswith("!"):
            page = f"{self.base}/-/merge_requests/{reference[1:]}"
            return f"[{reference}]({page})" if "gitlab" in self._host else reference
        owner, _, number = reference.rpartition("#")
        if not self.base:
            return reference
        base = f"{self._host}/{owner}" if owner else self.base
        return f"[{reference}]({base}/issues/{number})"

    def compare(self, since: str, until: str) -> str:
        """The address of the comparison of two tags; empty without a base."""
        return f"{self.base}/compare/{quote(since)}...{quote(until)}" if self.base and since else ""

    def release(self, tag: str) -> str:
        """The address of a release; empty without a base."""
        return f"{self.base}/releases/tag/{quote(tag)}" if self.base else ""

    @property
    def _host(self) -> str:
        parts = urlsplit(self.base)
        return f"{parts.scheme}://{parts.netloc}"
