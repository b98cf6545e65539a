"""The session machine: pure rules, without IO, clocks or ids."""
