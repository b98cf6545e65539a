"""The Noroam SDK: events, bus, chain, identity and peer-to-peer, for station software and for apps."""
