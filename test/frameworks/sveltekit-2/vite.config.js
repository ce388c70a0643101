import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'
import { plugins } from './lading.mjs'

export default defineConfig({
  plugins: [sveltekit(), await plugins()],
  build: { assetsInlineLimit: 0 },
})
