// In a project of your own: import { defineConfig } from 'lading'
import type { LadingConfig } from '../../src/index.ts'

const config: LadingConfig = {
  root: 'site',
  to: '.lading-store',
  url: '/_a/',
  out: 'public',
  site: 'https://pier.example',
}

export default config
