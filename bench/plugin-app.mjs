// An application of any number of modules and copied files: a page, lazy routes of a hundred modules each, and a public
// folder of pictures and data. What the modules are like decides what a build costs: they are components in TypeScript
// and JSX of 2 to 3 kB, as hand-written ones are, each with two others inside, and every tenth module is a style sheet
// of 0.7 kB. No framework, no CSS modules and no preprocessor, which would make the bare build slower.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Modules of one route. */
const ROUTE = 100

/**
 * @param {string} root an empty or missing folder
 * @param {{ modules: number, publicFiles: number }} size
 */
export function makeApp(root, { modules, publicFiles }) {
  const write = (path, data) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), data)
  }
  const routes = Math.ceil(modules / ROUTE)
  for (let index = 0; index < modules; index += 1) {
    const path = `src/route-${Math.floor(index / ROUTE)}/${fileOf(index)}`
    write(path, isSheet(index) ? sheetText(index) : componentText(index))
  }
  for (let route = 0; route < routes; route += 1) {
    const first = route * ROUTE
    const last = Math.min(first + ROUTE, modules)
    const parts = Array.from({ length: last - first }, (_, offset) => first + offset).filter((index) => !isSheet(index))
    const imports = parts.map((index) => `import { Part${index} } from './${fileOf(index)}'`)
    const body = parts.map((index) => `      <Part${index} place={${index}} label="part ${index}" />`)
    const head = [
      "import { h } from '../h.ts'",
      "import './style.css'",
      "import picture from './picture.png'",
      ...imports,
    ]
    const view = `export default () => (\n    <main title={picture}>\n${body.join('\n')}\n    </main>\n)`
    write(`src/route-${route}/index.tsx`, `${head.join('\n')}\n${view}\n`)
    write(`src/route-${route}/style.css`, `.route-${route} { background: url(./picture.png) }\n`)
    write(`src/route-${route}/picture.png`, bytes(8_000, route))
  }
  write('tsconfig.json', '{ "compilerOptions": { "jsx": "react", "jsxFactory": "h", "target": "es2022" } }\n')
  write(
    'src/h.ts',
    'export const h = (tag: unknown, props: unknown, ...inside: unknown[]) => ({ tag, props, inside })\n',
  )
  const routeMap = Array.from({ length: routes }, (_, route) => `  () => import('./route-${route}/index.tsx'),`)
  write('src/main.ts', `const routes = [\n${routeMap.join('\n')}\n]\nfor (const load of routes) load()\n`)
  const images = Array.from({ length: 40 }, (_, index) => `<img src="/img/file-${index}.png" alt="">`)
  write(
    'index.html',
    `<!doctype html><title>x</title>${images.join('\n')}<script type="module" src="/src/main.ts"></script>`,
  )
  for (let index = 0; index < publicFiles; index += 1) write(`public/img/file-${index}.png`, bytes(20_000, index))
}

const isSheet = (index) => index % 10 === 9

const fileOf = (index) => (isSheet(index) ? `sheet-${index}.css` : `part-${index}.tsx`)

/** About 2.9 kB: props with a type, a dozen values made from them, two of the components before it, and a sheet. */
function componentText(index) {
  const before = [index - 1, index - 2].filter((other) => other >= index - (index % 10))
  const imports = [
    "import { h } from '../h.ts'",
    ...before.map((other) => `import { Part${other} } from './${fileOf(other)}'`),
    ...(index % 10 === 0 ? [`import './sheet-${index + 9}.css'`] : []),
  ]
  const values = Array.from({ length: 12 }, (_, line) => {
    const condition = `props.place > ${line} ? props.label : \`item ${index} of \${props.place} and ${line}\``
    return `  const value${line}: string = (${condition}).padEnd(props.place + ${line})`
  })
  const rows = Array.from(
    { length: 12 },
    (_, line) => `      <li class="row-${line}" onClick={() => props.onPick?.(value${line})}>{value${line}}</li>`,
  )
  const inside = before.map((other) => `      <Part${other} place={props.place + ${other}} label={value0} />`)
  return `${imports.join('\n')}

/** What part ${index} of the page is given. */
export interface Part${index}Props {
  readonly place: number
  readonly label: string
  readonly onPick?: (value: string) => void
}

export function Part${index}(props: Part${index}Props): unknown {
${values.join('\n')}
  return (
    <section id={\`part-${index}-\${props.place}\`}>
${[...rows, ...inside].join('\n')}
    </section>
  )
}
`
}

function sheetText(index) {
  const rules = Array.from(
    { length: 12 },
    (_, line) =>
      `.sheet-${index} .row-${line} {\n  padding: ${line}px ${index % 7}px;\n  color: #${100 + index + line};\n}\n`,
  )
  return rules.join('\n')
}

/** Different for every seed. */
function bytes(size, seed) {
  return Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * (seed + 7)) % 251))
}
