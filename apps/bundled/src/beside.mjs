// The module's file is named from the place of the source, so that a bundler that knows assets brings it along.
import { registerModule } from 'bluecrab';
import { registerComponent } from 'bluecrab/component';

registerModule(new URL('../assets/faults.wasm', import.meta.url), {
  only: ['good', 'panics', 'loops'],
});
registerComponent('component/component.mjs', { name: 'component', methods: ['POST'] });
