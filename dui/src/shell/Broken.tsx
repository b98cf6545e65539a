import { Component, type ReactNode } from 'react';
import { Alert, AlertActionLink } from '../patternfly';
import { say } from '../words/language';
import { WORDS } from './words';

/** Keeps a view that throws from taking the whole page along. */
export class Broken extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    if (!this.state.error) return this.props.children;
    const words = say(WORDS);
    return (
      <Alert
        component="h1"
        isInline
        variant="danger"
        title={words.broken}
        actionLinks={<AlertActionLink onClick={() => window.location.reload()}>{words.loadAgain}</AlertActionLink>}
      >
        <p>{words.brokenAdvice}</p>
        <code>{this.state.error.message}</code>
      </Alert>
    );
  }
}
