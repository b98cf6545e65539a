import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { whenSignedOut } from '../http/client';
import { useRead } from '../http/hooks';
import { Loading } from '../parts/Loading';
import { type Me, MeContext } from './me';
import { Shell } from './Shell';
import { Waiting } from './Waiting';

const SignIn = lazy(() => import('./SignIn'));
const UNAUTHORIZED = 401;

/** Lets in who is signed in, and asks everybody else to. */
export function Gate() {
  const client = useQueryClient();
  const me = useRead<Me>('/me', {}, { every: 60_000, tellsAtOnce: true });
  useEffect(() => whenSignedOut(() => void client.invalidateQueries({ queryKey: ['/me'] })), [client]);
  if (me.error?.status === UNAUTHORIZED) {
    return (
      <Suspense fallback={<Loading />}>
        <SignIn accountsExist={me.error.fields.accounts_exist !== false} onSignedIn={() => void me.refetch()} />
      </Suspense>
    );
  }
  if (me.data) {
    return (
      <MeContext value={me.data}>
        <Shell key={me.data.id} />
      </MeContext>
    );
  }
  return me.error ? <Waiting problem={me.error} onRetry={() => void me.refetch()} /> : <Loading />;
}
