// An application of any number of modules and copied files: a page, lazy routes of a hundred modules each with a style
// sheet and a picture, and a public folder of pictures and data.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Modules of one route. */
const ROUTE = 100

/** Lines of one module: about 1.5 kB, as hand-written components are. */
const LINES = 24

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
    write(`src/route-${Math.floor(index / ROUTE)}/module-${index}.js`, moduleText(index))
  }
  for (let route = 0; route < routes; route += 1) {
    const first = route * ROUTE
    const last = Math.min(first + ROUTE, modules)
    const names = Array.from({ length: last - first }, (_, offset) => first + offset)
    const imports = names.map((name) => `import { part${name} } from './module-${name}.js'`)
    const calls = names.map((name) => `part${name}(${route})`)
    const head = ["import './style.css'", "import picture from './picture.png'", ...imports]
    write(
      `src/route-${route}/index.js`,
      `${head.join('\n')}\nexport default () => [picture, ${calls.join(', ')}].join('\\n')\n`,
    )
    write(`src/route-${route}/style.css`, `.route-${route} { background: url(./picture.png) }\n`)
    write(`src/route-${route}/picture.png`, bytes(8_000, route))
  }
  const routeMap = Array.from({ length: routes }, (_, route) => `  () => import('./route-${route}/index.js'),`)
  write('src/main.js', `const routes = [\n${routeMap.join('\n')}\n]\nfor (const load of routes) load()\n`)
  const images = Array.from({ length: 40 }, (_, index) => `<img src="/img/file-${index}.png" alt="">`)
  write(
    'index.html',
    `<!doctype html><title>x</title>${images.join('\n')}<script type="module" src="/src/main.js"></script>`,
  )
  for (let index = 0; index < publicFiles; index += 1) write(`public/img/file-${index}.png`, bytes(20_000, index))
}

function moduleText(index) {
  const lines = Array.from(
    { length: LINES },
    (_, line) => `  const value${line} = \`item ${index} of \${place} and ${line}\`.padEnd(place + ${line})`,
  )
  const names = Array.from({ length: LINES }, (_, line) => `value${line}`)
  return `export function part${index}(place) {\n${lines.join('\n')}\n  return [${names.join(', ')}].join(' ')\n}\n`
}

/** Different for every seed. */
function bytes(size, seed) {
  return Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * (seed + 7)) % 251))
}
