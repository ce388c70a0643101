// Writes docs/options.md from the documentation of the interfaces, so that no option is described twice.
// With --check it only says whether the page is current.
import { readFileSync, writeFileSync } from 'node:fs'
import { createJiti } from 'jiti'
import { CONFIG_KEYS, describeOption } from '../dist/src/index.js'

const sources = createJiti(import.meta.url)
const { OWN_KEYS, REFUSED } = await sources.import('../plugins/options.ts')
const { describeIn } = await sources.import('../src/config/describe.ts')
const flagRows = Object.values(await sources.import('../src/cli/options.ts'))
  .filter(Array.isArray)
  .flat()

const page = new URL('../docs/options.md', import.meta.url)
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** Every flag that sets this option, in whichever command. */
const flagsOf = (key) => {
  const flags = flagRows.filter((row) => row.key === key).map((row) => /--[a-z-]+/.exec(row.flags)[0])
  return [...new Set(flags)].map((flag) => `\`${flag}\``).join(', ')
}

const rows = CONFIG_KEYS.map((key) => {
  const { type, text, default: fallback, env } = describeOption(key)
  const cells = [cell(text), fallback ? cell(fallback) : '', flagsOf(key), env ? `\`${env}\`` : '']
  return `| \`${key}\` | \`${cell(type)}\` | ${cells.join(' | ')} |`
})

const declaration = readFileSync(new URL('../dist/plugins/options.d.ts', import.meta.url), 'utf8')
const ownRows = OWN_KEYS.map((key) => {
  const { type, text, default: fallback } = describeIn(declaration, key)
  return `| \`${key}\` | \`${cell(type)}\` | ${cell(text)} | ${fallback ? cell(fallback) : ''} |`
})
const refusedRows = Object.entries(REFUSED).map(([key, why]) => `| \`${key}\` | ${cell(why)} |`)

const text = `# Options

Written in \`lading.config.ts\`, as plugin options, and, where the table names one, as a flag or an environment variable.
\`lading COMMAND --help\` lists the flags of a command; \`plan\`, \`sync\`, \`rewrite\`, \`policy\` and
\`stack site\` take \`root\` as an argument. This page is made from the declarations in \`src/config/interface.ts\` and
\`src/cli/options.ts\`.

| option | type | what it does | default | flag | environment |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

## In a build plugin

A plugin reads the config file in the bundler's root, and the environment. What is written where \`lading()\` is called
wins over both. It takes the options above, these of its own, and refuses what only the command has a use for: in the
config file such an option is passed over.

| option | type | what it does | default |
| --- | --- | --- | --- |
${ownRows.join('\n')}

| refused | why |
| --- | --- |
${refusedRows.join('\n')}
`

if (process.argv.includes('--check')) {
  if (readFileSync(page, 'utf8') !== text) {
    console.error('docs/options.md is out of date: npm run docs')
    process.exitCode = 1
  }
} else {
  writeFileSync(page, text)
}
