import adapter from '@sveltejs/adapter-static'
import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'
import { plugins } from './lading.mjs'

// The address that the framework puts before its assets is what a test sets.
const assets = process.env.FIXTURE_PREFIX ?? ''

export default defineConfig({
  plugins: [sveltekit({ adapter: adapter(), paths: { assets }, version: { name: 'fixture' } }), await plugins()],
  build: { assetsInlineLimit: 0 },
})
