"""shipit migrate: the schema moves, and can come back."""
