/** A cache in front of the store that is told which paths have changed. */
export interface Cdn {
  /** For people: `cloudfront:EDFDVBD6EXAMPLE`. */
  readonly label: string
  /**
   * Makes the CDN fetch these paths anew. Each is an absolute URL path on the site, percent-encoded:
   * `/about/index.html`. Duplicates count once; without paths nothing is sent. More than was asked for may be purged,
   * never less. A purge that failed may have reached some of the paths, and may be asked for again.
   *
   * Rejects with LadingError only: E_CDN, or the code of a credentials, permission or network failure.
   */
  purge(paths: readonly string[], options?: PurgeOptions): Promise<PurgeReceipt>
}

export interface PurgeOptions {
  readonly signal?: AbortSignal | undefined
}

export interface PurgeReceipt {
  /** Different paths that were asked for. */
  readonly asked: number
  /** Paths or addresses that were sent, wildcards counted as one. */
  readonly sent: number
  /** The CDN's ids of the purges, one per request. */
  readonly ids: readonly string[]
  /** Whether the call waited for the edge. */
  readonly waited: boolean
  /** Whether the CDN has said that all is done. */
  readonly completed: boolean
  /** Why the waiting ended without that, for people. */
  readonly pending?: string | undefined
}
