import type { Plugin } from 'vite'
import type { BuildSettings } from './options.ts'

// Only its type is imported: most builds, and most pages of a dev server, never need the module.
const VIRTUAL: typeof import('./virtual.ts').VIRTUAL = 'virtual:lading'
/** `\0` marks a virtual module: no file has such a name. */
const RESOLVED = `\0${VIRTUAL}`

/** The hooks that give Vite `virtual:lading`, in builds and in the dev server, where there are no `settings`. */
export function virtualHooks(settings: () => BuildSettings | undefined): Required<Pick<Plugin, 'resolveId' | 'load'>> {
  return {
    resolveId: { filter: { id: /^virtual:lading$/ }, handler: (id) => (id === VIRTUAL ? RESOLVED : undefined) },
    load: {
      filter: { id: /^\0virtual:lading$/ },
      async handler(id) {
        if (id !== RESOLVED) return undefined
        const { config } = this.environment
        // Files that are not copied cannot be referenced.
        const isThere = config.publicDir !== '' && (config.consumer === 'server' || config.build.copyPublicDir)
        const base = config.base.startsWith('/') ? config.base : '/'
        const publicDir = isThere ? config.publicDir : undefined
        const isDevelopment = config.command === 'serve'
        const { virtualModule } = await import('./virtual.ts')
        return (await virtualModule({ publicDir, base, settings: settings(), isDevelopment })).code
      },
    },
  }
}
