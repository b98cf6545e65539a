import { dayAndTime } from '../../format/units';
import { Copyable } from '../../parts/Copyable';
import { Fact, Facts } from '../../parts/Facts';
import { Mark } from '../../parts/Mark';
import { Panel } from '../../parts/Panel';
import { say } from '../../words/language';
import type { Tone } from '../../words/phases';
import type { Credential } from './types';
import { WORDS } from './words';

/** Who vouches for the station, and until when. */
export function CredentialPanel({ id, credential }: { id: string; credential: Credential | null }) {
  const words = say(WORDS);
  return (
    <Panel title={words.credential}>
      {!credential && (
        <div className="console-identity-part">
          <p className="console-hint">{words.noCredential}</p>
          <code>noroam charge-point set {id} --credential-file …</code>
        </div>
      )}
      {credential && (
        <div className="console-identity-part">
          <State credential={credential} />
          <Facts>
            {credential.issuer && (
              <Fact name={words.issuer} isLong>
                <Copyable text={credential.issuer} name={words.issuer} whole />
              </Fact>
            )}
            <Fact name={words.from}>{dayAndTime(credential.valid_from) || null}</Fact>
            <Fact name={words.until} figure="valid-until">
              {dayAndTime(credential.valid_until) || null}
            </Fact>
          </Facts>
        </div>
      )}
    </Panel>
  );
}

function State({ credential }: { credential: Credential }) {
  const [tone, text] = stateOf(credential);
  return (
    <p>
      <Mark tone={tone}>{text}</Mark>
      {credential.error && <span className="console-hint"> {credential.error}</span>}
    </p>
  );
}

function stateOf({ error, revoked, expired }: Credential): [Tone, string] {
  const words = say(WORDS);
  if (error) return ['danger', words.unreadable];
  if (revoked) return ['danger', words.revoked];
  if (expired) return ['danger', words.expired];
  return revoked === null ? ['info', words.unasked] : ['success', words.valid];
}
