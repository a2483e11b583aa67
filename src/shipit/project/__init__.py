"""What a repository must contain, and what its forge must demand."""
