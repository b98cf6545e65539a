import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { Model } from './model';
import { readRoute, type Route } from './route';

export const ModelContext = createContext<Model | undefined>(undefined);

/** The model, and a render with each of its changes. */
export function useModel(): Model {
  const model = useContext(ModelContext);
  if (!model) throw new Error('there is no model');
  useChanges(model);
  return model;
}

interface Changing {
  subscribe(listener: () => void): () => void;
}

/** Render again with each change of something. */
export function useChanges(source: Changing | undefined): void {
  const [, count] = useState(0);
  useEffect(() => {
    const again = () => count((before) => before + 1);
    again();
    return source?.subscribe(again);
  }, [source]);
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return readRoute(hash);
}

/** The time, anew each `everyMs`. */
export function useNow(everyMs: number): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
