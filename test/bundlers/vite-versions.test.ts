import type { Plugin } from 'vite'
import { expect, it } from 'vitest'
import { buildVite, project } from './builds.ts'

/** What Vite 5 resolves has no environments. */
const likeVite5: Plugin = {
  name: 'like-vite-5',
  enforce: 'pre',
  configResolved: (config) => void Reflect.deleteProperty(config, 'environments'),
}

it('a Vite that is too old is named, with the one that is needed', async () => {
  const root = project({ 'index.html': '<!doctype html><p>x</p>' })
  const failing = buildVite({ root, options: { url: 'https://cdn.example.com/' }, config: { plugins: [likeVite5] } })
  await expect(failing).rejects.toMatchObject({
    code: 'E_BUILD',
    message: expect.stringMatching(/needs Vite 6 or later[\s\S]*Fix: /),
  })
})
