import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Alert } from '../patternfly';
import { say } from '../words/language';
import { useConsole } from './live';
import { WORDS } from './words';

/** What makes the whole page less than true, and what becomes of it. */
export function Troubles() {
  const words = say(WORDS);
  const client = useQueryClient();
  const connection = useConsole((state) => state.connection);
  const busConnected = useConsole((state) => state.busConnected);
  useEffect(() => {
    // Perhaps the session has ended: then only signing in helps.
    if (connection === 'disconnected') void client.invalidateQueries({ queryKey: ['/me'] });
  }, [client, connection]);
  return (
    <div aria-live="polite" className="console-troubles">
      {connection === 'disconnected' && (
        <Alert component="h2" isInline variant="danger" title={words.lost}>
          {words.lostAdvice}
        </Alert>
      )}
      {connection === 'connected' && !busConnected && (
        <Alert component="h2" isInline variant="danger" title={words.redisDown}>
          {words.redisDownAdvice}
        </Alert>
      )}
    </div>
  );
}
