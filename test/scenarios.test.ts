import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { play, writeFile } from './scenarios/play.ts'
import { fillIn, parseScenario, type Scenario } from './scenarios/scenario.ts'
import { createWorld } from './scenarios/world.ts'

const folder = join(import.meta.dirname, 'scenarios')
const names = readdirSync(folder).filter((name) => name.endsWith('.txt'))

async function tell({ steps }: Scenario, backend: string, name: string): Promise<void> {
  const world = await createWorld(backend)
  onTestFinished(world.close)
  for (const step of steps) {
    if (step.kind === 'file') {
      writeFile(world, step.path, step.text)
      continue
    }
    const { exit, lines } = await play(world, step.words)
    const place = `${name}:${step.line} $ ${step.words.join(' ')}`
    const shown = [...lines, `[exit ${exit}]`]
    expect.soft(shown, place).toEqual([...fillIn(step.expected, lines), `[exit ${step.exit}]`])
  }
}

for (const name of names) {
  const scenario = parseScenario(readFileSync(join(folder, name), 'utf8'))
  describe(scenario.title, () => {
    it.each(scenario.stores)(`on the store %s (${name})`, (backend) => tell(scenario, backend, name))
  })
}
