import { beforeEach, describe, expect, it } from 'vitest';
import { NoroamError } from '../../src/noroam/types';
import { EMPTY } from '../../src/ui/settings';
import { aReceipt, aStation, aView, DID, ETH, FakeApp, FakeSession, TOKEN } from './fakeApp';
import { aRecord, figure, press, rest, show, text, type } from './shown';

let app: FakeApp;
beforeEach(() => {
  app = new FakeApp();
});

describe('the start', () => {
  it('asks for settings before anything else', async () => {
    await show(app, '#/', { settings: EMPTY });
    expect(text()).toContain('name a chain node and who you trust');
  });

  it('lists stations nearby with price and availability', async () => {
    const connectors = [{ connectorId: 1, availability: 'busy' as const }];
    app.nearby = [{ station: aStation(), connectors, token: TOKEN.address, announcedAt: new Date() }];
    await show(app, '#/');
    expect(text()).toContain('Harbour');
    expect(text()).toContain('0.4 ETH/kWh');
    expect(text()).toContain('In use');
  });

  it('refuses what is no station’s code', async () => {
    await show(app, '#/');
    await type('#did', 'https://example.org');
    await press('Show station');
    expect(text()).toContain('That is not the code of a charging station');
    expect(location.hash).toBe('#/');
  });
});

describe('a station', () => {
  it('tells price, power, plugs and trust', async () => {
    await show(app, `#/station/${DID}?connector=1`);
    for (const said of ['Harbour', '22 kW', 'Type 2', 'Verified station', 'Jan 1, 2030', 'Nothing else is charged']) {
      expect(text()).toContain(said);
    }
    expect(figure('price')).toBe('0.4 ETH per kWh');
  });

  it('that is not verified shows nothing of itself', async () => {
    app.refusal = new NoroamError('untrusted', 'the issuer is not known', 'do_not_pay');
    await show(app, `#/station/${DID}?connector=1`);
    expect(text()).toContain('Do not pay here');
    expect(text()).toContain('the issuer is not known');
    expect(text()).not.toContain('Harbour');
    expect(text()).not.toContain('Choose the deposit');
  });

  it('whose node is silent is not called untrusted', async () => {
    app.refusal = new NoroamError('chain_unreachable', 'timeout', 'retry');
    await show(app, `#/station/${DID}?connector=1`);
    expect(text()).toContain('The chain node does not answer');
    expect(text()).not.toContain('Do not pay here');
    app.refusal = undefined;
    await press('Try again');
    expect(text()).toContain('Verified station');
  });
});

describe('the deposit', () => {
  it('holds to minimum and balance, and says what it buys', async () => {
    await show(app, `#/deposit/${DID}?connector=1`, { balance: 10n * ETH });
    await type('.amount input', '0.1');
    expect(text()).toContain('asks for at least 0.5 ETH');
    await type('.amount input', '11');
    expect(text()).toContain('holds less than that');
    await type('.amount input', '5');
    expect(figure('buys')).toBe('Up to 12.50 kWh');
    expect(figure('balance')).toBe('10.00 ETH');
    await press('Pay 5 ETH and charge');
    expect(app.started?.deposit).toBe(5n * ETH);
    expect(location.hash).toBe('#/session/0x01');
    expect(text()).toContain('Harbour');
  });

  it('is not paid at a price that was not shown', async () => {
    await show(app, `#/station/${DID}?connector=1`);
    await press('Choose the deposit');
    app.station = aStation({ tariff: { per_kwh: '4000000000000000000', per_session: '0' } });
    await type('.amount input', '5');
    await press('Pay 5 ETH and charge');
    expect(app.started).toBeUndefined();
    expect(text()).toContain('terms have just changed');
    expect(figure('buys')).toBe('Up to 1.25 kWh');
    await press('Pay 5 ETH and charge');
    expect(app.started?.deposit).toBe(5n * ETH);
  });

  it('finds the minimum of a station that asks for more', async () => {
    app.minimum = 100n * ETH;
    await show(app, `#/deposit/${DID}?connector=1`, { balance: 1000n * ETH });
    expect(text()).toContain('At least 100 ETH');
  });
});

