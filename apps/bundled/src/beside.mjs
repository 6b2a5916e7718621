// Names the module's file relative to this source. A bundler that knows assets then copies the file.
import { registerModule } from 'bluecrab';
import { registerComponent } from 'bluecrab/component';

registerModule(new URL('../assets/faults.wasm', import.meta.url), {
  only: ['good', 'panics', 'loops'],
});
registerComponent('component/component.mjs', { name: 'component', methods: ['POST'] });
