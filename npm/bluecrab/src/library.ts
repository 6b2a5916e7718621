// All that the package exports, so that its parts share one pool.

export { registerComponent } from './component';
export { handler, registerModule } from './index';
