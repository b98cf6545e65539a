# pragma version 0.4.3
# pragma evm-version paris
# pragma optimize gas
# SPDX-License-Identifier: Apache-2.0
"""
@title Payout
@notice Delegatecall target of a 2-of-2 Safe: pays a session out of the wallet that calls it.
@dev Has no storage, holds nothing and trusts no caller. The provider's part must succeed; the
     consumer's part is best effort, so that a consumer's account that reverts can't keep the provider
     from being paid, and a deposit that is a little short or over locks nothing. What could not be
     paid back stays in the wallet.
"""

# Under a wallet's delegatecall it is the wallet that logs this, and nobody else can in its name.
event Paid:
    spent: uint256
    refund: uint256


CONSUMER_GAS: constant(uint256) = 100_000
# CONSUMER_GAS must be there when the call is made: whoever sends the transaction can't starve the
# refund, and a node's gas estimate can't settle on a limit at which the refund quietly fails.
# (CONSUMER_GAS * 64/63, and at most 36,600 for the call itself.)
GAS_FLOOR: constant(uint256) = 145_000


@external
@payable
def pay(not_before: uint256, token: address, provider: address, spent: uint256, consumer: address):
    """
    @notice At or after `not_before`, pay min(spent, balance) to `provider`, the rest to `consumer`.
    @param token ERC-20 contract, or the zero address for the chain's own token.
    """
    assert block.timestamp >= not_before, "too early"
    due: uint256 = 0
    rest: uint256 = 0
    if token == empty(address):
        due = min(spent, self.balance)
        if due > 0:
            raw_call(provider, b"", value=due)
        rest = self.balance
        if rest > 0:
            assert msg.gas >= GAS_FLOOR, "gas too low"
            if not raw_call(
                consumer, b"", value=rest, gas=CONSUMER_GAS, revert_on_failure=False
            ):
                rest = 0
    else:
        due, rest = self._pay_token(token, provider, spent, consumer)
    log Paid(spent=due, refund=rest)


@external
def deploy_and_execute(
    factory: address, creation: Bytes[1024], wallet: address, execution: Bytes[1024]
):
    """
    @notice Deploy a wallet and have it execute, all or none. For anybody to call, not for wallets.
    @param creation The call to `factory` that deploys `wallet`.
    @param execution The call to `wallet`, which proves by its owners' signatures what it may do.
    """
    raw_call(factory, creation)
    assert wallet.is_contract, "no wallet"
    raw_call(wallet, execution)


@internal
def _pay_token(
    token: address, provider: address, spent: uint256, consumer: address
) -> (uint256, uint256):
    due: uint256 = min(spent, self._balance(token))
    if due > 0:
        answer: Bytes[32] = raw_call(token, self._transfer(provider, due), max_outsize=32)
        if len(answer) > 0:
            assert len(answer) == 32 and convert(answer, uint256) == 1, "token refused"
    rest: uint256 = self._balance(token)
    if rest > 0:
        assert msg.gas >= GAS_FLOOR, "gas too low"
        paid: bool = raw_call(
            token, self._transfer(consumer, rest), gas=CONSUMER_GAS, revert_on_failure=False
        )
        # A consumer whom the token calls could send more back than it got.
        rest -= min(rest, self._balance(token))
    return due, rest


@internal
@pure
def _transfer(receiver: address, amount: uint256) -> Bytes[68]:
    return concat(
        method_id("transfer(address,uint256)"),
        convert(receiver, bytes32),
        convert(amount, bytes32),
    )


@internal
@view
def _balance(token: address) -> uint256:
    answer: Bytes[32] = raw_call(
        token,
        concat(method_id("balanceOf(address)"), convert(self, bytes32)),
        max_outsize=32,
        is_static_call=True,
    )
    assert len(answer) == 32, "no token"
    return convert(answer, uint256)
