"""The chain: keys, the 2-of-2 Safe and its payment channel, transactions, and a local node.

What only signs or computes (`accounts`, `addresses`, `safe`, `channel`) loads without web3.
"""
