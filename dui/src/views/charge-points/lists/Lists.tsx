import { Obstacle } from '../commands/Obstacle';
import { Certificates } from './Certificates';
import { LocalList } from './LocalList';
import { MaintenancePanel } from './MaintenancePanel';
import { Profiles } from './Profiles';
import { Reservations } from './Reservations';
import { SecurityEvents } from './SecurityEvents';

/** What the charge point keeps for us, and how its firmware, diagnostics and logs stand. */
export default function Lists({ id }: { id: string }) {
  return (
    <>
      <Obstacle id={id} />
      <MaintenancePanel id={id} />
      <Reservations id={id} />
      <Profiles id={id} />
      <LocalList id={id} />
      <Certificates id={id} />
      <SecurityEvents id={id} />
    </>
  );
}
