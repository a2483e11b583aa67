"""The steps of a deployment, by what they change or ask."""
