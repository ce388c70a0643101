import { realpathSync, statSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { type NeverRule, neverFolderRule } from '../../rewrite/keep.ts'
import type { SitePath } from '../../words/model.ts'
import { codeOf } from '../../words/system-error.ts'
import { fileNameRule } from '../secrets/secret-names.ts'

/** Where a link leads in the end, links on the way resolved. */
export type LinkEnd =
  | { readonly kind: 'file' | 'folder' | 'outside'; readonly disk: string }
  | { readonly kind: 'never'; readonly rule: NeverRule }
  | { readonly kind: 'dangling' }
  | { readonly kind: 'unreadable' }

export interface Link {
  readonly root: string
  readonly disk: string
  /** Files of the root that the link's own name allows, although their kind is never uploaded. */
  readonly allowed: (target: SitePath) => boolean
}

/** A link is judged by what it leads to, and not by its own name alone: `env.txt -> .env` is the environment file. */
export function linkEnd({ root, disk, allowed }: Link): LinkEnd {
  try {
    const target = realpathSync(disk)
    if (!isInside(root, target)) return { kind: 'outside', disk: target }
    const kind = statSync(target).isDirectory() ? 'folder' : 'file'
    const path = relative(root, target).split(sep).join('/').normalize('NFC')
    const rule = kind === 'folder' ? neverFolderRule(path) : fileNameRule(path)
    return rule === undefined || allowed(path) ? { kind, disk: target } : { kind: 'never', rule }
  } catch (error) {
    return { kind: NOWHERE.has(codeOf(error)) ? 'dangling' : 'unreadable' }
  }
}

/** Errors of a dangling link; ELOOP is a cycle. */
const NOWHERE = new Set(['ENOENT', 'ELOOP', 'ENOTDIR'])

/** Whether `target` is `folder` or lies below it. Both absolute, links resolved. */
function isInside(folder: string, target: string): boolean {
  return target === folder || target.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}
