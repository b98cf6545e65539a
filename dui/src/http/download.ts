import { address, type Query } from './client';
import { Problem, problemOf } from './problem';

/** Fetch a file of the API and hand it to the browser to keep; give its name. Throws Problem. */
export async function download(path: string, query: Query = {}): Promise<string> {
  const url = address(path, query);
  const response = await fetch(url, { headers: { 'X-Noroam-Console': '1' }, credentials: 'same-origin' }).catch(noAnswer);
  if (!response.ok) throw problemOf(response, await response.text());
  const file = await response.blob().catch(noAnswer);
  const name = /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '')?.[1] ?? path.split('/').at(-1) ?? 'file';
  keep(file, name);
  return name;
}

/** Hand content to the browser to keep as a file. */
export function keep(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function noAnswer(): never {
  throw new Problem(0, '', '');
}
