import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../parts/Icon';
import { Notice } from '../parts/bits';
import { Screen } from '../parts/Screen';
import { useModel } from '../hooks';
import type { Model } from '../model';
import { go, hashOf } from '../route';
import { readCodes } from '../scanner';
import { words } from '../words';
import { NoroamError } from '../../noroam/types';

const say = words.scan;

/** The camera, until it sees a station's code. */
export function Scan() {
  const model = useModel();
  const video = useRef<HTMLVideoElement>(null);
  const [trouble, setTrouble] = useState<'none' | 'denied'>();
  const [foreign, setForeign] = useState(false);

  useEffect(() => {
    const stopping = new AbortController();
    const seen = (text: string) => {
      if (!openStation(model, text)) setForeign(true);
    };
    if (video.current) {
      readCodes(video.current, seen, stopping.signal).catch((error: unknown) => {
        if (stopping.signal.aborted) return;
        const denied = error instanceof DOMException && error.name === 'NotAllowedError';
        setTrouble(denied ? 'denied' : 'none');
      });
    }
    return () => stopping.abort();
  }, []);

  return (
    <Screen title={say.title} back={hashOf({ at: 'start' })}>
      {trouble ? (
        <Notice tone="warn" icon="scan" title={say[trouble]} alert />
      ) : (
        <>
          <div class="viewfinder">
            <video ref={video} muted playsInline aria-label={say.hint} />
            <span class="viewfinder-frame" aria-hidden="true" />
          </div>
          <p class="hint centred" aria-live="polite">{foreign ? say.notOurs : say.hint}</p>
        </>
      )}
      <a class="button" href={hashOf({ at: 'start' })}>
        <Icon name="link" /> {say.instead}
      </a>
    </Screen>
  );
}

/** Go to the station whose code this is; false where it is no station's. */
function openStation(model: Model, text: string): boolean {
  try {
    const { did, connectorId } = model.parse(text);
    go({ at: 'station', did, connector: connectorId }, true);
    return true;
  } catch (error) {
    if (!(error instanceof NoroamError)) throw error;
    return false;
  }
}
