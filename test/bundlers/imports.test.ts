import { readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

/** Every file and package that importing `entry` loads at once: types and `import()` load nothing. */
function loadedBy(entry: string): Set<string> {
  const loaded = new Set<string>()
  const queue = [resolve(root, entry)]
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const name = relative(root, file)
    if (loaded.has(name)) continue
    loaded.add(name)
    for (const from of importsOf(readFileSync(file, 'utf8'))) {
      if (from.startsWith('.')) queue.push(resolve(dirname(file), from))
      else loaded.add(from)
    }
  }
  return loaded
}

function importsOf(text: string): string[] {
  const found = text.matchAll(/^(?:import|export)\s(?!type\s)(?:([^'"]*?)\sfrom\s)?'([^']+)'/gm)
  return [...found].filter(([, names]) => !isOnlyTypes(names)).map(([, , from]) => from ?? '')
}

function isOnlyTypes(names: string | undefined): boolean {
  const inside = /^\{(.*)\}$/s.exec(names?.trim() ?? '')?.[1]
  return inside?.split(',').every((name) => /^\s*(?:type\s|$)/.test(name)) === true
}

describe.each(['plugins/vite.ts', 'plugins/webpack.ts', 'plugins/rspack.ts'])('importing %s', (entry) => {
  const loaded = [...loadedBy(entry)]

  it('loads what a build needs', () => {
    expect(loaded).toEqual(expect.arrayContaining([entry, 'plugins/failure.ts', 'src/build/index.ts']))
  })

  it('loads no store, nothing that sends or publishes, and none of the packages for it', () => {
    const late = /^src\/(?:index\.ts|store|cdn|transfer|draft|history|live|copying|visitor|policy|cli)|^@aws-sdk|^jiti$/
    expect(loaded.filter((name) => late.test(name))).toEqual([])
  })
})
