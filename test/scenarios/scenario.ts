/**
 * A story in one file: the command, the site's files and the expected output in one place.
 *
 *   # What it tells; the first such line is the test's name
 *   stores: folder, memory, s3          which backends; all when absent
 *
 *   -- site/index.html --               writes this file, up to the next section, command or end
 *   <p>Hello</p>
 *
 *   $ lading sync site --to STORE       runs; stdout and stderr are compared with the lines below
 *   ok: ...
 *   [exit 3]                            the expected exit code, when it is not 0
 *
 * In expected output a line `...` stands for any number of lines; names that differ from run to run are compared as
 * `<hash>`, `<release>`, `<time>`, `<sha256>`, `<etag>`, `STORE` and `DIR`.
 */
export interface Scenario {
  readonly title: string
  readonly stores: readonly string[]
  readonly steps: readonly Step[]
}

type Step =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | {
      readonly kind: 'command'
      /** 1-based, in the scenario's file. */
      readonly line: number
      readonly words: readonly string[]
      readonly expected: readonly string[]
      readonly exit: number
    }

const ALL_STORES = ['folder', 'memory', 's3']

export function parseScenario(text: string): Scenario {
  const lines = text.split('\n')
  const title = lines.find((line) => line.startsWith('# '))?.slice(2)
  if (title === undefined) throw new Error('a scenario starts with "# What it tells"')
  const stores = lines.find((line) => line.startsWith('stores: '))?.slice('stores: '.length)
  const heads = lines.flatMap((line, index) => (/^\$ |^-- .* --$/.test(line) ? [index] : []))
  const steps = heads.map((start, index) => parseStep(lines.slice(start, heads[index + 1]), start + 1))
  return { title, stores: stores?.split(/,\s*/) ?? ALL_STORES, steps }
}

function parseStep([head = '', ...body]: readonly string[], line: number): Step {
  const path = /^-- (.*) --$/.exec(head)?.[1]
  while (body.at(-1) === '' || body.at(-1)?.startsWith('# ')) body.pop()
  if (path !== undefined) return { kind: 'file', path, text: `${body.join('\n')}\n` }
  const exit = /^\[exit (\d+)\]$/.exec(body.at(-1) ?? '')?.[1]
  const expected = exit === undefined ? body : body.slice(0, -1)
  return { kind: 'command', line, words: splitWords(head.slice(2)), expected, exit: Number(exit ?? 0) }
}

/** Words as a shell splits them, with single and double quotes; `\n` in double quotes is a line break. */
export function splitWords(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double?.replaceAll('\\n', '\n') ?? bare ?? '',
  )
}

/**
 * The expected lines with every `...` replaced by the lines it stands for, so that a comparison with `actual` shows
 * the one line that differs.
 */
export function fillIn(expected: readonly string[], actual: readonly string[]): string[] {
  const filled: string[] = []
  for (const [index, line] of expected.entries()) {
    if (line !== '...') {
      filled.push(line)
      continue
    }
    const next = expected[index + 1]
    const end = next === undefined ? actual.length : actual.indexOf(next, filled.length)
    filled.push(...actual.slice(filled.length, end === -1 ? filled.length : end))
  }
  return filled
}
