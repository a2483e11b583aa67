"""One word."""
