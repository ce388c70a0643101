/**
 * What a plugin needs while a bundler builds: a few of the names of `src/index.ts` and `src/rewrite/index.ts`.
 * Re-exports only, and no package, since every build waits for this import. What loads slowly is behind the other entry
 * points of this folder (`settle`, `documents`, `public-names`, `masks`), imported on demand.
 */

export { BUILD_RECORD_PATH } from '../plan/build-record.ts'
export { isPage, isRootBound, isWebManifest } from '../rewrite/keep.ts'
export { encodePath, urlOfKey } from '../rewrite/url.ts'
export { LadingError, printable } from '../words/errors.ts'
export { formatBytes, formatDuration, plural } from '../words/units.ts'
export { removeBuildRecord, writeBuildRecord } from './record.ts'
export { markServers, type ServerOutput, withServer } from './server-output.ts'
