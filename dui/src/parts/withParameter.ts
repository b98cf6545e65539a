/** Changes one parameter of an address's query; nothing, or no value, takes it out. */
export function withParameter(name: string, value: string | null): (before: URLSearchParams) => URLSearchParams {
  return (before) => {
    const next = new URLSearchParams(before);
    if (value) next.set(name, value);
    else next.delete(name);
    return next;
  };
}
