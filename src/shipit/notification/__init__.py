"""How a run ended, for those that the configuration names; what goes wrong with that changes nothing."""
