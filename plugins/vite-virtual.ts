import type { Plugin, ResolvedConfig } from 'vite'
import type { LadingPluginOptions } from './options.ts'
import { provideTypes, VIRTUAL, virtualModule } from './virtual.ts'
import type { ViteBuild } from './vite-state.ts'

/** Not a name that any file has. */
const RESOLVED = `\0${VIRTUAL}`

/** The hooks that give Vite `virtual:lading`, in builds and in the dev server. */
export function virtualHooks(build: ViteBuild): Required<Pick<Plugin, 'resolveId' | 'load'>> {
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
        return (await virtualModule({ publicDir, base, settings: build.settings, isDevelopment })).code
      },
    },
  }
}

/** The types of `virtual:lading`, where they are asked for. */
export async function typesFor(options: LadingPluginOptions, { root, publicDir }: ResolvedConfig): Promise<void> {
  await provideTypes(options, { cwd: root, publicDir: publicDir === '' ? undefined : publicDir })
}
