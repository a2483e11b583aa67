"""shipit verify protection: what the forge demands of a commit before a shared branch takes it."""
