# pragma version 0.4.3
"""
@title A token that says its symbol and its decimals.
"""

decimals: public(constant(uint8)) = 6
symbol: public(constant(String[8])) = "USDx"
