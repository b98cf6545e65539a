import 'swagger-ui-dist/swagger-ui.css';
import './api.css';
import bundle from 'swagger-ui-dist/swagger-ui-bundle.js?url';
import { offerChargePoints } from './chargePoints';
import { followSystemTheme } from './theme';

followSystemTheme();
// As a file of its own: what both pages imported would become a chunk that the console loads too.
const script = document.createElement('script');
script.src = bundle;
script.addEventListener('load', show);
document.head.append(script);

function show(): void {
  SwaggerUIBundle({
    url: '/api/v1/openapi.json',
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
