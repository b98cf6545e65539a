import { describe, expect, it } from 'vitest';
import { answerWords } from './answers';
import { decisionWords } from './decisions';
import { connectorWords } from './connectors';
import { speak } from './language';
import { inWords, isRunning, isStoppable, PHASES, phaseWords } from './phases';

describe('words', () => {
  it('says every answer of the backend in words', () => {
    const balance = answerWords({
      type: 'BalanceReported',
      chain_id: 31337,
      block_number: 1200,
      balances: [{ account: '0xabc', role: 'gas', token: '0x0', balance: '2500000000000000000' }],
    });
    expect(balance.parts).toEqual([
      { label: 'Gas account', text: '2.5 ETH', exact: '2.5 ETH on 0xabc' },
    ]);
    expect(answerWords({ type: 'DidPublished', transactions: [] }).title).toContain('up to date');
    expect(answerWords({ type: 'DidPublished', transactions: ['0x1'] }).parts).toHaveLength(1);
  });

  it('tells a refusal from a success, with what to do next', () => {
    const refused = answerWords({ type: 'StationCommandRefused', reason: 'timeout', detail: 'no answer within 10 s' });
    expect(refused.ok).toBe(false);
    expect(refused.title).toContain('Session Manager');
    expect(refused.title).toContain('10 s');
    expect(answerWords({ type: 'ChainUnreachable', reason: 'wrong_chain' }).title).toContain('CHAIN_ID');
  });

  it('offers Stop only where it can have an effect', () => {
    expect(PHASES.filter(isStoppable)).toEqual(['verifying', 'authorising', 'starting', 'charging']);
    expect(PHASES.filter((phase) => !isRunning(phase))).toEqual(['idle', 'settled', 'refunded', 'rejected', 'disputed']);
  });

  it('never says of a test that somebody pays', () => {
    for (const phase of ['charging', 'settled'] as const) {
      expect(phaseWords(phase, true).explanation).not.toBe(phaseWords(phase).explanation);
      expect(phaseWords(phase, true).explanation).toMatch(/nobody pays|no money/);
    }
    expect(phaseWords('settled', true).label).toBe('Ended');
  });

  it('says what follows from each decision before it is made', () => {
    for (const decision of ['retry', 'refund', 'write_off'] as const) {
      expect(decisionWords(decision, '3 ETH', '5 ETH').consequence).toContain('3 ETH');
      expect(answerWords({ type: 'DisputeResolved', decision }).ok).toBe(true);
    }
    expect(decisionWords('refund', '3 ETH', '5 ETH').consequence).toContain('5 ETH');
    expect(answerWords({ type: 'DisputeResolveRefused', reason: 'no_dispute' }).title).toContain('any more');
  });

  it('shows what it does not know by its own name', () => {
    expect(phaseWords('pausing').label).toBe('pausing');
    expect(inWords('clock_jumped')).toBe('clock jumped');
    expect(connectorWords('Occupied')).toEqual({ label: 'Occupied', tone: 'neutral' });
    expect(connectorWords(null).label).toContain('Not reported');
  });

  it('speaks German where that was chosen', () => {
    speak('de');
    expect(phaseWords('charging').label).toBe('Lädt');
    expect(inWords('deposit_short')).toBe('das Guthaben war zu klein');
    expect(connectorWords('Faulted').label).toBe('Gestört');
    expect(answerWords({ type: 'SessionStopRefused', reason: 'no_session' }).title).toMatch(/^Nicht beendet: .*keinen Ladevorgang/);
    speak('en');
  });
});
