"""The charge point gateway: the only place that speaks OCPP."""
