/** How far a firmware update or an upload has come. Pure. */

export type ProgressTone = 'info' | 'success' | 'danger' | 'neutral';

const UPDATE = ['requested', 'Downloading', 'Downloaded', 'Installing', 'Installed'] as const;
const UPLOAD = ['requested', 'Uploading', 'Uploaded'] as const;
/** States between the steps that are drawn, and the step that they belong to. */
const WITHIN: Readonly<Record<string, string>> = {
  DownloadScheduled: 'requested',
  DownloadPaused: 'Downloading',
  SignatureVerified: 'Downloaded',
  InstallScheduled: 'Downloaded',
  InstallRebooting: 'Installing',
};

export interface Progress {
  readonly steps: readonly string[];
  /** The place of the step that it is at; null: it failed or is idle, and no step tells that. */
  readonly at: number | null;
  readonly tone: ProgressTone;
}

export function progressOf(matter: string, status: string): Progress {
  const steps = matter === 'firmware' ? UPDATE : UPLOAD;
  const at = (steps as readonly string[]).indexOf(WITHIN[status] ?? status);
  if (at >= 0) return { steps, at, tone: at === steps.length - 1 ? 'success' : 'info' };
  return { steps, at: null, tone: status === 'Idle' ? 'neutral' : 'danger' };
}
