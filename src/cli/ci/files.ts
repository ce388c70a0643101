import { appendFile, writeFile } from 'node:fs/promises'
import { LadingError } from '../../index.ts'

/** GitHub refuses the pages of a step beyond 1 MiB together; others write there too. In bytes. */
const MOST = 512 * 1024

/** Appends a page about the run to the file where the platform looks for it. */
export async function addPage(path: string, page: string): Promise<void> {
  const bytes = Buffer.from(page)
  await appendFile(
    path,
    bytes.byteLength <= MOST ? page : `${page.slice(0, page.indexOf('\n'))}\n\nToo long to be shown here.\n`,
  )
}

/** Appends `name=value` lines, which later steps read as outputs of this one. */
export async function addOutputs(
  path: string,
  outputs: Readonly<Record<string, string | number | boolean | undefined>>,
): Promise<void> {
  const lines = Object.entries(outputs).flatMap(([name, value]) =>
    value === undefined || /[\r\n]/.test(String(value)) ? [] : [`${name}=${value}\n`],
  )
  await appendFile(path, lines.join(''))
}

/** Empties or makes the file that a page is asked for in: whether it can be written is known before anything is sent. @throws E_WRITE */
export async function claimPage(path: string): Promise<void> {
  try {
    await writeFile(path, '')
  } catch (error) {
    throw new LadingError('E_WRITE', 'the summary cannot be written', {
      subject: path,
      why: error instanceof Error ? error.message : String(error),
      hint: 'Give --summary the name of a file in a folder that is there.',
      cause: error,
    })
  }
}
