/**
 * What Lading does, each verb loaded by `import()` on its first call, so that neither importing `lading` nor another
 * command waits for it. The full documentation is at each implementation.
 */

/** `load` is called when the verb is. */
function late<V extends (...given: never[]) => Promise<unknown>>(load: () => Promise<V>): V {
  const verb = async (...given: Parameters<V>): Promise<unknown> => (await load())(...given)
  return verb as V // the same parameters and the same promise, which the compiler does not see through a type parameter
}

/**
 * scan -> hash -> plan -> upload -> publish -> invalidate. Whatever stops the run before the pointer has moved leaves
 * the live release live. With `planned` it carries out a plan that was saved before.
 * @throws E_PLAN, E_PLAN_STALE when that is not what would be done; another LadingError. Nothing is published then
 */
export const sync: typeof import('../sync.ts').sync = late(async () => (await import('../sync.ts')).sync)

/**
 * `sync`, and again whenever something in the folder has changed, until the signal fires.
 * @throws what no later run can mend, E_WATCH, and the signal's reason in the middle of a run
 */
export const watchSite: typeof import('./watch-site.ts').watchSite = late(
  async () => (await import('./watch-site.ts')).watchSite,
)

/**
 * scan -> hash -> plan, and no further: says what `sync` would do, and why. Changes neither the store nor the site; with
 * `saveTo` it writes the plan to a file.
 */
export const plan: typeof import('../sync.ts').plan = late(async () => (await import('../sync.ts')).plan)

/**
 * Explains one file of the site, by its path or by its key. Writes nothing.
 * @throws E_USAGE when the site has no such file
 */
export const explain: typeof import('./explain.ts').explain = late(async () => (await import('./explain.ts')).explain)

/**
 * Rewriting alone, without a store: the hashed copies go into a folder, with a list of what to upload under which key
 * and headers. Whatever stops the run before a page is written leaves all pages as they were.
 * @throws E_OUT when a folder holds what is not ours, E_WRITE, E_REF_UNKNOWN_KEY
 */
export const rewriteSite: typeof import('./rewrite-site.ts').rewriteSite = late(
  async () => (await import('./rewrite-site.ts')).rewriteSite,
)

/** All recorded releases, newest first. */
export const releases: typeof import('../history/releases.ts').releases = late(
  async () => (await import('../history/releases.ts')).releases,
)

/**
 * Puts a release back, assets before pages, through the same pipeline as a deploy. It becomes a new release.
 * @throws E_ROLLBACK when something of the release is no longer there; nothing was changed then
 * @throws E_CHANNEL when its own paths are another channel's by now
 */
export const rollback: typeof import('../history/rollback.ts').rollback = late(
  async () => (await import('../history/rollback.ts')).rollback,
)

/** The channels of a store, by name; ended ones as long as their releases are kept. */
export const channels: typeof import('../history/channels.ts').channels = late(
  async () => (await import('../history/channels.ts')).channels,
)

/**
 * Ends a channel: `prune` removes what only its releases name, after the usual time.
 * @throws E_CHANNEL when there is no such channel
 */
export const endChannel: typeof import('../history/channels.ts').endChannel = late(
  async () => (await import('../history/channels.ts')).endChannel,
)

/**
 * Removes what no kept release names and has not been named for a while: never a foreign object, never more than
 * `maxDelete` allows.
 * @throws E_MAX_DELETE, E_MANIFEST; nothing was removed then
 * @throws E_REMOVE when some objects could not be removed
 */
export const prune: typeof import('../history/prune.ts').prune = late(
  async () => (await import('../history/prune.ts')).prune,
)

/**
 * Takes a file down: every object that was made from it or holds the same bytes, in every version.
 * @throws E_USAGE when the store has no such object
 * @throws E_REMOVE when some could not be removed
 */
export const remove: typeof import('../history/remove.ts').remove = late(
  async () => (await import('../history/remove.ts')).remove,
)

/**
 * Releases the deploy of a dead run, so that the next run need not wait for its lease.
 * @throws E_LOCKED when its holder still gives signs of life, E_USAGE when it is not the unsettled deploy
 */
export const unlock: typeof import('../history/unlock.ts').unlock = late(
  async () => (await import('../history/unlock.ts')).unlock,
)

/**
 * Compares the store with what the last publish left there, and with what was rendered of images. Changes nothing.
 * @throws E_UNPUBLISHED when nothing was published or rendered there
 */
export const verify: typeof import('./verify.ts').verify = late(async () => (await import('./verify.ts')).verify)

/**
 * Follows every reference of a live site as a browser would. Emits a `finding` for whatever a visitor would stumble
 * over. Changes nothing, sends no cookies and no credentials.
 * @throws E_TIMEOUT, E_UNREACHABLE when the first page does not answer with 200
 */
export const verifyLive: typeof import('./verify-live.ts').verifyLive = late(
  async () => (await import('./verify-live.ts')).verifyLive,
)

/**
 * Reads access logs in bounded memory and adds up what each file was asked for, and what that costs. Keeps neither
 * addresses of visitors nor their user agents.
 * @throws E_LOGS when nothing could be read, E_PRICES, E_USAGE, E_WRITE
 */
