import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { path } from '../../../http/client';
import { Copyable } from '../../../parts/Copyable';
import { Alert, Button } from '../../../patternfly';
import { say } from '../../../words/language';
import type { NewlyRegistered } from '../types';
import { GatewayAddress } from './GatewayAddress';
import { WORDS } from './registerWords';

interface RegisteredNowProps {
  registered: NewlyRegistered;
  /** It came with a password, and keeps it. */
  hasOwnPassword: boolean;
  onClose: () => void;
}

/** What to enter at a charge point that was just registered; its password is shown only here. */
export function RegisteredNow({ registered, hasOwnPassword, onClose }: RegisteredNowProps) {
  const words = say(WORDS);
  const { charge_point_id: id, password, security_profile: profile } = registered;
  const shown = useRef<HTMLDivElement>(null);
  useEffect(() => shown.current?.focus(), []);
  return (
    <div ref={shown} tabIndex={-1} className="console-cp-registered">
      <Alert isInline component="h3" variant="success" title={words.done(id)}>
        {hasOwnPassword ? words.comesBack : words.enter}
      </Alert>
      <GatewayAddress id={id} profile={profile} />
      <dl className="console-facts">
        {password && <Fact name={words.user} value={id} />}
        {password && <Fact name={words.password} hint={words.once} value={password} />}
        {hasOwnPassword && !password && <p className="console-hint">{words.keepsPassword}</p>}
      </dl>
      <div className="console-cp-actions">
        <Link href={path`/charge-points/${id}`}>{words.open}</Link>
        <Link href={path`/identity/${id}`}>{words.label}</Link>
        <Button variant="secondary" onClick={onClose}>
          {words.close}
        </Button>
      </div>
    </div>
  );
}

function Fact({ name, value, hint }: { name: string; value: string; hint?: string }) {
  return (
    <div className="console-fact console-fact-long">
      <dt>{name}</dt>
      <dd>
        <Copyable text={value} name={name} whole />
        {hint && <p className="console-hint">{hint}</p>}
      </dd>
    </div>
  );
}
