import type { SiteFiles } from './files.ts'

/** Which host served what: `css/site.css` or the like, by its path on the site. */
export interface Places {
  readonly cdn: readonly string[]
  readonly origin: readonly string[]
}

/** The ways in which a site and its CDN stand to each other here; each with an arrangement of its own. */
export type Setup = 'without CORS' | 'without CORS, site named' | 'with CORS' | 'on a path'

export interface PropagationCase {
  readonly name: string
  readonly files: SiteFiles
  /** @default index.html */
  readonly page?: string
  /** What can be read on the page once it works. @default Text */
  readonly text?: string
  /** What the box in the corner shows once it works, left and right. @default nothing is looked at */
  readonly shows?: string
  /** Fonts that are loaded once it works. @default none */
  readonly fonts?: readonly string[]
  readonly places: Readonly<Record<Setup, Places>>
}
