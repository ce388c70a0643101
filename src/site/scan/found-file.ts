import type { SitePath } from '../../words/model.ts'
import type { FileStamp, SiteFile } from '../file.ts'

export interface Found extends Pick<SiteFile, 'path' | 'written' | 'originOnly' | 'isAlias'> {
  /** The folder that it lies in; for a file that a link leads to, its own path on disk and in the site. */
  readonly folder: { readonly disk: string; readonly path: string }
  readonly stat: FileStamp
}

/** A file of a walk. A class with a getter, to save memory: there may be a hundred thousand of them. */
export class FoundFile implements SiteFile {
  readonly path: SitePath
  readonly written: string
  readonly dev: number
  readonly ino: number
  readonly size: number
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly originOnly: boolean
  readonly isAlias: boolean
  private readonly folder: Found['folder']

  constructor({ path, written, folder, stat, originOnly, isAlias }: Found) {
    this.path = path
    this.written = written
    this.dev = stat.dev
    this.ino = stat.ino
    this.size = stat.size
    this.mtimeMs = stat.mtimeMs
    this.ctimeMs = stat.ctimeMs
    this.originOnly = originOnly
    this.isAlias = isAlias
    this.folder = folder
  }

  /** Built on demand: stored, it would be the longest field. */
  get disk(): string {
    const { disk, path } = this.folder
    return path === '' ? `${disk}/${this.written}` : disk + this.written.slice(path.length)
  }
}
