"""The HTTP API on the console's port: operations of OCPP, what is known, and who may ask."""
