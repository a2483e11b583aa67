"""The names of the files that a release keeps on this machine, on the remote, and on the forge."""

CHECKSUMS = "SHA256SUMS"
EVIDENCE = "release.json"
NOTES = "notes.md"
REPORTS = "gates.json"
"""what the gates said; it stays on this machine"""
SBOM = "sbom.cdx.json"
