"""Where the API of a registry is."""

import pytest

from shipit.adapters.oci.registry import root


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("ghcr.io", "https://ghcr.io"),
        ("registry.invalid:5000", "https://registry.invalid:5000"),
        ("docker.io", "https://registry-1.docker.io"),
        ("localhost", "http://localhost"),
        ("localhost:5000", "http://localhost:5000"),
        ("127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("127.1.2.3", "http://127.1.2.3"),
        ("[::1]", "http://[::1]"),
        ("[::1]:5000", "http://[::1]:5000"),
        ("[fc00::1]:5000", "https://[fc00::1]:5000"),
        ("localhost.invalid", "https://localhost.invalid"),
        ("127.invalid.example", "https://127.invalid.example"),
    ],
)
def test_only_a_registry_on_this_machine_is_asked_without_encryption(host: str, address: str) -> None:
    assert root(host) == address
