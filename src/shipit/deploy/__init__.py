"""Deploying: from a commit to what answers at the public address, or everything as it was."""
