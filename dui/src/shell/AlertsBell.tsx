/** The alerts that hold now, from wherever the page is. */
export function AlertsBell() {
  return null;
}
