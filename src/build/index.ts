/**
 * What a plugin needs while a bundler builds: a few of the names of `src/index.ts`, so that a build does not wait for the
 * import of everything else. Every name, no code.
 */
export { loadConfig } from '../config/load.ts'
export { resolveConfig } from '../config/resolve.ts'
export { LadingError, printable } from '../errors.ts'
export { BUILD_RECORD_PATH } from '../plan/build-record.ts'
export { matcher } from '../plan/patterns.ts'
export { credentialMask, maskText } from '../site/secrets/mask-text.ts'
export { formatBytes, formatDuration, plural } from '../units.ts'
export { layOut } from './name-files.ts'
export { writeBuildRecord } from './record.ts'
