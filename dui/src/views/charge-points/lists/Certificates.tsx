import { dayAndTime, shortened } from '../../../format/units';
import { path } from '../../../http/client';
import { useRead } from '../../../http/hooks';
import { Panel } from '../../../parts/Panel';
import { ProblemView } from '../../../parts/ProblemView';
import { useMay } from '../../../shell/me';
import type { Moment } from '../../../wire/types';
import { say } from '../../../words/language';
import { ActionButton } from '../commands/ActionButton';
import { FormToggle } from './FormToggle';
import { Listing } from './Listing';
import { WORDS } from './words';

interface HeldCertificate {
  use: string;
  hash_algorithm: string;
  issuer_name_hash: string;
  issuer_key_hash: string;
  serial_number: string;
  subject: string | null;
  expires_at: Moment | null;
}

const KINDS = ['CentralSystemRootCertificate', 'ManufacturerRootCertificate'] as const;

/** The certificates that the charge point holds, as far as it said so. */
export function Certificates({ id }: { id: string }) {
  const words = say(WORDS);
  const isAdministrator = useMay('administrator');
  const { data, error } = useRead<{ items: HeldCertificate[] }>(path`/charge-points/${id}/certificates`, {}, { every: 30_000 });
  const remove = (held: HeldCertificate) =>
    isAdministrator && held.issuer_key_hash && held.use !== 'ChargePointCertificate' ? (
      <ActionButton
        chargePointId={id}
        operation="DeleteCertificate"
        body={{ certificateHashData: hashesOf(held) }}
        label={`${words.certificates.remove} ${held.serial_number}`}
      />
    ) : (
      '–'
    );
  return (
    <Panel title={words.certificates.title}>
      {error && <ProblemView problem={error} />}
      {data?.items.length === 0 && <p className="console-hint">{words.certificates.none}</p>}
      {data && data.items.length > 0 && (
        <Listing
          label={words.certificates.title}
          items={data.items}
          keyOf={({ use, serial_number, issuer_key_hash }) => `${use} ${serial_number} ${issuer_key_hash}`}
          columns={[
            [words.certificates.use, ({ use }) => words.certificates.uses[use] ?? use],
            [words.certificates.subject, ({ subject }) => subject ?? '–'],
            [words.certificates.serial, ({ serial_number }) => <code title={serial_number}>{shortened(serial_number)}</code>],
            [words.certificates.expires, ({ expires_at }) => dayAndTime(expires_at) || '–'],
            [words.certificates.remove, remove],
          ]}
        />
      )}
      {isAdministrator && (
        <>
          <div className="console-cp-actions">
            {KINDS.map((certificateType, place) => (
              <ActionButton
                key={certificateType}
                chargePointId={id}
                operation="GetInstalledCertificateIds"
                body={{ certificateType }}
                label={place === 0 ? words.certificates.askCentral : words.certificates.askMaker}
              />
            ))}
          </div>
          <FormToggle id={id} forms={[{ operation: 'InstallCertificate', label: words.certificates.install }]} />
        </>
      )}
    </Panel>
  );
}

function hashesOf(held: HeldCertificate): Record<string, string> {
  return {
    hashAlgorithm: held.hash_algorithm,
    issuerNameHash: held.issuer_name_hash,
    issuerKeyHash: held.issuer_key_hash,
    serialNumber: held.serial_number,
  };
}
