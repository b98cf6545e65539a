"""P2P server: the consumer's door. Relays requests to the Session Manager, and its answers back."""
