import type { Plugin } from 'vite'
import type { ViteBuild } from './vite-state.ts'

/**
 * Names paths of the site's host in full where Vite found no file: a sheet that moves would look for them in the store.
 * A plugin of its own, as it has to stand between those two of Vite's that resolve a sheet's addresses and that name it.
 */
export function sheetPlugin(build: () => ViteBuild | undefined): Plugin {
  return {
    name: 'lading:style-sheets',
    apply: 'build',
    sharedDuringBuild: true,
    transform: {
      filter: { id: STYLE_SHEET },
      async handler(css, id) {
        const { addresses, rewrite } = build()?.settings ?? {}
        // Vite 6 before 6.3 knows no filters.
        if (!rewrite || addresses?.site === undefined || !STYLE_SHEET.test(id) || STAYS.test(id)) return undefined
        if (addresses.sameOrigin || !addresses.cors || !ROOTED.test(css)) return undefined
        const { nameInFull } = await import('./relink.ts')
        const code = nameInFull(css, addresses.site)
        return code === css ? undefined : { code, map: null }
      },
    },
  }
}

/** What Vite takes for one. https://github.com/vitejs/vite/blob/v8.0.0/packages/vite/src/node/constants.ts */
const STYLE_SHEET = /\.(?:css|less|sass|scss|styl|stylus|pcss|postcss|sss)(?:$|\?)/

/** Styles in a page and in a script, which the page resolves, and modules that hold a sheet's text or address. */
const STAYS = /[?&](?:html-proxy|inline|raw|url|worker|sharedworker)\b/

const ROOTED = /["'(\s]\/(?![/*])/
