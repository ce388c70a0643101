import type { Plugin } from 'vite'
import type { BuildSettings } from './options.ts'

// Its code comes late: most builds, and most pages of a dev server, never ask for it.
const VIRTUAL: typeof import('./virtual.ts').VIRTUAL = 'virtual:lading'
/** Not a name that any file has. */
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
        // What nobody copies is not there to be named.
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
