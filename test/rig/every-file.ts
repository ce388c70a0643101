import { afterAll, afterEach, vi } from 'vitest'
import { tidy } from './tidying.ts'

// Runs before each test file, also where files share a process: what one leaves behind, the next would find.
afterEach(async () => {
  await tidy('test')
  vi.unstubAllEnvs()
})
afterAll(() => tidy('file'))
