import { join, resolve } from 'node:path'
import type { RecipeInput } from '../images/plan/define-recipe.ts'
import { LadingError, printable } from '../words/errors.ts'
import type { ResolveContext } from './asked.ts'
import { checkEndpoint } from './bucket.ts'
import type { LadingConfig } from './interface.ts'
import { resolveStore, type StoreOptions } from './resolve.ts'

/** Where a batch is worked at. */
export interface BatchOptions extends StoreOptions {
  /** A folder that holds a queue's folder for each, or the start of their addresses on SQS. */
  readonly queues: QueuesPlace
  /** The Auto Scaling group whose instances are the workers. @default workers are started by hand */
  readonly group: string | undefined
  /** Beside the presets, by name. */
  readonly recipes: Readonly<Record<string, RecipeInput>>
}

export type QueuesPlace =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'sqs'; readonly start: string; readonly endpoint: string | undefined }

/** What a person says of a batch's place, beside the store. */
export interface BatchPlaces {
  /** A folder, or `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`. @default `queues` inside a folder store */
  readonly queues?: string | undefined
  /** @default LADING_BATCH_GROUP */
  readonly group?: string | undefined
}

/**
 * Where the store, the queues and the workers of a batch are.
 *
 * @throws E_USAGE, E_ENDPOINT and what {@link resolveStore} throws
 */
export function resolveBatch(config: LadingConfig, places: BatchPlaces, context: ResolveContext): BatchOptions {
  const { env, cwd } = context
  const store = resolveStore(config, context)
  const given = places.queues ?? (env.LADING_BATCH_QUEUES || undefined)
  return {
    ...store,
    queues: queuesOf(store, given, { cwd, env }),
    group: places.group ?? (env.LADING_BATCH_GROUP || undefined),
    recipes: config.images?.recipes ?? {},
  }
}

function queuesOf(
  { target }: StoreOptions,
  given: string | undefined,
  { cwd, env }: Pick<ResolveContext, 'cwd' | 'env'>,
): QueuesPlace {
  if (given === undefined) {
    if (target.kind === 'folder') return { kind: 'folder', path: join(target.path, 'queues') }
    throw new LadingError('E_USAGE', 'no queues were given', {
      why: 'A folder store has its own; a bucket has none.',
      hint: 'Give --queues https://sqs.REGION.amazonaws.com/ACCOUNT/NAME, the start of their addresses.',
    })
  }
  if (/^https?:\/\//i.test(given)) return sqs(given, env)
  if (/^[a-z][a-z0-9+.-]+:/i.test(given)) {
    throw new LadingError('E_USAGE', `"${printable(given)}" is no place for queues`, {
      hint: 'Write https://sqs.REGION.amazonaws.com/ACCOUNT/NAME, or a folder.',
    })
  }
  return { kind: 'folder', path: resolve(cwd, given) }
}

function sqs(given: string, env: ResolveContext['env']): QueuesPlace {
  const [host = given] = /^[a-z]+:\/\/[^/?#]*/i.exec(given) ?? []
  const origin = checkEndpoint(host)
  const { pathname } = new URL(given)
  const endpoint = env.AWS_ENDPOINT_URL_SQS || env.AWS_ENDPOINT_URL || undefined
  return { kind: 'sqs', start: `${origin}${pathname.replace(/\/+$/, '')}`, endpoint }
}
