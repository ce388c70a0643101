import { createInterface } from 'node:readline'
import { LadingError, printable } from '../index.ts'
import type { CliIo } from './io.ts'
import type { Voice } from './session.ts'

export interface Questions {
  /** `fallback` is what an empty answer means. Asks again until `check` takes the answer. */
  ask(question: string, given: { readonly fallback: string; check(answer: string): void }): Promise<string>
  close(): void
}

/** Whether somebody sits there who can answer. */
export const canAsk = ({ isJson, isQuiet, out, err }: Voice, { stdin }: CliIo): boolean =>
  !isJson && !isQuiet && out.isLive && err.isLive && stdin?.().isTTY === true

/** Questions on stderr, answers from stdin, one a line. */
export function openQuestions({ stdin, signal }: CliIo, { err }: Voice): Questions {
  if (stdin === undefined) throw nobody()
  const lines = createInterface({ input: stdin(), terminal: false, ...(signal && { signal }) })
  const answers = lines[Symbol.asyncIterator]()
  return {
    async ask(question, { fallback, check }) {
      for (;;) {
        err.write(`${question}${fallback === '' ? '' : err.style('dim', ` [${printable(fallback)}]`)}: `)
        const { done, value } = await answers.next()
        if (done) err.write('\n') // whoever ends it leaves the question without a line of its own
        signal?.throwIfAborted()
        if (done) throw nobody()
        const answer = String(value).trim() || fallback
        const why = refusal(answer, check)
        if (why === undefined) return answer
        err.write(`  ${err.style('yellow', '!')} ${why}\n`)
      }
    },
    close: () => lines.close(),
  }
}

/** Why an answer cannot be used. */
function refusal(answer: string, check: (answer: string) => void): string | undefined {
  try {
    check(answer)
    return undefined
  } catch (error) {
    if (!(error instanceof LadingError)) throw error
    const { message, why } = error
    return [message, why].flatMap((text) => (text === undefined ? [] : printable(text))).join('. ')
  }
}

const nobody = (): LadingError =>
  new LadingError('E_ABORTED', 'nobody answers', {
    why: 'Nothing was written.',
    hint: 'lading init --yes asks nothing.',
  })
