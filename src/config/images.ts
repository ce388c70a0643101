import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { findRecipe } from '../images/plan/define-recipe.ts'
import type { ImageLimits } from '../images/plan/limits.ts'
import type { Recipe } from '../images/plan/recipe.ts'
import { LadingError } from '../words/errors.ts'
import type { ResolveContext } from './asked.ts'
import type { ImagesConfig, LadingConfig, Target } from './interface.ts'
import { doOverlap } from './places.ts'
import { resolveStore, type StoreOptions } from './resolve.ts'
import { parseTarget } from './target.ts'

/** What is asked for on the line, besides the configuration. */
export interface ImagesAsked {
  /** A folder, or a store. */
  readonly source: string
  /** @default 'web' */
  readonly recipe?: string | undefined
  /** A file that the image manifest is written to, too. */
  readonly manifest?: string | undefined
}

/** What rendering the images of a folder or a store needs. */
export interface ImagesOptions extends StoreOptions {
  readonly source:
    | {
        readonly kind: 'folder'
        readonly root: string
        readonly include: readonly string[]
        readonly exclude: readonly string[]
      }
    | { readonly kind: 'store'; readonly target: Target }
  readonly recipe: Recipe
  readonly limits: Partial<ImageLimits>
  /** Absolute. */
  readonly manifest: string | undefined
  /** See `PoolOptions.child`. */
  readonly child?: string | undefined
}

/** @throws E_USAGE, E_CONFIG and what `resolveStore` throws; E_ROOT_DANGEROUS when folder and store lie inside each other */
export function resolveImages(input: LadingConfig, asked: ImagesAsked, context: ResolveContext): ImagesOptions {
  const store = resolveStore(input, context)
  const { recipe = 'web', manifest } = asked
  return {
    ...store,
    source: sourceOf(input, asked.source, { ...context, store }),
    recipe: findRecipe(recipe, input.images?.recipes),
    limits: limitsOf(input.images?.limits ?? {}),
    manifest: manifest === undefined ? undefined : resolve(context.cwd, manifest),
  }
}

function sourceOf(
  { include = [], exclude = [] }: LadingConfig,
  source: string,
  { cwd, store }: Pick<ResolveContext, 'cwd'> & { readonly store: StoreOptions },
): ImagesOptions['source'] {
  const target = parseTarget(source, cwd)
  if (target.kind !== 'folder' || isFolderStore(target.path)) return { kind: 'store', target }
  if (store.target.kind === 'folder' && doOverlap(store.target.path, target.path)) {
    throw new LadingError('E_ROOT_DANGEROUS', 'the store and the images lie inside each other', {
      subject: store.target.path,
      why: 'The next run would render its own output.',
      hint: 'Choose a folder beside the images.',
    })
  }
  return { kind: 'folder', root: target.path, include: [...include], exclude: [...exclude] }
}

const isFolderStore = (path: string): boolean => ['objects', 'meta'].every((name) => isFolder(join(path, name)))

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false // not there, or the way to it leads through a file
  }
}

function limitsOf(limits: NonNullable<ImagesConfig['limits']>): Partial<ImageLimits> {
  for (const [name, value] of Object.entries(limits)) {
    if (value === undefined || (Number.isFinite(value) && value > 0)) continue
    throw new LadingError('E_CONFIG', `images.limits.${name}: expected a number above 0, got ${String(value)}`, {
      subject: `images.limits.${name}`,
    })
  }
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
}
