import { BEHIND, type ContentRule } from './rule.ts'

const VARIABLE =
  /(?<![\w$])(?:HOME|PWD|OLDPWD|SHELL|SHLVL|USER|LOGNAME|TERM|HOSTNAME|INIT_CWD|USERPROFILE|APPDATA|npm_\w{3,40})(?=\\?["']?\s{0,3}[:=])/g

/** Number of variables that make a dump: libraries ask for one or two by name. */
const DUMPED = 3

function isProcessEnvironment({ input, index }: RegExpExecArray): boolean {
  const around = input.slice(Math.max(0, index - BEHIND), index + BEHIND)
  return new Set(around.match(VARIABLE)).size >= DUMPED
}

/** The form in which Vite inlines the whole `import.meta.env`. https://vite.dev/guide/env-and-mode */
function isViteEnvironment({ input, index }: RegExpExecArray): boolean {
  const after = input.slice(Math.max(0, index - BEHIND), index + BEHIND)
  return ['MODE', 'PROD', 'SSR', 'VITE_\\w+'].every((name) => new RegExp(`(?<!\\w)${name}\\\\?["']?\\s?:`).test(after))
}

/** Folders and files of a project: tells a path on a disk from a page called `/home/news/`. */
const SOURCE =
  '[^\\s"\'`<>()]{0,200}?(?:[/\\\\](?:node_modules|src|dist|build|projects?|workspace|repos?|code|Documents|Desktop|Downloads)[/\\\\]|\\.(?:[cm]?[jt]sx?|vue|svelte|s[ac]ss|less|css|json|py|rb|go|rs|php)\\b)'

/** How far back a place's surroundings in the markup are looked for, in characters. */
const MARKUP = 2000

/** In a tag, a comment or a script; what a page shows as text may well be about `http://localhost`. */
function isNotShown({ input, index }: RegExpExecArray): boolean {
  const before = input.slice(Math.max(0, index - MARKUP), index)
  const isIn = (open: string, close: string): boolean => before.lastIndexOf(open) > before.lastIndexOf(close)
  return isIn('<', '>') || isIn('<!--', '-->') || isIn('<script', '</script')
}

const noSample = (): string => ''

/** Traces of the machine that built the site. None stops the run, except sources inside an inline map. */
export const TRACE_RULES: readonly ContentRule[] = [
  {
    name: 'inline source map',
    level: 'map',
    anchors: ['gURL=data:'],
    pattern: /(?<=[#@]\s?sourceMappin)gURL=data:application\/json/y,
    sample: noSample,
  },
  {
    name: 'environment',
    level: 'environment',
    anchors: ['PATH'],
    pattern: /(?<![\w$.])PATH\\?["']?\s{0,3}[:=]\s{0,3}\\?["'`]?(?=[^"'`\n]{0,500}(?:\/bin|Windows|System32))/y,
    accepts: isProcessEnvironment,
    sample: noSample,
  },
  {
    name: 'environment',
    level: 'environment',
    kind: 'code',
    anchors: ['BASE_URL'],
    pattern: /(?<!\w)BASE_URL\\?["']?\s?:/y,
    accepts: isViteEnvironment,
    sample: noSample,
  },
  {
    name: 'local path',
    level: 'local path',
    kind: 'code',
    anchors: ['/home/', '/Users/'],
    pattern: new RegExp(
      `(?<=file:\\/\\/|(?<![\\w./@~-]))(\\/(?:home|Users)\\/[A-Za-z_][\\w.-]{0,31}\\/)${SOURCE}`,
      'y',
    ),
    sample: ({ 1: home = '' }) => `${home}…`,
  },
  {
    name: 'local path',
    level: 'local path',
    kind: 'code',
    anchors: [':\\Us', ':\\\\Us', ':/Us'],
    pattern: /(?<=(?<![A-Za-z])[A-Z]):[\\/]{1,4}Users[\\/]{1,4}[\w.-]{1,32}[\\/]{1,4}/y,
    sample: ({ 0: home, input, index }) => `${input[index - 1]}${home}…`,
  },
  {
    name: 'local address',
    level: 'local address',
    kind: 'page',
    anchors: ['://'],
    pattern:
      /(?<=(https?|wss?)):\/\/(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}|[\w-]{1,63}(?:\.[\w-]{1,63}){0,3}\.(?:local|internal|intranet|lan|corp))(:\d{1,5})?(?![\w.-])/y,
    accepts: isNotShown,
    sample: ({ 1: scheme = '', 2: host = '', 3: port = '' }) => `${scheme}://${host}${port}`,
  },
]
