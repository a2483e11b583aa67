"""Code scanning and comments in memory; tests/contract holds them against GitHub's own description."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from shipit.errors import ExternalError
from shipit.scans.publication import Comment, Processing, Receipt, Upload


@dataclass
class FakeScanning:
    """`receipts` are given in order, then ids; `states` in order for each look, then complete."""

    receipts: list[Receipt] = field(default_factory=list)
    states: list[Processing] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    error: ExternalError | None = None
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def send(self, upload: Upload) -> Receipt:
        if self.error:
            raise self.error
        self.uploads.append(upload)
        return self.receipts.pop(0) if self.receipts else Receipt(id=f"id-{next(self.ids)}")

    def processing(self, number: str) -> Processing:
        known = number.startswith("id-") and self.uploads
        if not known:
            return Processing("pending")
        return self.states.pop(0) if self.states else Processing("complete")


@dataclass
class FakeComments:
    """Comments of one pull request; `account` is who writes, None of an app, which writes as 7."""

    account: int | None = 1
    kept: list[Comment] = field(default_factory=list)
    branches: dict[str, int] = field(default_factory=dict)
    errors: dict[str, list[ExternalError]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    is_lost: bool = False
    """whether a comment is made although its error is raised"""
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def author(self) -> int | None:
        return self.account

    def pull_request(self, branch: str) -> int | None:
        return self.branches.get(branch)

    def comments(self, number: int) -> Sequence[Comment]:
        self._raise("comments")
        return list(self.kept)

    def create(self, number: int, body: str) -> Comment:
        if self.is_lost:
            self.add(body)
        self._raise("create")
        return self.add(body)

    def add(self, body: str, *, author: int | None = None, is_bot: bool | None = None) -> Comment:
        own = 7 if self.account is None else self.account
        made = Comment(
            id=next(self.ids),
            body=body,
            author=author or own,
            is_bot=self.account is None if is_bot is None else is_bot,
            url="https://forge.example/1",
        )
        self.kept.append(made)
        return made

    def update(self, comment: int, body: str) -> bool:
        self._raise("update")
        self.done.append("update")
        for place, one in enumerate(self.kept):
            if one.id == comment:
                self.kept[place] = Comment(id=one.id, body=body, author=one.author, is_bot=one.is_bot, url=one.url)
                return True
        return False

    def delete(self, comment: int) -> None:
        self.done.append("delete")
        self.kept = [one for one in self.kept if one.id != comment]

    def _raise(self, name: str) -> None:
        if self.errors.get(name):
            raise self.errors[name].pop(0)
