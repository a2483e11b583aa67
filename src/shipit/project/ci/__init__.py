"""Whether the workflows of a repository call shipit as they should, without the known traps."""
