import { expect, it } from 'vitest'
import { EXIT_CODES, frontPage } from '../../../src/cli/front-page.ts'
import { createProgram } from '../../../src/cli/program.ts'

function byCommander(columns: number): string {
  let said = ''
  const stdout = { columns, write: (text: string) => (said += text) }
  const program = createProgram({ stdout, stderr: stdout, env: {}, cwd: '/' }, ['--help'], () => {})
  expect(() => program.parse(['--help'], { from: 'user' })).toThrow('(outputHelp)')
  return said
}

it.each(Array.from({ length: 200 }, (_, n) => n + 1))(
  'the front page is the parser’s help on %i columns',
  (columns) => {
    expect(frontPage(columns)).toBe(byCommander(columns))
  },
)

it('lists the exit codes within 80 columns, for they are not wrapped', () => {
  for (const line of EXIT_CODES.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
})
