import type { SitePath } from '../../words/model.ts'
import type { LayoutWork } from '../layout-work.ts'
import { isEmitted, isNeverEdited } from '../rename.ts'
import type { Script } from './scripts.ts'

/** Below which folder a script looks for its neighbours: its own, or one above; empty is the site's root. */
export function lookupFolder({ file, scan }: Script): SitePath {
  return file.path
    .split('/')
    .slice(0, -1 - scan.climbs)
    .map((folder) => `${folder}/`)
    .join('')
}

/**
 * Whether a script works elsewhere only if its neighbours move along. Hashed files of a bundler keep their relative
 * places anyway, but no others do; emitted files without a hash are not edited, so they cannot be renamed one by one.
 */
export function needsNeighbours(work: LayoutWork, script: Script): boolean {
  if (isEmitted(work, script)) return script.scan.lookups !== undefined && !isAmongItsOwn(work, script)
  return script.scan.lookups !== undefined || (isNeverEdited(work, script) && namesOthers(script))
}

function isAmongItsOwn({ input, classes }: LayoutWork, script: Script): boolean {
  const folder = lookupFolder(script)
  return input.files.every(({ path }) => !path.startsWith(folder) || classes.get(path) === 'bundle')
}

const namesOthers = ({ references }: Script): boolean =>
  references.some(({ target, home }) => target !== undefined || home !== undefined)
