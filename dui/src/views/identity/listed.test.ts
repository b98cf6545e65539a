import { describe, expect, it } from 'vitest';
import type { Station } from '../../state/consoleStore';
import { chosenIdentities } from './listed';

function station(id: string, did: string | null, state: string): Station {
  const identity = { charge_point_id: id, did, qr: null, state, reason: null, address: null, balance: '1', gas_balance: null, updated_at: null };
  return { id, status: null, identity, sessions: {}, disputes: [], document: null };
}

const STATE = {
  ids: ['CP-1', 'CP-2', 'CP-3'],
  stations: {
    'CP-1': station('CP-1', 'did:ethr:0x7a69:0xAB', 'published'),
    'CP-2': station('CP-2', null, ''),
    'CP-3': { ...station('CP-3', null, ''), identity: null },
  },
};
const ids = (text: string, state: string) => chosenIdentities(STATE, { text, state }).map(({ id }) => id);

describe('the list of identities', () => {
  it('keeps the order, and takes what was not looked at for being checked', () => {
    expect(ids('', '')).toEqual(['CP-1', 'CP-2', 'CP-3']);
    expect(ids('', 'checking')).toEqual(['CP-2', 'CP-3']);
  });

  it('finds by id and DID, however they are written', () => {
    expect(ids(' 0xab', '')).toEqual(['CP-1']);
    expect(ids('cp-3', '')).toEqual(['CP-3']);
    expect(ids('0xab', 'checking')).toEqual([]);
  });
});
