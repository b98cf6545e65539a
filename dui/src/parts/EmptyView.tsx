import type { ComponentType, ReactNode } from 'react';
import { EmptyState, EmptyStateBody } from '../patternfly';

interface EmptyViewProps {
  icon: ComponentType;
  title: string;
  level?: 'h1' | 'h2' | 'h3';
  /** What to do next. */
  children: ReactNode;
}

/** Nothing to show yet, and what to do about it. */
export function EmptyView({ icon, title, level = 'h2', children }: EmptyViewProps) {
  return (
    <EmptyState icon={icon} titleText={title} headingLevel={level} variant="sm">
      <EmptyStateBody>{children}</EmptyStateBody>
    </EmptyState>
  );
}
