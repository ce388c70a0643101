import { hash } from 'node:crypto'
import type { SyncOptions, Target } from '../config/interface.ts'
import { BUILD_RECORD_PATH } from '../plan/build-record.ts'
import type { Layout } from '../site/layout.ts'
import type { Survey } from '../site/survey.ts'
import { LadingError } from '../words/errors.ts'

/**
 * A rewritten build has one public address in its scripts, and works only there.
 * @throws E_BUILD
 */
export function checkBuild({ root, build }: Survey, { delivery, cors }: SyncOptions): void {
  if (build === undefined || !build.rewritten) return
  const url = delivery.mode === 'mirror' ? undefined : delivery.url.href
  if (build.url === url && build.cors === cors) return
  throw new LadingError('E_BUILD', 'The site was built for another address than it is deployed to', {
    subject: `${root}/${BUILD_RECORD_PATH}`,
    details: [
      `built for     ${build.url} (cors: ${build.cors})`,
      `deployed to   ${url === undefined ? 'its own paths (no url)' : `${url} (cors: ${cors})`}`,
    ],
    why: 'Scripts and style sheets name the address that the build knew.',
    hint: 'Build again with the same `url` and `cors`; a shared lading.config.ts keeps them equal.',
  })
}

/**
 * Scripts name public files by the keys that the build gave them; a file that changed since has another key.
 * @throws E_BUILD
 */
export function checkBuildKeys({ root, build }: Survey, layout: Layout): void {
  if (build === undefined || !build.rewritten) return
  const changed = [...build.files].filter(([path, { key }]) => layout.moved.get(path)?.key !== key)
  if (changed.length === 0) return
  throw new LadingError('E_BUILD', 'Files changed after the build had named them', {
    subject: `${root}/${BUILD_RECORD_PATH}`,
    details: changed.map(
      ([path, { key }]) => `${path}: built as ${key}, now ${layout.moved.get(path)?.key ?? 'not moved'}`,
    ),
    why: 'The scripts of the build name the old keys, which would lead nowhere.',
    hint: 'Build again, and change files before the build rather than after it.',
  })
}

/**
 * Identifies a store in the record of a build, however its address is spelt. A digest, because the record lies beside
 * the pages and must not disclose local paths or bucket names.
 */
export function storeIdentity(target: Target): string {
  const place = target.kind === 'folder' ? target.path : `${target.endpoint ?? 's3'} ${target.bucket}/${target.prefix}`
  return hash('sha256', place)
}
