import type { Places, PropagationCase, Setup } from './case.ts'
import { BOX, LIME, page, say, sheet } from './files.ts'

const cdn = (...paths: string[]): Places => ({ cdn: paths, origin: [] })
const origin = (...paths: string[]): Places => ({ cdn: [], origin: paths })

const module = (src: string): string => `<script type="module" src="${src}"></script>`

/** What needs CORS, and nothing more: at the origin without. */
const withCors = (...paths: string[]): Record<Setup, Places> => ({
  'without CORS': origin(...paths),
  'without CORS, site named': origin(...paths),
  'with CORS': cdn(...paths),
  'on a path': cdn(...paths),
})

/** What other hosts never serve. */
const onPathOnly = (...paths: string[]): Record<Setup, Places> => ({
  ...withCors(...paths),
  'with CORS': origin(...paths),
})

export const SCRIPT_CASES: readonly PropagationCase[] = [
  {
    name: 'a graph of modules',
    files: {
      'index.html': page('', module('js/main.js')),
      'js/main.js': `import { a } from './lib/a.js'; import('./late.js').then(({ late }) => { ${say('a + late')} })`,
      'js/lib/a.js': `export const a = 'module '`,
      'js/late.js': `export const late = 'works'`,
    },
    text: 'module works',
    places: withCors('js/late.js', 'js/lib/a.js', 'js/main.js'),
  },
  {
    name: 'a worker that a module starts',
    files: {
      'index.html': page('', module('js/main.js')),
      'js/main.js': `import { take } from './lib.js'; new Worker(new URL('./worker.js', import.meta.url)).onmessage = take`,
      'js/lib.js': `export const take = ({ data }) => { ${say('data')} }`,
      'js/worker.js': `postMessage('worker works')`,
    },
    text: 'worker works',
    places: onPathOnly('js/lib.js', 'js/main.js', 'js/worker.js'),
  },
  {
    name: 'modules whose imports nobody can see',
    files: {
      'index.html': page('', module('js/main.js')),
      'js/main.js': `for (const name of ['b']) import(\`./parts/\${name}.js\`).then(({ b }) => { ${say('b')} })`,
      'js/parts/b.js': `export const b = 'hidden works'`,
    },
    text: 'hidden works',
    places: withCors('js/main.js', 'js/parts/b.js'),
  },
  {
    name: 'a classic script that imports',
    files: {
      'index.html': page('', '<script src="js/main.js"></script>'),
      'js/main.js': `import('./late.js').then(({ late }) => { ${say('late')} })`,
      'js/late.js': `export const late = 'import works'`,
    },
    text: 'import works',
    places: withCors('js/late.js', 'js/main.js'),
  },
  {
    name: 'a classic script whose imports nobody can see',
    files: {
      'index.html': page('', '<script src="js/main.js"></script>'),
      'js/main.js': `for (const name of ['late']) import(\`./\${name}.js\`).then(({ late }) => { ${say('late')} })`,
      'js/late.js': `export const late = 'hidden import works'`,
    },
    text: 'hidden import works',
    places: withCors('js/late.js', 'js/main.js'),
  },
  {
    name: 'an import map',
    files: {
      'index.html': page('<script type="importmap">{"imports":{"lib":"./js/lib.js"}}</script>', module('js/main.js')),
      'js/main.js': `import { lib } from 'lib'; ${say('lib')}`,
      'js/lib.js': `export const lib = 'map works'`,
    },
    text: 'map works',
    places: withCors('js/lib.js', 'js/main.js'),
  },
  {
    name: 'a document in srcdoc',
    files: {
      'index.html': page(
        '',
        `<iframe id="box" title="Inside" style="position:absolute;left:0;top:0;border:0" srcdoc="${sheet('css/site.css').replaceAll('"', '&quot;')}<div id=box></div>"></iframe>`,
      ),
      'css/site.css': `${BOX}#box{background:url(../img/lime.svg)}`,
      ...LIME,
    },
    shows: 'lime lime',
    places: {
      'without CORS': cdn('css/site.css', 'img/lime.svg'),
      'without CORS, site named': cdn('css/site.css', 'img/lime.svg'),
      'with CORS': cdn('css/site.css', 'img/lime.svg'),
      'on a path': cdn('css/site.css', 'img/lime.svg'),
    },
  },
]
