import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import { type Level, LEVELS, type LogFilter } from '../../state/logFilter';

/** The filter as it stands in the address, and the way to change it. */
export function useLogFilter(): [LogFilter, (filter: LogFilter) => void] {
  const [search, setSearch] = useSearchParams();
  const query = search.toString();
  const filter = useMemo(() => filterOf(new URLSearchParams(query)), [query]);
  return [filter, (chosen) => setSearch(queryOf(chosen), { replace: true })];
}

export function filterOf(search: URLSearchParams): LogFilter {
  const level = search.get('level') as Level;
  return {
    level: LEVELS.includes(level) ? level : 'debug',
    text: search.get('text') ?? '',
    service: search.get('service') ?? '',
    chargePointId: search.get('charge_point_id') ?? '',
  };
}

/** The filter as the API takes it, too. */
export function queryOf({ level, text, service, chargePointId }: LogFilter): Record<string, string> {
  const given = { level: level === 'debug' ? '' : level, service, charge_point_id: chargePointId, text };
  return Object.fromEntries(Object.entries(given).filter((pair): pair is [string, string] => Boolean(pair[1])));
}
