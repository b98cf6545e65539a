"""The Noroam SDK: events, bus, chain, identity, peer-to-peer; for station software and apps."""
