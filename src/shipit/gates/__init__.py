"""Commands that a project must pass: run on any tree of its files, each with an honest verdict."""
