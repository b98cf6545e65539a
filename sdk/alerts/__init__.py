"""Alerts: what is wrong with charge points, money and the chain, and since when."""
