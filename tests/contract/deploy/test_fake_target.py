"""The target in memory keeps the promises of the real ones, as far as they are not about files."""

from collections.abc import Callable

import pytest

from shipit.deploy.ports import Target
from tests.contract.deploy.test_targets import TargetContract, TidyContract
from tests.fakes_deploy import FakeTarget, Host


class TestTheFake(TargetContract, TidyContract):
    # these are about files, of which it has none
    test_who_waits_too_long_for_another_is_told_for_whom = None  # type: ignore[assignment]
    test_names_of_others_are_never_touched = None  # type: ignore[assignment]
    test_a_file_in_the_place_is_a_problem = None  # type: ignore[assignment]
    test_a_folder_that_may_not_be_written_is_a_problem = None  # type: ignore[assignment]

    @pytest.fixture
    def host(self) -> Host:
        return Host()

    @pytest.fixture
    def target(self, host: Host) -> Target:
        return FakeTarget(host)

    @pytest.fixture
    def thrifty(self, host: Host) -> Target:
        return FakeTarget(host, keep=1)

    @pytest.fixture
    def fenced(self, host: Host) -> Callable[[int], Target]:
        return lambda fence: FakeTarget(host, fence=fence)

    @pytest.fixture
    def answer(self, host: Host) -> Callable[[], str]:
        def ask() -> str:
            if host.live is None:
                raise OSError("no answer")
            return host.kept[host.live].version

        return ask
