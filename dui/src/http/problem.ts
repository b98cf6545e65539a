/** What a request can end with besides an answer. */

export interface Fault {
  detail: string;
  pointer?: string | null;
  parameter?: string | null;
}

/** A refused request: the API's problem document (RFC 9457), or what stood in its way. */
export class Problem extends Error {
  constructor(
    /** HTTP's status; 0 where there was no answer at all. */
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly faults: readonly Fault[] = [],
    /** Seconds to wait before it makes sense to ask again. */
    readonly retryAfter: number | null = null,
    readonly fields: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail || title);
  }

  /** Whether the same request may have an answer in a moment. */
  get mayPass(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

/** Read the problem that a response tells; `text` is its body. */
export function problemOf(response: Response, text: string): Problem {
  const fields = parsed(text);
  const wait = Number(response.headers.get('Retry-After'));
  return new Problem(
    response.status,
    String(fields.title ?? response.statusText),
    String(fields.detail ?? ''),
    Array.isArray(fields.errors) ? (fields.errors as Fault[]) : [],
    Number.isFinite(wait) && wait > 0 ? wait : null,
    fields,
  );
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
