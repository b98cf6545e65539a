import { describe, expect, it } from 'vitest';
import type { EndedPage, EndedSession } from '../types';
import { PAGE_SIZE, wholePage } from './useEnded';

const some = (count: number) => Array.from({ length: count }, (_, number) => ({ session_id: `0x${number}` }) as EndedSession);

describe('wholePage', () => {
  it('asks on while answers are short, for what is missing only', async () => {
    const answers: EndedPage[] = [
      { items: [], next_cursor: 'a' },
      { items: some(20), next_cursor: 'b' },
      { items: some(30), next_cursor: 'c' },
    ];
    const asked: [number, string | null][] = [];
    const page = await wholePage(async (limit, cursor) => {
      asked.push([limit, cursor]);
      return answers[asked.length - 1] as EndedPage;
    }, 'start');
    expect(page.items).toHaveLength(PAGE_SIZE);
    expect(page.next_cursor).toBe('c');
    expect(asked).toEqual([[50, 'start'], [50, 'a'], [30, 'b']]);
  });

  it('ends where all was looked at', async () => {
    expect(await wholePage(async () => ({ items: some(3), next_cursor: null }), null)).toEqual({ items: some(3), next_cursor: null });
  });

  it('leads on when nothing is found for long', async () => {
    let asked = 0;
    const page = await wholePage(async () => ({ items: [], next_cursor: String((asked += 1)) }), null);
    expect(page).toEqual({ items: [], next_cursor: '20' });
  });
});
