// An ES module. The package has no default export, as in Node.js.

import { type HttpHandler, type StorageQueueHandler, trigger } from '@azure/functions';
// @ts-expect-error: the module has no default export
import bluecrab, {
  handler,
  type ModuleFunctions,
  type ProgramBinding,
  type ProgramOptions,
  type RegisterOptions,
  registerModule,
  registerProgram,
  type TypedCallable,
  type TypedResult,
} from 'bluecrab';
import { CallError, type CallOptions, callable } from 'bluecrab/callable';
import { type ComponentOptions, registerComponent } from 'bluecrab/component';

const options: RegisterOptions = { only: ['rows'] };
registerModule(new URL('rows.wasm', import.meta.url), options);

const component: ComponentOptions = { name: 'rows', methods: ['GET'] };
registerComponent('rows.js', component);

const output: ProgramBinding = { type: 'queue', queueName: 'out', connection: 'Storage' };
const program: ProgramOptions = {
  name: 'rows',
  args: ['-v'],
  trigger: trigger.storageQueue({ queueName: 'in', connection: 'Storage' }),
  output,
};
registerProgram('rows.wasm', program);
// @ts-expect-error: the name of the function is missing
registerProgram('rows.wasm', { route: 'rows' });

export const rows: HttpHandler = handler('rows.wasm', 'rows');
export const queue: StorageQueueHandler = handler('rows.wasm', 'queue');

export type Add = TypedCallable<{ body: number[]; result: number }>;
export const sum = async (add: Add): Promise<TypedResult<number>> => add([1, 2]);
export const texts = (add: Add) => [add('[1, 2]'), add(Buffer.from('[1, 2]'))];
// @ts-expect-error: the body is missing
export const bare = (add: Add) => add();
// @ts-expect-error: the result is a number
export const text = async (add: Add): Promise<string> => (await add([1, 2])).json();
export const modules: Record<keyof ModuleFunctions, string> = {};

const callOptions: CallOptions = { signal: AbortSignal.timeout(1), timeoutMs: 1, log: (level) => level };
const bytes: Uint8Array = await callable('rows.wasm', 'rows', callOptions)(Buffer.of(1));
export const row: { id: number } = (await callable('rows.wasm', 'rows')({ id: 1 })).json();
export const kind = (error: unknown) => error instanceof CallError && error.kind === 'trap' && bytes;

// @ts-expect-error: a number is not a body
callable('rows.wasm', 'rows')(1);

export const nothing: unknown = bluecrab;

// @ts-expect-error: the name of the function is missing
handler('rows.wasm');