describe('a session', () => {
  it('is taken up from the store, and moves', async () => {
    app.left = [app.session];
    await show(app, '#/session/0x01', { records: [aRecord({ station: aStation() })] });
    expect(figure('energy')).toBe('1.50 kWh');
    expect(text()).toContain('Direct');
    app.session.tell({ energyWh: 2_000, voucher: ETH, over: '12D3KooWHub' });
    await rest();
    expect(figure('energy')).toBe('2.00 kWh');
    expect(figure('signed')).toBe('1.00 ETH');
    expect(text()).toContain('Over a hub');
    app.session.tell({ connected: false });
    await rest();
    expect(text()).toContain('Reconnecting');
  });

  it('of which nothing is heard offers the refund once it is open', async () => {
    app.session = new FakeSession(aView({ phase: 'verifying', connected: false }));
    app.session.refundOpensAt = new Date(0);
    app.left = [app.session];
    await show(app, '#/session/0x01');
    expect(text()).toContain('Harbour');
    await press('Take the deposit back');
    expect(app.session.refunds).toBe(1);
  });

  it('asks once before it stops', async () => {
    app.left = [app.session];
    await show(app, '#/session/0x01');
    await press('Stop charging');
    expect(app.session.stops).toBe(0);
    await press('Stop now');
    expect(app.session.stops).toBe(1);
  });

  it('ends with a receipt that adds up and is verified', async () => {
    app.left = [app.session];
    await show(app, '#/session/0x01');
    app.session.tell({ phase: 'executing', stopReason: 'consumer' });
    await rest();
    expect(text()).toContain('You stopped it.');
    expect(document.querySelectorAll('.step-done')).toHaveLength(2);
    app.session.end({ phase: 'settled', receipt: aReceipt() });
    await rest();
    expect(figure('spent')).toBe('0.6 ETH');
    expect(figure('refund')).toBe('4.4 ETH');
    await press('Verify the receipt');
    expect(text()).toContain('Every check holds.');
  });

  it('shows which check of a receipt failed', async () => {
    app.checks = [{ name: 'signature', ok: true }, { name: 'sum', ok: false, detail: 'not the deposit' }];
    const view = aView({ phase: 'settled', receipt: aReceipt({ spent: ETH / 2n }) });
    await show(app, '#/session/0x01', { records: [aRecord({ view, ended: true, station: aStation() })] });
    expect(text()).toContain('-0.1 ETH');
    await press('Verify the receipt');
    expect(text()).toContain('A check failed');
    expect(text()).toContain('not the deposit');
  });

  it('that is disputed gives the deposit back once the refund is open', async () => {
    app.session = new FakeSession(aView({ disputed: 'more than was used' }));
    app.left = [app.session];
    await show(app, '#/session/0x01');
    expect(text()).toContain('more than was used');
    await press('Take the deposit back');
    expect(app.session.refunds).toBe(0);
    app.session.refundOpensAt = new Date(0);
    await show(app, '#/session/0x01');
    await press('Take the deposit back');
    expect(app.session.refunds).toBe(1);
  });

  it('that was paid and then rejected is not over', async () => {
    app.session = new FakeSession(aView({ phase: 'rejected', failure: 'deposit_short' }));
    app.left = [app.session];
    await show(app, '#/session/0x01');
    expect(text()).toContain('The deposit was smaller than agreed.');
    expect(text()).toContain('Take the deposit back');
  });
});

describe('another tab', () => {
  it('takes over, and this one lets go', async () => {
    const model = await show(app, '#/');
    await model.yield();
    await rest();
    expect(app.closed).toBe(true);
    expect(text()).toContain('open in another tab');
  });
});
