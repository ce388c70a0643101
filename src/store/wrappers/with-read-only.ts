import { LadingError, printable } from '../../words/errors.ts'
import type { Key } from '../../words/model.ts'
import type { Store } from '../store.ts'

/** Reads pass through; writes throw E_BUG. It ensures that planning writes nothing. */
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
