/**
 * The public API of Lading, every name listed. The command and the plugins use nothing else, so whatever builds on
 * Lading can do the same. Not exported on purpose: the layout of the site, the adapters, the state's codecs.
 */

export type { Submitted } from './batch/batch.ts'
export type { FleetCount, WorkerCommand } from './batch/fleet.ts'
export type { Bundle, PackRequest } from './batch/pack/pack.ts'
export type { Estimate, WhatIf } from './batch/plan/estimate.ts'
export type { Lane } from './batch/plan/lanes.ts'
export type { Order } from './batch/plan/messages.ts'
export type { Spending } from './batch/plan/scale-account.ts'
export type { Held, SimulatedLane, Stretch } from './batch/plan/simulate/options.ts'
export type { Gauge } from './batch/queue.ts'
export type { TimeLeft } from './batch/receipts/progress.ts'
export type { BatchResult } from './batch/receipts/records.ts'
export type { Arch } from './batch/stack/fleet.ts'
export type { InstanceRecord } from './batch/verbs/control.ts'
export type { DeadLetter } from './batch/verbs/dead.ts'
export type { BatchFailure } from './batch/verbs/failures.ts'
export type { Monitor, Overview, SeenQueue } from './batch/verbs/monitor.ts'
export type { Trouble } from './batch/verbs/parts.ts'
export type { Repro, ReproRequest } from './batch/verbs/repro.ts'
export type { ScenarioBatch } from './batch/verbs/scenario.ts'
export type { SeenBatch } from './batch/verbs/sights.ts'
export type { StackOptions } from './batch/verbs/stack.ts'
export type { BatchStatus } from './batch/verbs/watch.ts'
export type { WorkRequest } from './batch/verbs/work.ts'
export type { WorkerEvent } from './batch/worker/events.ts'
export type { WorkerStats } from './batch/worker/helm.ts'
export type { LayOutOptions, NamedFolder } from './build/name-files.ts'
export type { BuildPreview, LocalBuild } from './build/preview.ts'
export { readBuildRecord } from './build/read-record.ts'
export type { UploadBuildOptions } from './build/upload.ts'
export type { ResolveContext } from './config/asked.ts'
export { type BatchOptions, type BatchPlaces, type QueuesPlace, resolveBatch } from './config/batch.ts'
export { type ConfigRow, describeOption, listConfig, type OptionDescription } from './config/describe.ts'
export { type DoctorOptions, resolveDoctor } from './config/doctor.ts'
export { type EstimateAsked, type EstimateOptions, resolveEstimate } from './config/estimate.ts'
export { type HistoryOptions, resolveHistory } from './config/history.ts'
export { type ImagesAsked, type ImagesOptions, resolveImages } from './config/images.ts'
export type {
  AllowedFinding,
  CompressRule,
  Delivery,
  HeaderRule,
  ImagesConfig,
  LadingConfig,
  PicturesConfig,
  ResolvedCompressRule,
  ResolvedHeaderRule,
  SyncOptions,
  Target,
} from './config/interface.ts'
export { CONFIG_KEYS } from './config/keys.ts'
export { type LiveAsked, resolveLive } from './config/live.ts'
export {
  type ConfigExport,
  defineConfig,
  type LoadConfigOptions,
  type LoadedConfig,
  loadConfig,
} from './config/load.ts'
export { maskAddress } from './config/mask.ts'
export { type PolicyOptions, resolvePolicy } from './config/policy.ts'
export type { Builder, Prepared } from './config/prepare.ts'
export { type ReportAsked, type ReportOptions, resolveReport } from './config/report.ts'
export { resolveConfig, resolveStore, type StoreOptions } from './config/resolve.ts'
export { type RewriteOptions, type RewriteRequest, resolveRewrite } from './config/rewrite.ts'
export { resolveSiteStack, type SiteStackOptions } from './config/stack.ts'
export { parseTarget } from './config/target.ts'
export type { NewConfig } from './config/write-config.ts'
export type { PlannedOptions, SavingOptions } from './draft/pin.ts'
export type { RepairOptions } from './draft/repair-options.ts'
export type { ChannelInfo, Ended, EndOptions } from './history/channels.ts'
export type { PruneOptions } from './history/prune.ts'
export type { ReleaseInfo } from './history/releases.ts'
export type { RemoveOptions } from './history/remove.ts'
export type { Removal } from './history/report.ts'
export type { RollbackOptions } from './history/rollback.ts'
export type { Unlocked, UnlockOptions } from './history/unlock.ts'
export { type ImageManifestFile, imageManifestFile } from './images/manifest-file.ts'
export { defineRecipe, type EncodingInput, type EncodingsInput, type RecipeInput } from './images/plan/define-recipe.ts'
export type { ImageLimits } from './images/plan/limits.ts'
export { type ImageManifest, parseImageManifest } from './images/plan/manifest.ts'
export type { Dropped, DropReason, FailureReceipt, Receipt, ReceiptSource, Variant } from './images/plan/receipt.ts'
export { type Encoding, type Encodings, type ImageFormat, type Recipe, recipeId } from './images/plan/recipe.ts'
export type { ImageTally } from './images/tally.ts'
export type { Run } from './line/run.ts'
export type { AssetList, ListedAsset } from './plan/asset-list.ts'
export { BUILD_RECORD_PATH, type BuildRecord } from './plan/build-record.ts'
export { type Matcher, matcher } from './plan/patterns.ts'
export type { PlannedChange, SavedPlan } from './plan/saved-plan.ts'
export { type CorsRequest, corsPolicy } from './policy/cors.ts'
export { type CspQuestion, type MissingSource, missingSources } from './policy/csp.ts'
export { type CspFinding, type CspPages, cspFindings, cspWarnings, type PageCsp } from './policy/csp-pages.ts'
export { type PolicyDocument, type PolicyProvider, PROVIDERS } from './policy/document.ts'
export { type EdgePart, type EdgeRequest, edgePolicy } from './policy/edge.ts'
export { type HostFile, type HostHeaders, readHostFiles } from './policy/host-headers.ts'
export { parseRedirects, type Redirect, type Redirects } from './policy/redirects.ts'
export { type OpenStore, type OpenStoreOptions, openStore } from './providers.ts'
export type { Bill, BillLine, BillPart } from './report/bill.ts'
export type { LogFormat } from './report/entry.ts'
export type { TrafficKind } from './report/kinds.ts'
export type { Stored } from './report/month.ts'
export type { PriceTier, RequestPrice, StorePrices, Tariff } from './report/prices.ts'
export type { Remark, RemarkKind } from './report/remarks.ts'
export type { RowKind } from './report/rows.ts'
export type {
  Assumed,
  FirstView,
  FirstViewFile,
  IconEstimate,
  LogBasis,
  ProviderBills,
  Range,
  SiteEstimate,
} from './report/site-estimate.ts'
export type { FilesTraffic, LocalFile, SiteJoin } from './report/site-join.ts'
export type { LineCounts, PricedRow, TariffCost, TrafficSummary } from './report/summary.ts'
export type { Traffic } from './report/table.ts'
export type { Visits } from './report/visits.ts'
export { countOf, formatCount, formatDollars, formatShare, periodText } from './report/words.ts'
export type { ReferenceUse } from './rewrite/reference.ts'
export { credentialMask, maskText } from './site/secrets/mask-text.ts'
export type { FolderWatch, WatchFolder } from './site/watch/folder-watch.ts'
export type {
  CopyOptions as CopyObjectOptions,
  GetOptions,
  ListedObject,
  ListOptions,
  ProbedFacts,
  ReheaderOptions,
  RemoveFailure,
  RemoveOptions as RemoveObjectsOptions,
  Store,
  StoredObject,
  StoreFacts,
  StoreLimits,
  WriteCondition,
  WriteResult,
} from './store/store.ts'
export type { Ask, PublicAnswer } from './transfer/ask.ts'
export type { Clock } from './transfer/lease.ts'
export {
  type ServeOptions,
  type Serving,
  type SiteParts,
  serveFolder,
  serveSite,
  serveStore,
  storeListener,
} from './transfer/serve.ts'
export type { ObjectSource } from './transfer/serve-object.ts'
export {
  type Batches,
  batchStack,
  type EstimateRequest,
  estimateBatch,
  openBatches,
  packWorker,
  readScenario,
  type SimulateRequest,
  type SimulationReport,
  type SubmitRequest,
  simulateBatches,
} from './verbs/batches.ts'
export type { Copied, CopyOptions } from './verbs/copy.ts'
export type { CspAdvice } from './verbs/csp-advice.ts'
export type { Diagnosis } from './verbs/doctor.ts'
export type { Explanation } from './verbs/explain.ts'
export type { FaviconOptions, FaviconResult } from './verbs/favicon.ts'
export type { CorsAsk, EdgeAsk, EdgeDocument, PolicyAsk } from './verbs/policies.ts'
export type { ImagesResult } from './verbs/render-images.ts'
export type { Rewritten } from './verbs/rewrite-site.ts'
export type { SiteStackAsk } from './verbs/site-stack.ts'
export type { TrafficReport } from './verbs/traffic-report.ts'
export {
  channels,
  copy,
  corsFor,
  cspAdvice,
  doctor,
  edgeFor,
  endChannel,
  estimateSite,
  explain,
  iamFor,
  layOut,
  makeFavicon,
  plan,
  prepareConfig,
  previewBuild,
  prune,
  releases,
  remove,
  renderImages,
  rewriteSite,
  rollback,
  siteStack,
  sync,
  trafficReport,
  unlock,
  uploadBuild,
  verify,
  verifyLive,
  watchSite,
  writeBuildRecord,
  writeConfig,
} from './verbs/verbs.ts'
export type { Verification, VerifyOptions } from './verbs/verify.ts'
export type { LiveOptions, LiveVerification } from './verbs/verify-live.ts'
export type { WatchRun } from './verbs/watch-site.ts'
export { VERSION } from './version.ts'
export type { PublicFacts } from './visitor/diagnose.ts'
export type { WatchedRun } from './watching/runs.ts'
export { ERROR_EXIT, type ErrorCode, type ErrorFacts, EXIT, LadingError, printable } from './words/errors.ts'
export type {
  DriftEvent,
  DriftKind,
  Emit,
  ErrorEvent,
  FileEvent,
  FileOp,
  FindingEvent,
  FindingKind,
  ImageEvent,
  LadingEvent,
  Phase,
  PhaseEvent,
  ProgressEvent,
  ReferenceEvent,
  RetryEvent,
  StartEvent,
  Summary,
  SummaryEvent,
  WaitEvent,
  WaitedEvent,
  WarningCode,
  WarningEvent,
  WatchEvent,
} from './words/events.ts'
export type { Body, Digest, ETag, FileClass, HeaderSet, Key, Mode, PublicUrl, SitePath } from './words/model.ts'
export { closest, formatBytes, formatDuration, plural, shellWord } from './words/units.ts'
