"""What each subcommand does, below its command line."""
