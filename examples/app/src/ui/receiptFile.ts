/** A receipt as a file of JSON: as it was signed, so that anybody can check it. */
import type { SessionRecord } from './keep';

export function receiptFile(record: SessionRecord): File {
  const receipt = record.view.receipt;
  const content = receipt && {
    type: 'ServiceDelivered', payload: receipt.raw, signature: receipt.signature,
  };
  const name = `noroam-${record.sessionId.slice(2, 10)}.json`;
  return new File([`${JSON.stringify(content, null, 2)}\n`], name, { type: 'application/json' });
}

export function saveFile(file: File): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
