import { useEffect, useState } from 'preact/hooks';
import type { QuoteView, Wallet } from '../../noroam/types';
import { Icon } from '../parts/Icon';
import { Busy, Card, Fact, Facts, Notice, TroubleNotice } from '../parts/bits';
import { Screen } from '../parts/Screen';
import { dateTime, decimalOf, energy, exactAmount, readAmount, shortAmount } from '../format';
import { useChanges, useModel } from '../hooks';
import { go, hashOf } from '../route';
import { energyFor } from '../tariff';
import { type Trouble, troubleOf } from '../trouble';
import type { Visit } from '../visit';
import { words } from '../words';
import { AmountChooser } from './AmountChooser';

const say = words.deposit;

/** How much to lock, what that buys, and when it comes back. */
export function Deposit({ did, connector }: { did: string; connector: number }) {
  const model = useModel();
  const visit = model.state.stage === 'open' ? model.visiting(did, connector) : undefined;
  useChanges(visit);
  useEffect(() => () => model.leaving(did), [did]);
  const back = hashOf({ at: 'station', did, connector });
  const { offer, trouble, stage } = visit?.view ?? {};
  if (!visit || !offer) {
    return (
      <Screen title={say.title} back={back}>
        {trouble ? (
          <TroubleNotice trouble={trouble} onRetry={stage === 'failed' ? () => void visit?.open() : undefined} />
        ) : (
          <Busy>{words.station.connecting}</Busy>
        )}
      </Screen>
    );
  }
  return <Choose visit={visit} offer={offer} back={back} wallet={model.wallet} />;
}

interface ChooseProps {
  visit: Visit;
  offer: QuoteView;
  back: string;
  wallet?: Wallet;
}

function Choose({ visit, offer, back, wallet }: ChooseProps) {
  const { token, tariff, minimumDeposit } = offer;
  const [text, setText] = useState(() => decimalOf(offer.deposit, token.decimals));
  const { starting, trouble, start } = useStart(visit, wallet);
  const balance = useBalance(offer, wallet);
  const amount = readAmount(text, token);
  const wrong = reasonAgainst(amount, offer, balance);
  const buys = amount === undefined ? undefined : energyFor(amount, tariff);
  const pay = amount === undefined ? say.title : say.pay(exactAmount(amount, token));
  return (
    <Screen
      title={say.title}
      back={back}
      foot={
        <button
          type="button"
          class="button button-primary"
          disabled={Boolean(wrong) || starting || !wallet}
          onClick={() => amount !== undefined && void start(amount)}
        >
          {starting ? words.loading : pay}
        </button>
      }
    >
      {trouble && <TroubleNotice trouble={trouble} />}
      {starting && <Busy>{say.starting}</Busy>}
      <AmountChooser
        text={text}
        onText={setText}
        token={token}
        minimum={minimumDeposit}
        wrong={wrong}
        disabled={starting}
      />
      <Card>
        <Facts>
          <Fact name={say.buysLabel} figure="buys">{buys && bought(buys)}</Fact>
          {wallet && (
            <Fact name={say.balance} figure="balance">
              {balance === undefined ? '…' : shortAmount(balance, token)}
            </Fact>
          )}
        </Facts>
        {!wallet && <Notice tone="warn" icon="wallet" title={say.noWallet} />}
      </Card>
      <Card>
        <div class="explained">
          <Icon name="lock" />
          <div>
            <h2>{say.locked}</h2>
            <p>{say.lockedText}</p>
            <p>{say.refund(dateTime(offer.refundOpensAt))}</p>
          </div>
        </div>
      </Card>
    </Screen>
  );
}

function useStart(visit: Visit, wallet?: Wallet) {
  const model = useModel();
  const [starting, setStarting] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const start = async (amount: bigint) => {
    if (!wallet) return;
    setStarting(true);
    setTrouble(undefined);
    try {
      const quote = await visit.offerFor(amount);
      const id = await model.start(visit, quote, wallet);
      go({ at: 'session', id }, true);
    } catch (error) {
      setTrouble(troubleOf(error));
      setStarting(false);
    }
  };
  return { starting, trouble, start };
}

function useBalance(offer: QuoteView, wallet?: Wallet): bigint | undefined {
  const [balance, setBalance] = useState<bigint>();
  useEffect(() => {
    let wanted = true;
    wallet?.balance(offer.token).then(
      (now) => wanted && setBalance(now),
      (error: unknown) => console.warn('the balance', error),
    );
    return () => {
      wanted = false;
    };
  }, [wallet, offer.token.address]);
  return balance;
}

/** Why this amount can't be paid, in a sentence; "" where it can. */
function reasonAgainst(amount: bigint | undefined, offer: QuoteView, balance?: bigint): string {
  if (amount === undefined) return say.notAnAmount;
  if (amount < offer.minimumDeposit) return say.tooSmall(exactAmount(offer.minimumDeposit, offer.token));
  if (balance !== undefined && amount > balance) return say.tooMuch;
  return '';
}

function bought({ wh, about }: { wh: number; about: boolean }): string {
  return Number.isFinite(wh) ? say.buys(energy(wh), about) : say.free;
}
