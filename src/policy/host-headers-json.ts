import { createRequire } from 'node:module'
import type * as valibot from 'valibot'
import type { HeaderRow } from './host-headers.ts'

const require = createRequire(import.meta.url)

/** Late, since few sites have such a file. */
const schemas = (): typeof valibot => require('valibot')

/** https://vercel.com/docs/project-configuration#headers */
const vercel = (v: typeof valibot) =>
  v.object({
    headers: v.optional(
      v.array(v.object({ source: v.string(), headers: v.array(v.object({ key: v.string(), value: v.string() })) })),
    ),
  })

/** https://learn.microsoft.com/azure/static-web-apps/configuration */
const azure = (v: typeof valibot) =>
  v.object({
    globalHeaders: v.optional(v.record(v.string(), v.string())),
    routes: v.optional(v.array(v.object({ route: v.string(), headers: v.optional(v.record(v.string(), v.string())) }))),
  })

/** The headers of a host's configuration in JSON; undefined when it cannot be read. */
export function configHeaders(text: string, host: 'vercel' | 'azure'): readonly HeaderRow[] | undefined {
  const value = parse(text)
  return host === 'vercel' ? vercelRows(value) : azureRows(value)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function vercelRows(value: unknown): readonly HeaderRow[] | undefined {
  const v = schemas()
  const read = v.safeParse(vercel(v), value)
  if (!read.success) return undefined
  const rows = (read.output.headers ?? []).map(({ source, headers }) => {
    const expression = sourceExpression(source)
    return (
      expression && {
        covers: (path: string) => expression.test(path),
        set: headers.map(({ key, value }) => [key, value] as const),
        unset: [],
      }
    )
  })
  return rows.some((row) => row === undefined) ? undefined : rows.filter((row) => row !== undefined)
}

/** `/blog/:slug`, `/:path*`, `/(.*)`, as path-to-regexp reads them. https://github.com/pillarjs/path-to-regexp/tree/v6.1.0 */
function sourceExpression(source: string): RegExp | undefined {
  const pattern = source.replace(/:\w+(\([^)]*\))?([*+?])?|([.^$])(?![^(]*\))/g, (_, group, repeat, plain) => {
    if (plain !== undefined) return `\\${plain}`
    if (group !== undefined) return group
    return repeat === '*' ? '.*' : repeat === '+' ? '.+' : repeat === '?' ? '[^/]*' : '[^/]+'
  })
  try {
    return new RegExp(`^${pattern}$`, 's')
  } catch {
    return undefined
  }
}

/** A route's header replaces the global one of its name; an empty value takes it away. */
function azureRows(value: unknown): readonly HeaderRow[] | undefined {
  const v = schemas()
  const read = v.safeParse(azure(v), value)
  if (!read.success) return undefined
  const { globalHeaders = {}, routes = [] } = read.output
  const row = (covers: HeaderRow['covers'], headers: Readonly<Record<string, string>>): HeaderRow => ({
    covers,
    set: Object.entries(headers),
    unset: Object.keys(headers).map((name) => name.toLowerCase()),
  })
  // the first route that covers a path decides alone
  const first = (path: string): number => routes.findIndex(({ route }) => routeCovers(route, path))
  return [
    row(() => true, globalHeaders),
    ...routes.map(({ headers = {} }, index) => row((path) => first(path) === index, headers)),
  ]
}

function routeCovers(route: string, path: string): boolean {
  const star = route.indexOf('*')
  return star === -1 ? route === path : path.startsWith(route.slice(0, star))
}
