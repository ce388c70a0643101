import { plugins } from './lading.mjs'

// The address that the framework puts before its assets is what a test sets.
const cdnURL = process.env.FIXTURE_PREFIX

export default defineNuxtConfig({
  buildId: 'fixture',
  compatibilityDate: '2026-01-01',
  app: { ...(cdnURL && { cdnURL }), head: { link: [{ rel: 'icon', href: `${cdnURL || '/'}favicon.svg` }] } },
  vite: { plugins: await plugins(), build: { assetsInlineLimit: 0 } },
})
