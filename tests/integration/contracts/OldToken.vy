# pragma version 0.4.3
"""
@title A token of the first years, whose symbol is 32 bytes.
"""

decimals: public(constant(uint256)) = 2


@external
@view
def symbol() -> bytes32:
    return 0x4d4b520000000000000000000000000000000000000000000000000000000000