export const trafficReport: typeof import('./traffic-report.ts').trafficReport = late(
  async () => (await import('./traffic-report.ts')).trafficReport,
)

/**
 * What a folder would cost at each provider, as `sync` would put it up. Asks no network and writes nothing but caches.
 * @throws E_USAGE for a tariff that is not there, E_PRICES, E_LOGS, and what `plan` throws of a site
 */
export const estimateSite: typeof import('./estimate.ts').estimateSite = late(
  async () => (await import('./estimate.ts')).estimateSite,
)

/**
 * Copies everything that was published to another store, its releases too. After an interruption a second run resumes;
 * a later run copies the difference.
 * @throws E_COPY when the other store holds another site, E_FOREIGN, E_INTEGRITY
 */
export const copy: typeof import('./copy.ts').copy = late(async () => (await import('./copy.ts')).copy)

/** Finds out what the stores of a configuration do, by writing a few objects below `.lading/` and removing them again. */
export const doctor: typeof import('./doctor.ts').doctor = late(async () => (await import('./doctor.ts')).doctor)

/**
 * CORS settings for the store, or for the CDN in front of it, so that other hosts may read. Makes no requests and
 * writes nothing.
 * @throws E_USAGE when the provider is not known, or an origin is none
 */
export const corsFor: typeof import('./policies.ts').corsFor = late(async () => (await import('./policies.ts')).corsFor)

/**
 * The edge function or configuration between visitors and the store. Makes no requests and writes nothing.
 * @throws E_USAGE when the provider is not known, E_PREFIX, E_TOO_LARGE
 */
export const edgeFor: typeof import('./policies.ts').edgeFor = late(async () => (await import('./policies.ts')).edgeFor)

/**
 * The IAM policy of whoever deploys. Makes no requests and writes nothing.
 * @throws E_USAGE when the provider is not known or is not AWS, E_PREFIX, E_TOO_LARGE
 */
export const iamFor: typeof import('./policies.ts').iamFor = late(async () => (await import('./policies.ts')).iamFor)

/**
 * A CloudFormation template with what a site needs of AWS, and the commands that make the stack. Makes no requests and
 * writes nothing.
 * @throws E_USAGE, E_PREFIX, E_TOO_LARGE
 */
export const siteStack: typeof import('./site-stack.ts').siteStack = late(
  async () => (await import('./site-stack.ts')).siteStack,
)

/**
 * Lays the site out as `plan` does and checks its policies. Writes nothing.
 * @throws E_USAGE where no reference moves; whatever `plan` throws
 */
export const cspAdvice: typeof import('./csp-advice.ts').cspAdvice = late(
  async () => (await import('./csp-advice.ts')).cspAdvice,
)

/**
 * find -> receipt, or render and put -> receipt -> manifest; what is there is not rendered again.
 * @throws E_MISSING_PACKAGE, E_ROOT_EMPTY, and what the stores throw; an image's failure is part of the result
 */
export const renderImages: typeof import('./render-images.ts').renderImages = late(
  async () => (await import('./render-images.ts')).renderImages,
)

/**
 * Makes the icons of a site from one picture: read -> draw, in a child that can be killed -> write, all or none. The same
 * source gives the same bytes.
 * @throws E_USAGE, E_URL, E_MISSING_PACKAGE, E_UNREADABLE, E_IMAGE_*, E_OUT, E_WRITE; nothing was written then
 */
export const makeFavicon: typeof import('./favicon.ts').makeFavicon = late(
  async () => (await import('./favicon.ts')).makeFavicon,
)

/**
 * Names the files of a folder as `sync` would, without a store: the same names on every machine.
 * @throws E_NAME_*, E_KEY_*, E_SYMLINK_ESCAPE, E_UNREADABLE
 */
export const layOut: typeof import('../build/name-files.ts').layOut = late(
  async () => (await import('../build/name-files.ts')).layOut,
)

/** Reads a build that a plugin has recorded, without a store. */
export const previewBuild: typeof import('../build/preview.ts').previewBuild = late(
  async () => (await import('../build/preview.ts')).previewBuild,
)

/**
 * Sends the assets of a build that a plugin has recorded, and notes them as sent; pages are left to `sync`.
 * @throws E_BUILD without a record; what `sync` throws
 */
export const uploadBuild: typeof import('../build/upload.ts').uploadBuild = late(
  async () => (await import('../build/upload.ts')).uploadBuild,
)

/** Writes the record of a build below its output, as a whole. */
export const writeBuildRecord: typeof import('../build/record.ts').writeBuildRecord = late(
  async () => (await import('../build/record.ts')).writeBuildRecord,
)

/**
 * Looks at the project of a folder that is to get a configuration. Changes nothing.
 * @throws E_CONFIG_EXISTS when it has one
 */
export const prepareConfig: typeof import('../config/prepare.ts').prepareConfig = late(
  async () => (await import('../config/prepare.ts')).prepareConfig,
)

/**
 * Writes a configuration where none is, as a whole, without what equals a default.
 * @throws E_CONFIG_EXISTS, E_WRITE
 */
export const writeConfig: typeof import('../config/write-config.ts').writeConfig = late(
  async () => (await import('../config/write-config.ts')).writeConfig,
)
