import { type RefObject, useEffect, useRef, useState } from 'react';

/** How wide an element is, px, so that a drawing in it has text of the page's own size; 0 at first. */
export function useWidth<E extends HTMLElement>(): [RefObject<E | null>, number] {
  const holder = useRef<E>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = holder.current;
    if (!element) return undefined;
    const measure = () => setWidth(Math.floor(element.clientWidth));
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(element);
    return () => resized.disconnect();
  }, []);
  return [holder, width];
}
