import { type Kind, type Named, namedByPage, namedByStyle, readManifest, styleWithoutAddresses } from './documents.ts'

/** Two servers with the same site on them, once as it was and once offloaded. All addresses end with `/`. */
export interface Pair {
  readonly untouched: string
  readonly offloaded: string
  /** Where the offloaded site's assets are. */
  readonly cdn: string
}

/** One reference, followed on both sides. */
export interface Followed {
  readonly kind: Kind
  /** Path on the untouched site. */
  readonly path: string
  readonly moved: boolean
  readonly text: string
  /** What is wrong with it, in words. */
  readonly wrong: string | undefined
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: Buffer
}

interface Step {
  readonly before: Named
  readonly after: Named
  /** The documents that name them. */
  readonly inBefore: string
  readonly inAfter: string
}

/** Follows every reference of pages, and of the style sheets and manifests they name, on both sides. */
export function createComparison(pair: Pair): { page(name: string): Promise<readonly Followed[]> } {
  const answers = new Map<string, Promise<Answer>>()

  function get(url: string): Promise<Answer> {
    const known = answers.get(url) ?? download(url)
    answers.set(url, known)
    return known
  }

  async function page(name: string): Promise<readonly Followed[]> {
    const inBefore = pair.untouched + name
    const inAfter = pair.offloaded + name
    const before = namedByPage((await get(inBefore)).body.toString())
    const after = namedByPage((await get(inAfter)).body.toString())
    return followAll(before, after, { inBefore, inAfter })
  }

  async function followAll(
    before: readonly Named[],
    after: readonly Named[],
    where: Pick<Step, 'inBefore' | 'inAfter'>,
  ): Promise<readonly Followed[]> {
    if (before.length !== after.length) throw new Error(`${where.inAfter} names ${after.length}, not ${before.length}`)
    const found = await Promise.all(
      before.map((named, index) => follow({ before: named, after: after[index] ?? named, ...where })),
    )
    return found.flat()
  }

  async function follow({ before, after, inBefore, inAfter }: Step): Promise<readonly Followed[]> {
    const from = new URL(before.url, inBefore)
    const to = new URL(after.url, inAfter)
    const path = decodeURIComponent(from.pathname).slice(1)
    const result = { kind: before.kind, path, moved: to.href.startsWith(pair.cdn), text: '', wrong: undefined }
    const fail = (why: string): Followed[] => [
      { ...result, wrong: `${before.place} ${before.url} -> ${after.url}: ${why}` },
    ]
    const local = from.href.startsWith(pair.untouched) && before.url !== '' && before.kind !== 'navigation'
    const was = local ? await get(from.href) : undefined
    if (was === undefined || was.status === 404) {
      return before.url === after.url ? [] : fail('changed, although it names no asset')
    }
    if (from.search + from.hash !== to.search + to.hash) return fail('lost its query or fragment')
    const is = await get(to.href)
    if (was.status !== is.status) return fail(`answers ${is.status}, not ${was.status}`)
    if (was.type !== is.type) return fail(`is ${is.type}, not ${was.type}`)
    const followed = { ...result, text: was.body.toString('latin1') }
    return [followed, ...(await followInside(before.kind, { was, is, inBefore: from.href, inAfter: to.href, fail }))]
  }

  interface Inside extends Pick<Step, 'inBefore' | 'inAfter'> {
    readonly was: Answer
    readonly is: Answer
    fail(why: string): Followed[]
  }

  async function followInside(kind: Kind, { was, is, fail, ...where }: Inside): Promise<readonly Followed[]> {
    if (kind === 'stylesheet') {
      const [before, after] = [was.body.toString(), is.body.toString()]
      if (styleWithoutAddresses(before) !== styleWithoutAddresses(after)) return fail('differs outside its addresses')
      return followAll(namedByStyle(before), namedByStyle(after), where)
    }
    if (kind === 'manifest') {
      const [before, after] = [readManifest(was.body.toString()), readManifest(is.body.toString())]
      if (JSON.stringify(before.rest) !== JSON.stringify(after.rest)) return fail('differs outside its icons')
      return followAll(before.icons.map(iconOf), after.icons.map(iconOf), where)
    }
    return was.body.equals(is.body) ? [] : fail('has other bytes')
  }

  return { page }
}

const iconOf = (url: string): Named => ({ kind: 'icon', url, place: 'icons[].src' })

async function download(url: string): Promise<Answer> {
  const response = await fetch(url)
  const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? ''
  return { status: response.status, type, body: Buffer.from(await response.arrayBuffer()) }
}
