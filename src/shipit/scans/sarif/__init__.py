"""SARIF 2.1.0 as GitHub's code scanning takes it: of what the scans found, and of what other tools wrote. Pure."""
