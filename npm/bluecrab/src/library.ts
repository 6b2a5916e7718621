// Everything that the package exports, in one bundle: modules and components share one pool.

import type * as component from './component';
import type * as index from './index';

export { CallError, CallResult, callable } from './callable';

// `callable` runs without @azure/functions, so what needs it is loaded later.
export const loadIndex = (): typeof index => require('./index');
export const loadComponent = (): typeof component => require('./component');
