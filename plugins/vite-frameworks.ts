import type { UserConfig } from 'vite'
import type { Framework } from './framework-advice.ts'

/** One that is found by its plugins. */
interface ViteFramework extends Framework {
  /** Plugins that every build of it has, and no other build: `@nuxt/ui` names itself `nuxt:ui` in any app. */
  readonly plugins: RegExp
}

const FRAMEWORKS: readonly ViteFramework[] = [
  {
    name: 'Nuxt', // https://nuxt.com/docs/api/nuxt-config#cdnurl
    plugins: /^nuxt:(?:environments|client-manifest|stable-entry|vite-public-dir-resolution|resolve-bare-imports)$/,
    option: 'app.cdnURL',
    file: 'nuxt.config',
    output: '.output/public',
    takesTrailingSlash: true,
    takesPath: true,
  },
  {
    name: 'SvelteKit',
    plugins: /^vite-plugin-sveltekit-(?:setup|compile|guard|virtual-modules)$/,
    option: 'kit.paths.assets',
    // Version 3 refuses a svelte.config.js: there it is `paths.assets` of the plugin.
    file: 'svelte.config.js (from version 3: paths.assets of sveltekit() in vite.config)',
    output: 'build',
    takesTrailingSlash: false,
    takesPath: false,
  },
  {
    name: 'Astro', // https://docs.astro.build/en/reference/configuration-reference/#buildassetsprefix
    plugins: /^(?:astro:(?:build|html|server|scripts|head-metadata)(?::|$)|@astro\/plugin-)/,
    option: 'build.assetsPrefix',
    file: 'astro.config',
    output: 'dist',
    takesTrailingSlash: false,
    takesPath: true,
  },
]

/** The framework that builds, by the plugins that a config holds: lists in lists, promises, nothing, as Vite takes them. */
export async function frameworkOf({ plugins }: Pick<UserConfig, 'plugins'>): Promise<Framework | undefined> {
  const names = await namesOf(plugins)
  return FRAMEWORKS.find((framework) => names.some((name) => framework.plugins.test(name)))
}

async function namesOf(plugin: unknown): Promise<string[]> {
  const found = await plugin
  if (Array.isArray(found)) return (await Promise.all(found.map(namesOf))).flat()
  return typeof found === 'object' && found !== null && 'name' in found && typeof found.name === 'string'
    ? [found.name]
    : []
}
