import { createRequire } from 'node:module'
import type * as valibot from 'valibot'
import { LadingError } from '../words/errors.ts'
import { BUILD_RECORD_PATH, type BuildRecord } from './build-record.ts'

const require = createRequire(import.meta.url)

/** Lists of pairs and not objects: a file may be called `__proto__`. */
const schemaBy = (v: typeof valibot) =>
  v.object({
    v: v.literal(1),
    bundler: v.string(),
    url: v.string(),
    cors: v.boolean(),
    rewritten: v.boolean(),
    files: v.array(v.tuple([v.string(), v.string(), v.boolean()])),
    origin: v.array(v.string()),
    server: v.optional(v.union([v.literal('all'), v.array(v.string())])),
    sent: v.array(v.string()),
    store: v.optional(v.string()),
  })

/** @throws E_BUILD when the text is not a record this version reads */
export function decodeBuildRecord(text: string): BuildRecord {
  const v: typeof valibot = require('valibot') // lazy: only builds made with a plugin have a record
  const parsed = v.safeParse(schemaBy(v), parse(text))
  if (!parsed.success) {
    throw new LadingError('E_BUILD', 'The record of the build cannot be read', {
      subject: BUILD_RECORD_PATH,
      why: v.summarize(parsed.issues).split('\n')[0],
      hint: 'Build again with the same version of Lading in the plugin and in the command.',
    })
  }
  const { output } = parsed
  return {
    bundler: output.bundler,
    url: output.url,
    cors: output.cors,
    rewritten: output.rewritten,
    files: new Map(output.files.map(([path, key, immutable]) => [path, { key, immutable }])),
    origin: new Set(output.origin),
    ...(output.server === undefined ? {} : { server: output.server === 'all' ? 'all' : new Set(output.server) }),
    sent: new Set(output.sent),
    store: output.store,
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
