# pragma version 0.4.3
"""
@title An ERC-20 whose transfer answers with a bool; it can be told to refuse an account, or
       that an account sends more back at once than it was sent.
"""

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    amount: uint256

balanceOf: public(HashMap[address, uint256])
refused: public(HashMap[address, bool])
generous: public(HashMap[address, bool])


@external
def mint(receiver: address, amount: uint256):
    self.balanceOf[receiver] += amount
    log Transfer(sender=empty(address), receiver=receiver, amount=amount)


@external
def refuse(receiver: address):
    self.refused[receiver] = True


@external
def be_generous(receiver: address):
    self.generous[receiver] = True


@external
def transfer(receiver: address, amount: uint256) -> bool:
    if self.refused[receiver]:
        return False
    self.balanceOf[msg.sender] -= amount
    self.balanceOf[receiver] += amount
    log Transfer(sender=msg.sender, receiver=receiver, amount=amount)
    if self.generous[receiver]:
        self.balanceOf[msg.sender] += 2 * amount
    return True
