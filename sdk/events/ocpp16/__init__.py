"""The messages of OCPP 1.6, typed: one module per action."""
