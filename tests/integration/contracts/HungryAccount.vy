# pragma version 0.4.3
"""
@title An account that spends about 66,000 gas when it is paid.
"""

notes: uint256[3]


@external
@payable
def __default__():
    for i: uint256 in range(3):
        self.notes[i] = block.timestamp
