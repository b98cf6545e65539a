"""A certificate authority for TLS: of charge points (OCPP security profile 3), and of gateways."""
