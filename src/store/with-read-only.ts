import { LadingError, printable } from '../errors.ts'
import type { Key } from '../model.ts'
import type { Store } from './store.ts'

/** Reads pass through; a write is a bug of whoever made it. Making a plan writes nothing, and this holds it to that. */
export function withReadOnly(store: Store): Store {
  const refuse =
    (method: string) =>
    async (key: Key | readonly Key[] = store.label): Promise<never> => {
      const subject = printable(String(key))
      throw new LadingError('E_BUG', `plan wrote: ${method} of "${subject}"`, { subject })
    }
  return {
    ...store,
    put: refuse('put'),
    copy: refuse('copy'),
    reheader: refuse('reheader'),
    remove: refuse('remove'),
    sweep: async () => refuse('sweep')(),
  }
}
