import { AngleLeftIcon } from '@patternfly/react-icons';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Title } from '../patternfly';

interface PageTitleProps {
  children: ReactNode;
  /** The page above this one. */
  above?: { href: string; name: string };
  /** What stands beside the title: marks, buttons. */
  actions?: ReactNode;
  hint?: ReactNode;
}

/** The one first heading of a view. */
export function PageTitle({ children, above, actions, hint }: PageTitleProps) {
  return (
    <header className="console-title">
      <div>
        {above && (
          <p className="console-above">
            <AngleLeftIcon aria-hidden="true" /> <Link href={above.href}>{above.name}</Link>
          </p>
        )}
        <Title headingLevel="h1" size="xl">
          {children}
        </Title>
        {hint && <p className="console-hint">{hint}</p>}
      </div>
      {actions && <div className="console-title-actions">{actions}</div>}
    </header>
  );
}
