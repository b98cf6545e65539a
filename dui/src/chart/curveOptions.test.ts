import type UPlot from 'uplot';
import { expect, test } from 'vitest';
import { curveOptions } from './curveOptions';

test('a curve of one reading has a minute around it, one of several only their time', () => {
  const colors = { power: '', powerFill: '', energy: '', text: '', grid: '' };
  const range = curveOptions(600, colors, 'sans-serif').scales?.x?.range as unknown as (plot: UPlot, from: number, to: number) => number[];
  const of = (...times: number[]) => ({ data: [times] }) as unknown as UPlot;
  expect(range(of(1000), 1000, 87_400)).toEqual([970, 1030]);
  expect(range(of(1000, 1600), 1000, 1600)).toEqual([1000, 1600]);
});
