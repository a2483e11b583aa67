"""Which programs, packages and secrets a project needs, and which of them are here."""
