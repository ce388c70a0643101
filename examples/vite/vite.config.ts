import { defineConfig } from 'vite'
// In a project of your own: import lading from 'lading/vite'
import lading from '../../dist/plugins/vite.js'

export default defineConfig({
  build: { assetsInlineLimit: 0 },
  plugins: [lading({ to: '.lading-store', url: '/_a/', rewrite: 'always' })],
})
