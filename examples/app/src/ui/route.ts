/** Where in the app one is: kept in the address behind the #, so that Back and a reload work. */

export type Route =
  | { at: 'start' }
  | { at: 'scan' }
  | { at: 'settings' }
  | { at: 'station'; did: string; connector: number }
  | { at: 'deposit'; did: string; connector: number }
  | { at: 'session'; id: string };

export function readRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [at, what = ''] = path.split('/');
  const connector = Math.max(1, Number.parseInt(new URLSearchParams(query).get('connector') ?? '', 10) || 1);
  const named = decoded(what);
  if ((at === 'station' || at === 'deposit') && named) return { at, did: named, connector };
  if (at === 'session' && named) return { at, id: named };
  if (at === 'scan' || at === 'settings') return { at };
  return { at: 'start' };
}

export function hashOf(route: Route): string {
  switch (route.at) {
    case 'start':
      return '#/';
    case 'station':
    case 'deposit':
      return `#/${route.at}/${route.did}?connector=${route.connector}`;
    case 'session':
      return `#/session/${route.id}`;
    default:
      return `#/${route.at}`;
  }
}

export function go(route: Route, replace = false): void {
  if (!replace) {
    location.hash = hashOf(route);
    return;
  }
  history.replaceState(null, '', hashOf(route));
  dispatchEvent(new HashChangeEvent('hashchange'));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
