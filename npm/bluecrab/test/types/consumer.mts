// An ES module. The package has no default export, as in Node.js.

import type { HttpHandler } from '@azure/functions';
// @ts-expect-error: the module has no default export
import bluecrab, { handler, type RegisterOptions, registerModule } from 'bluecrab';
import { type ComponentOptions, registerComponent } from 'bluecrab/component';

const options: RegisterOptions = { only: ['rows'] };
registerModule(new URL('rows.wasm', import.meta.url), options);

const component: ComponentOptions = { name: 'rows', methods: ['GET'] };
registerComponent('rows.js', component);

export const rows: HttpHandler = handler('rows.wasm', 'rows');
export const nothing: unknown = bluecrab;

// @ts-expect-error: the name of the function is missing
handler('rows.wasm');
