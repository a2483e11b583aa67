"""Notify people of the end of a run, through Apprise; what goes wrong with that is only reported."""

import logging
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from shipit import masking
from shipit.model import Notice

PATIENCE = 10.0
"""Seconds after which an address counts as down."""

_STATUS = re.compile(r"\berror\s*=\s*(\d{3})\b")
_INSTALL = 'nobody was notified: Apprise is not installed; install it with: pip install "shipit-release[notify]"'


@dataclass(frozen=True, slots=True)
class AppriseNotifier:
    """Plays ports.Notifier; the words that are returned hold no part of an address, which is a secret."""

    urls: Sequence[str] = field(repr=False)
    patience: float = PATIENCE

    def notify(self, notice: Notice) -> Sequence[str]:
        """Tell all addresses at once, within `patience` seconds in all."""
        if not self.urls:
            return ()
        for url in self.urls:
            masking.register(url)
        logging.getLogger("apprise").propagate = False  # what it logs holds addresses
        services = _services(self.urls)
        if services is None:
            return (_INSTALL,)
        kind = "failure" if notice.failed else "success"
        message = {"title": masking.mask(notice.title), "body": masking.mask(notice.body), "notify_type": kind}
        outcomes = _at_once(lambda service: _tell(service, message, self.patience), services, self.patience)
        return [
            f"notification {number} of {len(self.urls)} was not delivered: {outcome}"
            for number, outcome in enumerate(outcomes, 1)
            if outcome
        ]


def _services(urls: Sequence[str]) -> Sequence[Any] | None:
    """What Apprise makes of each address, None for one that it does not understand; None if it is not there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about modules that its hundred plugins import
        try:
            import apprise  # noqa: PLC0415 - half a second, and an extra: only who has addresses needs it
        except ImportError:
            return None
        asset = apprise.AppriseAsset(app_id="shipit", storage_mode=apprise.PersistentStoreMode.MEMORY)
        return [apprise.Apprise.instantiate(url, asset=asset) for url in urls]


def _tell(service: Any, message: Mapping[str, str], patience: float) -> str:
    """Empty if it was delivered. Of what Apprise says only a status is passed on: its words hold addresses."""
    if service is None:
        return "Apprise does not understand this address"
    service.socket_connect_timeout = service.socket_read_timeout = patience
    with _statuses() as statuses:
        delivered = service.notify(**message)
    if delivered:
        return ""
    said = f"answered {statuses[-1]}" if statuses else "cannot be reached"
    return f"{service.service_name} {said}"


def _at_once(send: Callable[[Any], str], services: Sequence[Any], patience: float) -> Sequence[str]:
    """One thread for each, and nobody waits for one that hangs: it ends with the process."""
    outcomes = [f"no answer within {patience:g} s"] * len(services)

    def keep(position: int, service: Any) -> None:
        try:
            outcomes[position] = send(service)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything, and it changes nothing
            outcomes[position] = f"Apprise failed with {type(error).__name__}"

    threads = [threading.Thread(target=keep, args=pair, daemon=True) for pair in enumerate(services)]
    deadline = time.monotonic() + patience
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0, deadline - time.monotonic()))
    return tuple(outcomes)


@contextmanager
def _statuses() -> Iterator[Sequence[str]]:
    """The HTTP statuses that Apprise complains of in this thread; the complaints themselves go nowhere."""
    logger, ear = logging.getLogger("apprise"), _Ear()
    logger.addHandler(ear)
    try:
        yield ear.statuses
    finally:
        logger.removeHandler(ear)


class _Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.statuses: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.statuses += _STATUS.findall(record.getMessage())
