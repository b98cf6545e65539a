/** The part of Swagger UI that this page uses; its package brings no types. */
interface SwaggerOptions {
  spec: object;
  dom_id: string;
  layout: 'BaseLayout';
  validatorUrl: null;
  deepLinking: boolean;
  displayRequestDuration: boolean;
  docExpansion: 'list';
  defaultModelsExpandDepth: number;
  filter: boolean;
  tryItOutEnabled: boolean;
  plugins: (() => object)[];
}

declare function SwaggerUIBundle(options: SwaggerOptions): unknown;
