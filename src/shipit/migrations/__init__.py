"""Migrations as values: files, statements, hazards, groups, what may be undone; no database is touched here."""
