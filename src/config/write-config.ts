import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { putNewFile } from '../transfer/put-new-file.ts'
import { LadingError } from '../words/errors.ts'
import { codeOf } from '../words/system-error.ts'
import { DEFAULTS } from './defaults.ts'
import type { LadingConfig } from './interface.ts'
import { CONFIG_KEYS } from './keys.ts'
import { configExists } from './prepare.ts'

export interface NewConfig {
  /** Absolute. */
  readonly folder: string
  /** A name of {@link Prepared}. */
  readonly file: string
  readonly config: LadingConfig
}

/**
 * Writes a configuration where none is: a reader sees the whole file or none. What equals a default is left out, but for
 * `cors`, which says that somebody has looked.
 * @returns what was written
 * @throws E_CONFIG_EXISTS, E_WRITE
 */
export async function writeConfig({ folder, file, config }: NewConfig): Promise<LadingConfig> {
  const written = withoutDefaults(config)
  const target = join(folder, file)
  const temporary = join(folder, `.${randomBytes(8).toString('hex')}.lading`)
  try {
    await writeFile(temporary, file.endsWith('.json') ? jsonText(written) : moduleText(written), {
      flag: 'wx',
      flush: true,
    })
    await putNewFile(temporary, target)
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') throw configExists(file)
    throw new LadingError('E_WRITE', 'the configuration cannot be written', {
      subject: target,
      why: `The disk answered ${codeOf(cause)}.`,
      hint: 'Check the owner and the mode of the folder, and the room on the disk.',
      cause,
    })
  } finally {
    await rm(temporary, { force: true })
  }
  return written
}

function withoutDefaults(config: LadingConfig): LadingConfig {
  const defaults: LadingConfig = { ...DEFAULTS, cors: undefined }
  const keys = CONFIG_KEYS.filter((key) => config[key] !== undefined && config[key] !== defaults[key])
  return Object.fromEntries(keys.map((key) => [key, config[key]]))
}

const jsonText = (config: LadingConfig): string => `${JSON.stringify(config, null, 2)}\n`

function moduleText(config: LadingConfig): string {
  const lines = Object.entries(config).map(([key, value]) => `  ${key}: ${literal(value)},\n`)
  return `import { defineConfig } from 'lading'\n\nexport default defineConfig({\n${lines.join('')}})\n`
}

function literal(value: unknown): string {
  const json = JSON.stringify(value)
  return typeof value === 'string' ? `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'` : json
}
