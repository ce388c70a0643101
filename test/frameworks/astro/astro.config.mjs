import { defineConfig } from 'astro/config'
import { plugins } from './lading.mjs'

// The address that the framework puts before its assets is what a test sets.
const assetsPrefix = process.env.FIXTURE_PREFIX

export default defineConfig({
  devToolbar: { enabled: false },
  build: { inlineStylesheets: 'never', ...(assetsPrefix && { assetsPrefix }) },
  vite: { plugins: await plugins(), build: { assetsInlineLimit: 0 } },
})
