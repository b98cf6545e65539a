import { Label } from '../patternfly';
import {
  CheckCircleIcon,
  ExclamationCircleIcon,
  ExclamationTriangleIcon,
  InProgressIcon,
  OutlinedCircleIcon,
} from '@patternfly/react-icons';
import type { ReactNode } from 'react';
import type { Tone } from '../words/phases';

const ICONS: Record<Tone, ReactNode> = {
  neutral: <OutlinedCircleIcon />,
  info: <InProgressIcon />,
  success: <CheckCircleIcon />,
  warning: <ExclamationTriangleIcon />,
  danger: <ExclamationCircleIcon />,
};

const STATUSES = { info: 'info', success: 'success', warning: 'warning', danger: 'danger' } as const;

interface MarkProps {
  tone: Tone;
  children: ReactNode;
  icon?: ReactNode;
  title?: string;
}

/** A state as colour, icon and text together. */
export function Mark({ tone, children, icon, title }: MarkProps) {
  const look = tone === 'neutral' ? { color: 'grey' as const } : { status: STATUSES[tone] };
  return (
    <span title={title} className="console-mark">
      <Label {...look} variant="outline" icon={icon ?? ICONS[tone]}>
        {children}
      </Label>
    </span>
  );
}
