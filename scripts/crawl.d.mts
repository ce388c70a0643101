/** An answer that the crawler met. */
export interface Fetched {
  readonly url: string
  readonly kind: string
  readonly type: string
  readonly bytes: number
}

export function crawl(page: string, hosts: readonly string[]): Promise<Fetched[]>
