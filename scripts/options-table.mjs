// Writes docs/options.md from the documentation of the config interface, so that no option is described twice.
// With --check it only says whether the page is current.
import { readFileSync, writeFileSync } from 'node:fs'
import { CONFIG_KEYS, describeOption } from '../dist/src/index.js'

const page = new URL('../docs/options.md', import.meta.url)
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

const rows = CONFIG_KEYS.map((key) => {
  const { type, text, default: fallback, env } = describeOption(key)
  return `| \`${key}\` | \`${cell(type)}\` | ${cell(text)} | ${fallback ? cell(fallback) : ''} | ${env ? `\`${env}\`` : ''} |`
})

const text = `# Options

Written in \`lading.config.ts\`, as flags (\`--max-file-bytes\` for \`maxFileBytes\`), as plugin options, or in the
environment. This page is made from the declaration in \`src/config/interface.ts\`.

| option | type | what it does | default | environment |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`

if (process.argv.includes('--check')) {
  if (readFileSync(page, 'utf8') !== text) {
    console.error('docs/options.md is out of date: npm run docs')
    process.exitCode = 1
  }
} else {
  writeFileSync(page, text)
}
