"""The workflows of a repository, made from its configuration."""
