# pragma version 0.4.3
# Stands in for peaq's DID precompile, as permissive as that: it does not ask who calls.

struct Attribute:
    name: Bytes[64]
    value: Bytes[16384]
    validity: uint32
    created: uint256

event AddAttribute:
    sender: address
    did_account: address
    name: Bytes[64]
    value: Bytes[16384]
    validity: uint32

attributes: HashMap[address, HashMap[bytes32, Attribute]]


@external
def addAttribute(did_account: address, name: Bytes[64], content: Bytes[16384], validity_for: uint32) -> bool:
    assert self.attributes[did_account][keccak256(name)].created == 0, "AttributeAlreadyExist"
    self._write(did_account, name, content, validity_for)
    log AddAttribute(sender=msg.sender, did_account=did_account, name=name, value=content, validity=validity_for)
    return True


@external
def updateAttribute(did_account: address, name: Bytes[64], content: Bytes[16384], validity_for: uint32) -> bool:
    assert self.attributes[did_account][keccak256(name)].created != 0, "AttributeNotFound"
    self._write(did_account, name, content, validity_for)
    return True


@external
def removeAttribute(did_account: address, name: Bytes[64]) -> bool:
    assert self.attributes[did_account][keccak256(name)].created != 0, "AttributeNotFound"
    self.attributes[did_account][keccak256(name)] = empty(Attribute)
    return True


@external
@view
def readAttribute(did_account: address, name: Bytes[64]) -> Attribute:
    assert self.attributes[did_account][keccak256(name)].created != 0, "Cannot find the item"
    return self.attributes[did_account][keccak256(name)]


@internal
def _write(did_account: address, name: Bytes[64], content: Bytes[16384], validity_for: uint32):
    validity: uint32 = max_value(uint32)
    if validity_for != 0:
        validity = convert(block.number, uint32) + validity_for
    self.attributes[did_account][keccak256(name)] = Attribute(
        name=name, value=content, validity=validity, created=block.timestamp * 1000
    )
