import 'swagger-ui-dist/swagger-ui.css';
import './api.css';
import bundle from 'swagger-ui-dist/swagger-ui-bundle.js?url';
import { offerChargePoints } from './chargePoints';
import { type OpenApi, withShortProblems } from './document';
import { followSystemTheme } from './theme';

const DOCUMENT = '/api/v1/openapi.json';

followSystemTheme();
Promise.all([read(), load(bundle)]).then(([document]) => show(document), tell);

async function read(): Promise<OpenApi> {
  const answer = await fetch(DOCUMENT);
  if (!answer.ok) throw new Error(`${DOCUMENT}: ${answer.status}`);
  return (await answer.json()) as OpenApi;
}

/** Load a script as a file of its own: what both pages imported would become one that the console loads too. */
function load(source: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = source;
    script.addEventListener('load', () => resolve());
    script.addEventListener('error', () => reject(new Error(`${source} did not load`)));
    document.head.append(script);
  });
}

function show(document: OpenApi): void {
  SwaggerUIBundle({
    spec: withShortProblems(document),
    dom_id: '#api',
    layout: 'BaseLayout',
    // No other host is told of the document.
    validatorUrl: null,
    deepLinking: true,
    displayRequestDuration: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: -1,
    filter: true,
    tryItOutEnabled: true,
    plugins: [offerChargePoints],
  });
}

function tell(error: Error): void {
  const text = document.createElement('p');
  text.className = 'api-failed';
  text.role = 'alert';
  text.textContent = `The API's document can't be shown (${error.message}). Is the Session Manager running?`;
  document.getElementById('api')?.replaceChildren(text);
}
