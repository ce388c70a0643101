import type { SyncOptions } from '../config/interface.ts'
import { draft } from '../draft/draft.ts'
import { hostFiles } from '../draft/host-files.ts'
import type { Run } from '../line/run.ts'
import { neededDirectives, sourceOf } from '../policy/csp.ts'
import { type CspFinding, cspFindings } from '../policy/csp-pages.ts'
import { directiveToAdd } from '../policy/csp-policy.ts'
import { readHostFiles } from '../policy/host-headers.ts'
import { openStore, readOnly } from '../providers.ts'
import { LadingError } from '../words/errors.ts'

/** What content security policies have to allow once assets have moved. */
export interface CspAdvice {
  /** Directives that govern moved files on some page, `img-src https://cdn.example.com`, sorted. */
  readonly needed: readonly string[]
  /** Which of these the site's policies do not allow. */
  readonly findings: readonly CspFinding[]
  /** Pages whose policies were read; for the others no policy is known. */
  readonly pages: number
  /** Files that may hold policies, in formats we cannot read. */
  readonly unread: readonly string[]
}

/**
 * Lays the site out as `plan` does and checks its policies. Writes nothing.
 * @throws E_USAGE where no reference moves; whatever `plan` throws
 */
export async function cspAdvice(options: SyncOptions, run: Run = {}): Promise<CspAdvice> {
  const { delivery, site, base } = options
  if (delivery.mode === 'mirror') {
    throw new LadingError('E_USAGE', 'without a public address no reference moves', {
      hint: 'Add --url https://cdn.example.com/, and where the pages go.',
    })
  }
  const open = readOnly(run.openStore ?? openStore)
  const made = await draft(options, { ...run, emit: run.emit ?? (() => {}), openStore: open })
  const { url } = delivery
  const pages = made.layout?.policies ?? new Map()
  const { hosts, unread } = readHostFiles(hostFiles(made.survey))
  const uses = new Set([...pages.values()].flatMap((page) => [...page.uses]))
  const source = sourceOf(url, site)
  return {
    needed: neededDirectives(uses).map((directive) => `${directiveToAdd(directive)} ${source}`),
    findings: cspFindings({ pages, hosts, url, site, base }),
    pages: pages.size,
    unread,
  }
}
