import '@patternfly/react-core/dist/styles/base.css';
import 'uplot/dist/uPlot.min.css';
import './console.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ConsoleStore } from './state/consoleStore';
import { LogBuffer } from './state/logBuffer';
import { onNextFrame } from './state/notifier';
import { followSystemTheme } from './theme';
import { App } from './views/App';
import { ConsoleConnection } from './wire/connection';

followSystemTheme();
const store = new ConsoleStore(onNextFrame);
const log = new LogBuffer(onNextFrame);
const connection = new ConsoleConnection(store, log);
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App store={store} log={log} command={connection.command} />
    </StrictMode>,
  );
}
