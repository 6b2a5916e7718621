// Everything that the package exports, in one bundle: modules and components share one pool.

export { registerComponent } from './component';
export { handler, registerModule } from './index';
