/**
 * The public surface of Lading, every name listed. The command and the plugins use only what stands here, so whoever
 * builds on Lading has the same API. Withheld on purpose: the layout of the site, the adapters, the state's codecs.
 */
export { type LayOutOptions, layOut, type NamedFolder } from './build/name-files.ts'
export { uploadBuild, writeBuildRecord } from './build/upload.ts'
export { type ConfigRow, describeOption, listConfig, type OptionDescription } from './config/describe.ts'
export type {
  AllowedFinding,
  Delivery,
  HeaderRule,
  LadingConfig,
  ResolvedHeaderRule,
  SyncOptions,
  Target,
} from './config/interface.ts'
export {
  type ConfigExport,
  defineConfig,
  type LoadConfigOptions,
  type LoadedConfig,
  loadConfig,
} from './config/load.ts'
export { type ResolveContext, resolveConfig, resolveStore, type StoreOptions } from './config/resolve.ts'
export { CONFIG_KEYS } from './config/schema.ts'
export { parseTarget } from './config/target.ts'
export { ERROR_EXIT, type ErrorCode, type ErrorFacts, EXIT, LadingError, printable } from './errors.ts'
export type {
  Emit,
  ErrorEvent,
  FileEvent,
  FileOp,
  LadingEvent,
  Phase,
  PhaseEvent,
  ProgressEvent,
  RetryEvent,
  StartEvent,
  Summary,
  SummaryEvent,
  WarningCode,
  WarningEvent,
} from './events.ts'
export { type Explanation, explain } from './explain.ts'
export { type ReleaseInfo, releases } from './history.ts'
export type { Body, Digest, ETag, FileClass, HeaderSet, Key, Mode, PublicUrl, SitePath } from './model.ts'
export type { BuildRecord } from './plan/build-record.ts'
export { type Matcher, matcher } from './plan/patterns.ts'
export { type OpenStore, type OpenStoreOptions, openStore } from './providers.ts'
export type { Run } from './run.ts'
export type {
  GetOptions,
  ListedObject,
  RemoveFailure,
  Store,
  StoredObject,
  StoreFacts,
  StoreLimits,
  WriteCondition,
  WriteResult,
} from './store/store.ts'
export { plan, sync } from './sync.ts'
export {
  type ServeOptions,
  type Serving,
  type SiteParts,
  serveFolder,
  serveSite,
  serveStore,
} from './transfer/serve.ts'
export { closest, formatBytes, formatDuration, plural } from './units.ts'
export { VERSION } from './version.ts'
