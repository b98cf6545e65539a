"""Events: the one language of all services, as frozen models without IO, clocks or ids."""
