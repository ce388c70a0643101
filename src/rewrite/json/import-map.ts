import type { Draft } from '../lines.ts'
import type { ReferenceTag } from '../reference.ts'
import { isAddress } from '../script/module.ts'
import { encodeJsonString, type JsonString, jsonStrings } from './json.ts'

/** What an import map says. https://html.spec.whatwg.org/multipage/webappapis.html#import-maps */
export interface ImportMap {
  /** The addresses of modules: values of `imports` and of each scope, keys of `integrity`. */
  readonly references: readonly Draft[]
  /** See `importMapKeys` of a document's references. */
  readonly keys: readonly string[]
}

/** Reads an import map. Prefixes (`"lib/": "/lib/"`) name no file and are not among the references. */
export function importMap(text: string): ImportMap {
  const strings = jsonStrings(text)
  const addresses = strings.filter(isTarget)
  const folders = addresses.filter(({ value }) => value.endsWith('/')).map(({ value }) => value)
  const files = addresses.filter(({ value }) => !value.endsWith('/')).map(addressDraft)
  const hashes = strings.filter(({ path }) => path[0] === 'integrity' && path.length === 2).flatMap(hashDraft)
  return { references: [...files, ...hashes], keys: [...keysOf(text), ...folders] }
}

function isTarget({ path, value }: JsonString): boolean {
  const isOfMap = (path[0] === 'imports' && path.length === 2) || (path[0] === 'scopes' && path.length === 3)
  return isOfMap && isAddress(value)
}

const common: Pick<Draft, 'use' | 'loadClass' | 'absolute' | 'encode'> = {
  use: 'import-map',
  loadClass: 'B',
  absolute: false,
  encode: encodeJsonString,
}

function addressDraft({ path, value, start, end }: JsonString): Draft {
  return { ...common, start, end, url: value, integrity: false, place: path.join('.') }
}

function hashDraft({ path, value, start, end, key }: JsonString): Draft[] {
  const url = String(path[1])
  if (key === undefined || !isAddress(url)) return []
  const tag: ReferenceTag = { insertAt: -1, crossorigin: true, integrity: { value, start, end } }
  return [{ ...common, ...key, url, integrity: true, place: `integrity.${url}`, tag }]
}

/** Keys may also map to `null`, which blocks the module, so they cannot be read from the string values. */
function keysOf(text: string): string[] {
  const map = parse(text)
  return [...propertiesOf(map, 'imports').filter(isAddress), ...propertiesOf(map, 'scopes')]
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function propertiesOf(value: unknown, name: string): string[] {
  if (typeof value !== 'object' || value === null) return []
  const inner: unknown = Object.entries(value).find(([key]) => key === name)?.[1]
  return typeof inner === 'object' && inner !== null ? Object.keys(inner) : []
}
