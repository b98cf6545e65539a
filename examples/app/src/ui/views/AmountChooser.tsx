import type { Token } from '../../noroam/types';
import { Icon } from '../parts/Icon';
import { decimalOf, exactAmount, readAmount } from '../format';
import { roundUp } from '../tariff';
import { words } from '../words';

const say = words.deposit;

interface AmountChooserProps {
  text: string;
  onText: (text: string) => void;
  token: Token;
  minimum: bigint;
  wrong: string;
  disabled: boolean;
}

/** An amount: typed, stepped, or one of a few that fit the minimum. */
export function AmountChooser({ text, onText, token, minimum, wrong, disabled }: AmountChooserProps) {
  const amount = readAmount(text, token) ?? 0n;
  const put = (value: bigint) => onText(decimalOf(value < minimum ? minimum : value, token.decimals));
  const step = stepOf(amount > minimum ? amount : minimum);
  return (
    <fieldset class="amount" disabled={disabled}>
      <legend class="unseen">{say.amount}</legend>
      <div class="amount-row">
        <button type="button" class="icon-button icon-button-solid" aria-label={say.less} onClick={() => put(amount - step)}>
          <Icon name="minus" />
        </button>
        <label class="amount-field">
          <span class="unseen">{say.amount}</span>
          <input
            type="text"
            inputMode="decimal"
            autocomplete="off"
            value={text}
            aria-describedby="amount-hint"
            aria-invalid={wrong ? true : undefined}
            onInput={(event) => onText(event.currentTarget.value)}
          />
          <span class="amount-unit">{token.symbol}</span>
        </label>
        <button type="button" class="icon-button icon-button-solid" aria-label={say.more} onClick={() => put(amount + step)}>
          <Icon name="plus" />
        </button>
      </div>
      <p id="amount-hint" class={wrong ? 'hint wrong' : 'hint'} aria-live="polite">
        {wrong || say.minimum(exactAmount(minimum, token))}
      </p>
      <div class="quick" role="group" aria-label={say.quick}>
        {quickAmounts(minimum).map((value) => (
          <button
            key={String(value)}
            type="button"
            class="quick-amount"
            aria-pressed={value === amount}
            onClick={() => put(value)}
          >
            {decimalOf(value, token.decimals)}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

/** A tenth of the amount's leading power of ten, so that a step is felt and never jumps far. */
function stepOf(amount: bigint): bigint {
  const power = 10n ** BigInt(Math.max(0, amount.toString().length - 1));
  return amount >= 5n * power ? power : power / 2n || 1n;
}

function quickAmounts(minimum: bigint): bigint[] {
  const least = minimum > 0n ? roundUp(minimum) : 1n;
  return [least, least * 4n, least * 10n, least * 20n];
}
