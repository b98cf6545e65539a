import { type ReactNode, useId } from 'react';
import { Card, CardBody, CardHeader, CardTitle } from '../patternfly';

interface PanelProps {
  title: string;
  actions?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** A part of a view with its own heading: a card that is a named region. */
export function Panel({ title, actions, className, children }: PanelProps) {
  const id = useId();
  return (
    <Card component="section" aria-labelledby={id} className={className}>
      <CardHeader actions={actions ? { actions, hasNoOffset: true } : undefined}>
        <CardTitle component="h2" id={id}>
          {title}
        </CardTitle>
      </CardHeader>
      <CardBody>{children}</CardBody>
    </Card>
  );
}
