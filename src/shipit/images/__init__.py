"""Container images of a commit: built from it, pushed under its names, known by their digests."""
